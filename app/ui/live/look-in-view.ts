/** Milliseconds between two looks at least. */
const REST_MS = 500;

export interface Looking {
  /** Looks as soon as the rest since the last look is over; call it when something has changed. */
  lookSoon(): void;
  stop(): void;
}

/**
 * Calls `look` after `firstMs` and then repeatedly while the page is visible, and at once when it becomes visible
 * again. Rests after each look for at least as long as the look took, so that a page spends at most half of the time on
 * loading.
 * @param look must never reject; its signal aborts once nobody needs the result
 */
export function lookInView(firstMs: number, look: (signal: AbortSignal) => Promise<void>): Looking {
  const end = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isLooking = false;
  let hasChanged = false;
  let restsUntil = 0;
  const lookNow = () => {
    if (isLooking || end.signal.aborted || document.visibilityState !== "visible") return;
    clearTimeout(timer);
    isLooking = true;
    hasChanged = false;
    const begunAt = performance.now();
    void look(end.signal).then(() => {
      isLooking = false;
      const endedAt = performance.now();
      const restMs = Math.max(REST_MS, endedAt - begunAt);
      restsUntil = endedAt + restMs;
      if (!end.signal.aborted) timer = setTimeout(lookNow, hasChanged ? restMs : Math.max(firstMs, restMs));
    });
  };
  timer = setTimeout(lookNow, firstMs);
  document.addEventListener("visibilitychange", lookNow);
  return {
    lookSoon() {
      hasChanged = true;
      if (isLooking) return;
      clearTimeout(timer);
      timer = setTimeout(lookNow, Math.max(0, restsUntil - performance.now()));
    },
    stop() {
      end.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", lookNow);
    },
  };
}
