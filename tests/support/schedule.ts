import { sql } from "drizzle-orm";

import type { Db } from "@db/client";
import { MINUTE_MS } from "@domain/durations";
import { offsetMinutes, type Schedule } from "@domain/schedule";
import type { SyncDeps } from "~/platform/ports";

/**
 * No schedule of any connection comes between what a test does: each is due in almost as long as its interval lasts. One
 * that were due later would be taken for a clock that was put back.
 */
export async function deferSchedules(db: Db): Promise<void> {
  await db.execute(sql`
    update rmm_integrations
    set next_full_sync_at = now() + interval '50 minutes', next_alerts_sync_at = now() + interval '14 minutes'`);
}

/**
 * What was promised: one run for each period of the schedule that the clock showed while the scheduler looked. Counted
 * without the code under test: a period that passed while nothing looked is not made up for, the one it came back in is.
 * A clock put back into an earlier period shows periods again, and those count again: whoever reads that clock expects
 * them.
 * @param looked the instants at which the scheduler looked, by the machine's clock
 */
export function promisedRuns(schedule: Schedule, looked: readonly number[]): number {
  const intervalMs = schedule.intervalMinutes * MINUTE_MS;
  const offset = offsetMinutes(schedule) * MINUTE_MS;
  let last = Math.floor((looked[0]! - offset) / intervalMs);
  let periods = 0;
  for (const at of looked) {
    const period = Math.floor((at - offset) / intervalMs);
    if (period > last) periods++;
    last = period;
  }
  return periods;
}

/**
 * The same for a function of every night, at a time of the place that the process is in: one run for each night that
 * the clock came into while it was looked at.
 */
export function promisedNights(time: { hour: number; minute: number }, looked: readonly number[]): number {
  const nightOf = (at: number) => {
    const local = new Date(at);
    const hasBegun = local.getHours() * 60 + local.getMinutes() >= time.hour * 60 + time.minute;
    return Date.UTC(local.getFullYear(), local.getMonth(), local.getDate() - (hasBegun ? 0 : 1));
  };
  let last = nightOf(looked[0]!);
  let nights = 0;
  for (const at of looked) {
    if (nightOf(at) > last) nights++;
    last = nightOf(at);
  }
  return nights;
}

/** What queues and closes runs: whoever schedules reads no account. */
export const depsWithoutReading = (
  given: Pick<SyncDeps, "db" | "clock" | "startedAt"> & Partial<SyncDeps>,
): SyncDeps => ({
  log: { debug() {}, info() {}, warn() {}, error() {} },
  transport: "inngest",
  hasProvider: () => Promise.resolve(true),
  openProvider: () => Promise.reject(new Error("nothing is read here")),
  nudge() {},
  ...given,
});
