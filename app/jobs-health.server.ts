/** A watchdog waits no longer, and asks more often than this server wants to be asked. */
const TIMEOUT_MS = 2_000;
const KEEP_MS = 10_000;

/**
 * Asks whether an Inngest server answers anything but a 5xx, its own or a proxy's. The result holds for ten seconds,
 * for all callers.
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
