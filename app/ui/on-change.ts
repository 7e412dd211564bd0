import { useEffect, useRef } from "react";

/** Calls `then` when a value has become another; not for the first. */
export function useOnChange(value: unknown, then: () => void): void {
  const before = useRef(value);
  useEffect(() => {
    if (Object.is(before.current, value)) return;
    before.current = value;
    then();
  });
}
