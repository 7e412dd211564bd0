import { sql } from "drizzle-orm";

import type { Db } from "@db/client";
import { MINUTE_MS } from "@domain/durations";
import { offsetMinutes, type Schedule } from "@domain/schedule";
import type { SyncDeps } from "~/platform/ports";

/**
 * Keeps schedules from running during a test: each is due almost a whole interval from now. A later time would look as
 * if the clock had been set back.
 */
export async function deferSchedules(db: Db): Promise<void> {
  await db.execute(sql`
    update rmm_integrations
    set next_full_sync_at = now() + interval '50 minutes', next_alerts_sync_at = now() + interval '14 minutes'`);
}

/**
 * The number of runs promised: one for each period of the schedule that the clock showed while the scheduler looked.
 * Computed without the code under test. A period that passed while nothing looked is not made up for; the period in
 * which looking resumed is. A clock set back into an earlier period shows periods again, and those count again, as a
 * reader of that clock expects.
 * @param looked instants at which the scheduler looked, by the machine's clock
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
 * The same for a nightly function, at a local time of the process: one run for each night that the clock entered while
 * the scheduler looked.
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

/** Dependencies for code that only queues and closes runs: a scheduler reads no account. */
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
