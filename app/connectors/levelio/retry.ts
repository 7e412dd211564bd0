export interface BackoffOptions {
  /** The ceiling of the first wait, in ms; it doubles with each attempt. */
  baseMs: number;
  capMs: number;
}

/**
 * Exponential back-off with full jitter, in ms: anything from 0 to the ceiling, so that callers who failed
 * together do not come back together. `attempt` counts from 1; `random` gives 0 ≤ x < 1.
 */
export function backoffMs(attempt: number, random: () => number, { baseMs, capMs }: BackoffOptions): number {
  return Math.round(random() * Math.min(capMs, baseMs * 2 ** (attempt - 1)));
}
