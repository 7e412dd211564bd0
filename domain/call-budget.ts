import type { ScheduledKind } from "./schedule-limits";

/** The calls to the RMM that a connection's schedules make. */

const DAY_MINUTES = 24 * 60;

/** A schedule, and the calls that its runs have made. */
interface ScheduleCost {
  kind: ScheduledKind;
  intervalMinutes: number;
  isOn: boolean;
  /** Calls per run, averaged over the last runs; null before the first. */
  callsPerRun: number | null;
}

/**
 * How many calls a day the schedules make, without those that people, webhooks and retries cause.
 * @param known calls a day that are known without a run
 * @returns null while an active schedule has no run to estimate from
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
