/**
 * Waits between attempts to deliver something, in minutes: nine attempts over exactly 24 hours, so that a receiver
 * that is away for a day still gets it. After the last attempt the delivery is dead until somebody sends it again.
 */
const waitsMinutes = [1, 5, 15, 60, 120, 240, 360, 639] as const;

export const MAX_ATTEMPTS = waitsMinutes.length + 1;

/** The error of an attempt whose outcome the database refuses to store: the message may have arrived. */
export const UNRECORDED = "the outcome of an attempt could not be recorded; the log says more";

/** Milliseconds; the longest wait between two attempts. */
export const LONGEST_WAIT_MS = Math.max(...waitsMinutes) * 60_000;

/** The longest rest of a receiver that is down, which makes about a hundred attempts a day. */
const LONGEST_REST_MINUTES = 15;
export const LONGEST_REST_MS = LONGEST_REST_MINUTES * 60_000;

/** Until when a receiver rests after this many attempts in a row without an answer. */
export function cooldownUntil(failures: number, now: Date): Date {
  const wait = Math.min(waitsMinutes[failures - 1] ?? LONGEST_REST_MINUTES, LONGEST_REST_MINUTES);
  return new Date(now.getTime() + wait * 60_000);
}

/** Milliseconds that an event waits for a receiver that is down. */
export const GIVE_UP_AFTER_MS = 24 * 60 * 60_000;

/** Whether this many attempts in a row, with the rests between them, have taken that long. */
export function isUnreachableForDay(failures: number): boolean {
  const start = new Date(0);
  let restedMs = 0;
  for (let n = 1; n < failures && restedMs < GIVE_UP_AFTER_MS; n++)
    restedMs += cooldownUntil(n, start).getTime();
  return restedMs >= GIVE_UP_AFTER_MS;
}

/** When a delivery is tried again after this many attempts; null after the last. */
export function nextAttemptAt(attempts: number, now: Date): Date | null {
  const wait = waitsMinutes[attempts - 1];
  return wait === undefined ? null : new Date(now.getTime() + wait * 60_000);
}
