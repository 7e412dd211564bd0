import { useEffect, useRef } from "react";

/** Asks before the page is closed or reloaded. Returns a function that leaves without the question. */
export function useWarnBeforeLeaving(active: boolean): (to: string) => void {
  const isAsked = useRef(true);
  useEffect(() => {
    if (!active) return;
    const warn = (event: BeforeUnloadEvent) => isAsked.current && event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [active]);
  return (to) => {
    isAsked.current = false;
    location.assign(to);
  };
}
