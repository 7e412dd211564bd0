/**
 * Durations in milliseconds. A day is 24 hours, even if a clock change makes it longer or shorter: see wall-clock.ts.
 */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
