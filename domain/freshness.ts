import { MINUTE_MS } from "./durations";

/** Whether devices are confirmed as often as the schedule of their connection promises. */

/** Days for which the share is recorded and shown. */
export const FRESHNESS_DAYS = 30;

/**
 * How long after a full sync its devices count as confirmed: the interval of the schedule and a tenth of it, because a
 * sync that begins on time ends some time later.
 */
export const promisedMs = (intervalMinutes: number): number => intervalMinutes * 1.1 * MINUTE_MS;
