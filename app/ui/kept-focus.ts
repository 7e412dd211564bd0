import { useEffect, useRef } from "react";

/**
 * If pressing the focused element removes it, moves the focus to the element that `find` returns, so that it does not
 * fall back to the top of the page. Returns the props for an element around both.
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
