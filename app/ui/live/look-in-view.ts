/** A look that was of no use is not repeated sooner, however soon the first was to be. */
const AGAIN_MS = 1000;

/**
 * Calls `look` after `firstMs` and then repeatedly while the page is visible, and at once when it becomes visible
 * again.
 * @param look must never reject; its signal aborts once the result is no longer needed
 * @returns a function that stops it
 */
export function lookInView(firstMs: number, look: (signal: AbortSignal) => Promise<void>): () => void {
  const end = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isLooking = false;
  const lookNow = () => {
    if (isLooking || document.visibilityState !== "visible") return;
    clearTimeout(timer);
    isLooking = true;
    void look(end.signal).then(() => {
      isLooking = false;
      if (!end.signal.aborted) timer = setTimeout(lookNow, Math.max(firstMs, AGAIN_MS));
    });
  };
  timer = setTimeout(lookNow, firstMs);
  document.addEventListener("visibilitychange", lookNow);
  return () => {
    end.abort();
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", lookNow);
  };
}
