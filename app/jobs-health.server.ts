/** Milliseconds to wait for the server's answer: the watchdog that asks waits no longer. */
const TIMEOUT_MS = 2_000;
const KEEP_MS = 10_000;

/**
 * A check whether an Inngest server answers with anything but a 5xx, which may also be a proxy's. Keeps each result for
 * ten seconds for all callers, because watchdogs ask more often than the server should be asked.
 */
export function createServerCheck(
  url: string,
  { ask = fetch, now = () => performance.now() }: { ask?: typeof fetch; now?: () => number } = {},
): () => Promise<boolean> {
  let last: { at: number; answers: Promise<boolean> } | undefined;
  const look = async () => {
    try {
      const response = await ask(url, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
      await response.body?.cancel();
      return response.status < 500;
    } catch {
      return false;
    }
  };
  return () => {
    if (last === undefined || now() - last.at > KEEP_MS) last = { at: now(), answers: look() };
    return last.answers;
  };
}
