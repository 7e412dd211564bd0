import type { ScheduledKind } from "./schedule-limits";

/** What the schedules of a connection take of the calls that the RMM allows. */

const DAY_MINUTES = 24 * 60;

/** A schedule, and what its runs took so far. */
interface ScheduleCost {
  kind: ScheduledKind;
  intervalMinutes: number;
  isOn: boolean;
  /** Calls of one run, on average over the last; null before the first. */
  callsPerRun: number | null;
}

/**
 * How many calls a day the schedules make. Calls that people, webhooks and retries cause come on top.
 * @param known calls a day that need no run to judge by
 * @returns null while a schedule that is on has no run to judge by
 */
export function forecastCalls(schedules: readonly ScheduleCost[], known = 0): number | null {
  let calls = known;
  for (const { isOn, callsPerRun, intervalMinutes } of schedules) {
    if (!isOn) continue;
    if (callsPerRun === null) return null;
    calls += (callsPerRun * DAY_MINUTES) / intervalMinutes;
  }
  return Math.round(calls);
}
