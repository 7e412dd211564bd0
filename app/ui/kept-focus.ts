import { useEffect, useRef } from "react";

/**
 * Where what has the focus goes away at its own press, the focus goes to what `find` names, and not to the top of the page.
 * Returns what the element around both listens with.
 */
export function useKeptFocus<Area extends HTMLElement>(find: (area: Area) => HTMLElement | null) {
  const area = useRef<Area>(null);
  const isWithin = useRef(false);
  useEffect(() => {
    if (!isWithin.current || area.current === null || document.activeElement !== document.body) return;
    find(area.current)?.focus();
  });
  return {
    ref: area,
    onFocus: () => void (isWithin.current = true),
    onBlur: () => void (isWithin.current = false),
  };
}
