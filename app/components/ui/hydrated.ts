import { useEffect, useRef, useState } from "react";

/** True in a browser from the moment on that scripts have taken the first page over. */
let isHydrated = false;

/** Whether scripts are at work: not on the server, and not in the first paint of a page that came from there. */
export function useHydrated(): boolean {
  const [is, setIs] = useState(isHydrated);
  useEffect(() => {
    isHydrated = true;
    setIs(true);
  }, []);
  return is;
}

/** Whether this came with the page, as it does without scripts: somebody may have begun to fill it in. */
export function useCameWithPage(): boolean {
  const [came] = useState(!isHydrated);
  useEffect(() => {
    isHydrated = true;
  }, []);
  return came;
}

/** Calls `then` when a value has become another; not for the first. */
export function useOnChange(value: unknown, then: () => void): void {
  const before = useRef(value);
  useEffect(() => {
    if (Object.is(before.current, value)) return;
    before.current = value;
    then();
  });
}
