/** Milliseconds; more than two clocks differ and an answer takes. */
const CLOCK_SLACK_MS = 5 * 60_000;

/**
 * The latest plausible instant. A later one came from a clock that was ahead and may be of any time, so it counts as
 * older than all others. Otherwise its record would be the newest until that time has come.
 */
export const latestCredibleInstant = (now: Date): Date => new Date(now.getTime() + CLOCK_SLACK_MS);

const OLDEST_MS = 0;

/** The instant; or the oldest possible one if it is implausible. */
export const clampFutureMs = (ms: number, now: Date): number =>
  ms > latestCredibleInstant(now).getTime() ? OLDEST_MS : ms;

/** Whether the first instant is older than the second. */
export const isOlder = (aMs: number, bMs: number, now: Date): boolean =>
  clampFutureMs(aMs, now) < clampFutureMs(bMs, now);
