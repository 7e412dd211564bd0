import { withTenant } from "@db/client";
import { updateIntegration } from "@db/queries/connections/connections";
import type { ConnectionRef } from "@domain/refs";
import { intervalLimits } from "@domain/schedule-limits";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";
import type { App } from "~/platform/app.server";

import { countOf, write } from "../../cli/output";
import type { ShiftedClock } from "./shifted-clock";
import type { SimulatorProcess } from "./simulator-process";

/** Device reads that a whole history may cost: it sets the number of syncs, so a large fleet gets fewer. */
const DEVICES_READ = 15_000;
const FEWEST_SYNCS = 4;
const MOST_SYNCS = 30;
const MINUTES_A_DAY = 24 * 60;
/** Interval of the schedule as a share of the time before the late sync: below 1, so the sync counts as overdue. */
const LATE_SHARE = 0.75;

/**
 * When the syncs of a history run, as days before today, oldest first and today last: daily if there are few days,
 * otherwise farther apart the older they are.
 */
export function syncDaysOf(days: number, devices: number): number[] {
  const syncs = Math.min(MOST_SYNCS, Math.max(FEWEST_SYNCS, Math.floor(DEVICES_READ / Math.max(1, devices))));
  const isDaily = syncs >= days;
  const count = isDaily ? days : syncs;
  const ago = Array.from({ length: count }, (_, n) => {
    const left = (count - 1 - n) / count;
    return Math.round(days * (isDaily ? left : left ** 2));
  });
  return [...new Set(ago)];
}

export interface History {
  days: number;
  devices: number;
  clock: ShiftedClock;
  simulator: SimulatorProcess;
}

/**
 * Plays the days up to today: advances the simulated account and runs a full sync and an alert sync on each sync day.
 * One of the last syncs comes late, as after an outage.
 * @returns the number of sync days
 */
export async function liveThrough(app: App, ref: ConnectionRef, history: History): Promise<number> {
  const { days, devices, clock, simulator } = history;
  const syncDays = syncDaysOf(days, devices);
  const lateAt = syncDays.findIndex((ago) => ago <= days / 5);
  let before = days;
  for (const [n, ago] of syncDays.entries()) {
    const passed = before - ago;
    before = ago;
    await simulator.control("days", { days: passed });
    if (ago === 0) await simulator.control("current", { days });
    clock.setDaysAgo(ago);
    await setInterval(app, ref, passed * MINUTES_A_DAY * (n === lateAt ? LATE_SHARE : 1));
    for (const type of ["full", "alerts"] as const) await sync(app, ref, type);
  }
  await setInterval(app, ref, intervalLimits.full.default);
  write(`${countOf(days, "day")} of history: ${countOf(syncDays.length, "sync")}`);
  return syncDays.length;
}

const setInterval = (app: App, { tenantId, connectionId }: ConnectionRef, minutes: number) =>
  withTenant(app.db, tenantId, (tx) =>
    updateIntegration(tx, tenantId, connectionId, { fullSyncIntervalMinutes: minutes }),
  );

/** Runs the sync in this process, because the runner's clock is the machine's and not the shifted one. */
async function sync(app: App, ref: ConnectionRef, type: "full" | "alerts"): Promise<void> {
  const deps = { ...app.sync, transport: "direct" as const };
  const outcome = await requestSync(deps, { ...ref, type, trigger: "schedule", actor: "schedule" });
  if (outcome.state !== "queued") throw new Error(`${type} sync: ${outcome.state}`);
  await runDirect(deps, { tenantId: ref.tenantId, runId: outcome.run.id });
}
