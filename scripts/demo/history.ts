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

/** So many devices are read, and so many syncs run, for the whole of a history, however large the fleet. */
const DEVICES_READ = 30_000;
const MOST_SYNCS = 30;
const LONGEST_STEP = 7;
const MINUTES_A_DAY = 24 * 60;

/** How many days pass from one sync of the history to the next. */
const stepOf = (days: number, devices: number): number =>
  Math.min(
    LONGEST_STEP,
    Math.max(1, Math.ceil(days / MOST_SYNCS), Math.ceil((days * devices) / DEVICES_READ)),
  );

export interface History {
  days: number;
  devices: number;
  clock: ShiftedClock;
  simulator: SimulatorProcess;
}

/**
 * Lets the days until today pass: in the simulated account things happen, and the syncs of the schedule, here a day or
 * some apart, keep what they find. One sync is a day late, as after an outage.
 * @returns how many syncs there were
 */
export async function liveThrough(app: App, ref: ConnectionRef, history: History): Promise<number> {
  const { days, devices, clock, simulator } = history;
  const step = stepOf(days, devices);
  await setInterval(app, ref, step * MINUTES_A_DAY);
  const lateAt = Math.floor(days / step / 5);
  let syncs = 0;
  for (let left = days; left > 0;) {
    const passed = Math.min(left, step + (Math.floor(left / step) === lateAt ? 1 : 0));
    left -= passed;
    await simulator.control("days", { days: passed });
    if (left === 0) await simulator.control("current", { days });
    clock.setDaysAgo(left);
    for (const type of ["full", "alerts"] as const) await sync(app, ref, type);
    syncs += 1;
  }
  await setInterval(app, ref, intervalLimits.full.default);
  write(`${countOf(days, "day")} of history: ${countOf(syncs, "sync")}, ${countOf(step, "day")} apart`);
  return syncs;
}

const setInterval = (app: App, { tenantId, connectionId }: ConnectionRef, minutes: number) =>
  withTenant(app.db, tenantId, (tx) =>
    updateIntegration(tx, tenantId, connectionId, { fullSyncIntervalMinutes: minutes }),
  );

/** In this process: what the days brought is no work of the runner's, whose clock is the machine's. */
async function sync(app: App, ref: ConnectionRef, type: "full" | "alerts"): Promise<void> {
  const deps = { ...app.sync, transport: "direct" as const };
  const outcome = await requestSync(deps, { ...ref, type, trigger: "schedule", actor: "schedule" });
  if (outcome.state !== "queued") throw new Error(`${type} sync: ${outcome.state}`);
  await runDirect(deps, { tenantId: ref.tenantId, runId: outcome.run.id });
}
