import { afterEach, expect, it } from "vitest";

import { updateIntegration } from "@db/queries/connections/connections";
import { withTenant } from "@db/client";
import { readCallBudget } from "~/features/connections/call-budget.server";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";

import type { SyncWorld } from "../../support/sync";
import { createMappedWorld } from "../../support/synced-world";

const HOUR = 3_600_000;
/** Hours between two runs of each kind. */
const EVERY = { full: 4, alerts: 1 };

let world: SyncWorld;
afterEach(() => world.close());

async function runScheduled(type: "full" | "alerts"): Promise<void> {
  const { deps, tenantId, connectionId } = world;
  const request = { tenantId, connectionId, type, trigger: "schedule", actor: "schedule" } as const;
  const asked = await requestSync(deps, { ...request, activeOnly: type === "alerts" });
  if (asked.state !== "queued") throw new Error(asked.state);
  await runDirect(deps, { tenantId, runId: asked.run.id });
}

it("the calls that Level counts in a day are those that were forecast for the schedules, within a tenth", async () => {
  world = await createMappedWorld({ devices: 250, updatesPerDevice: 2, alerts: 30, seed: 11 });
  const { deps, tenantId, connectionId, simulator } = world;
  await withTenant(deps.db, tenantId, (tx) =>
    updateIntegration(tx, tenantId, connectionId, {
      fullSyncEnabled: true,
      fullSyncIntervalMinutes: EVERY.full * 60,
      alertsSyncIntervalMinutes: EVERY.alerts * 60,
    }),
  );
  const budget = async () => (await readCallBudget(deps, { tenantId, connectionId }))!;
  expect(await budget()).toMatchObject({ forecast: null, scheduledCalls: 0, slowedRuns: 0 });
  const start = Date.now();
  simulator.stats.reset();
  let forecast: number | null = null;
  for (let hour = 0; hour < 24; hour++) {
    world.setNow(new Date(start + hour * HOUR));
    if (hour % EVERY.full === 0) await runScheduled("full");
    await runScheduled("alerts");
    if (hour === EVERY.full) forecast = (await budget()).forecast;
  }
  const counted = simulator.stats.requests;
  expect(counted).toBeGreaterThan(50);
  expect(Math.abs(forecast! - counted)).toBeLessThan(counted / 10);
  const { scheduledCalls, otherCalls, inFlight } = await budget();
  expect(scheduledCalls).toBe(counted);
  expect({ inFlight, otherCalls }).toMatchObject({ inFlight: 0 });
});

it("counts how often Level answered that there were too many requests, and what the waiting cost", async () => {
  world = await createMappedWorld({ devices: 250, updatesPerDevice: 0, alerts: 0, seed: 11 });
  const { deps, tenantId, connectionId, simulator } = world;
  simulator.stats.reset();
  simulator.faults.add({ kind: "rate_limit", retryAfter: 1, resource: "devices", times: 3 });
  await world.sync("full");
  expect(simulator.stats.rateLimited).toBe(3);
  expect(await readCallBudget(deps, { tenantId, connectionId })).toMatchObject({
    rateLimits: 3,
    slowedRuns: 1,
  });
});
