import { useEffect, useRef } from "react";

/** Calls `then` when the value differs from the one of the previous render; not for the first value. */
export function useOnChange(value: unknown, then: () => void): void {
  const before = useRef(value);
  useEffect(() => {
    if (Object.is(before.current, value)) return;
    before.current = value;
    then();
  });
}
