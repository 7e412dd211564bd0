import { isRmmError, RmmError } from "./rmm-error";

/** Milliseconds after which a call's retries and waits end, because a person and a proxy wait for the answer. */
const BOUND_MS = 15_000;

/**
 * Runs a call to the RMM with a deadline.
 * @throws RmmError `unreachable` if it takes longer
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
