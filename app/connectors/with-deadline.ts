import { isRmmError, RmmError } from "./rmm-error";

/** A person waits for the answer, and a proxy before us not much longer: retries and waits of a call end here. */
const BOUND_MS = 15_000;

/**
 * Runs a look at the RMM with a bound on its time.
 * @throws RmmError `unreachable` when it takes longer
 */
export async function withDeadline<T>(look: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(() => controller.abort(), BOUND_MS);
  const tooLate = new Promise<never>((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }),
  );
  try {
    return await Promise.race([look(signal), tooLate]);
  } catch (error) {
    if (!signal.aborted || isRmmError(error)) throw error;
    throw new RmmError({
      code: "unreachable",
      message: `no answer within ${BOUND_MS} ms, retries and waits included`,
      userMessage: `No answer within ${BOUND_MS / 1000} seconds.`,
      hint: "The RMM is slow, asks to wait, or cannot be reached from this machine. Try again in a minute.",
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}
