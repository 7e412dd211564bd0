import { sql } from "drizzle-orm";
import { afterEach, expect, it } from "vitest";

import { updateIntegration } from "@db/queries/connections/connections";
import { queryRows, withTenant } from "@db/client";
import { readCallBudget } from "~/features/connections/call-budget.server";
import { testConnection } from "~/features/connections/check-setup.server";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";

import { TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { readAll, readEvery } from "../../support/custom-fields";
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

it("the calls that Level counts in a day match the forecast for the schedules within a tenth", async () => {
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

it("the forecast holds as well with custom fields read daily and with four requests in flight", async () => {
  world = await createMappedWorld({
    devices: 250,
    updatesPerDevice: 2,
    alerts: 30,
    seed: 11,
    requestsInFlight: 4,
  });
  const { deps, tenantId, connectionId, simulator } = world;
  const start = Date.now();
  await withTenant(deps.db, tenantId, (tx) =>
    updateIntegration(tx, tenantId, connectionId, {
      fullSyncEnabled: true,
      fullSyncIntervalMinutes: 6 * 60,
      alertsSyncIntervalMinutes: 120,
    }),
  );
  const budget = async () => (await readCallBudget(deps, { tenantId, connectionId }))!;
  // Forecast data for the schedules: the first runs of a day, one walk and one read in segments.
  for (const hour of [-8, -4]) {
    world.setNow(new Date(start + hour * HOUR));
    await runScheduled("full");
    await runScheduled("alerts");
  }
  world.setNow(new Date(start));
  await readEvery(world, "daily");
  const { forecast } = await budget();
  simulator.stats.reset();
  for (let hour = 0; hour < 24; hour += 2) {
    world.setNow(new Date(start + hour * HOUR));
    if (hour % 6 === 0) await runScheduled("full");
    await runScheduled("alerts");
    if (hour === 2) expect((await readAll(world)).state).toBe("done");
  }
  const counted = simulator.stats.requests;
  expect(counted).toBeGreaterThan(250);
  expect(Math.abs(forecast! - counted)).toBeLessThan(counted / 10);
  expect((await budget()).scheduledCalls).toBe(counted);
});

it("counts how often Level answered 429, and the time lost by waiting", async () => {
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

it("counts calls that people cause outside of a sync, and forgets them after the month it shows", async () => {
  world = await createMappedWorld({ devices: 3, updatesPerDevice: 0, alerts: 1, seed: 11 });
  const { deps, tenantId, connectionId, simulator } = world;
  const budget = async () => (await readCallBudget(deps, { tenantId, connectionId }))!;
  const { otherCalls, rateLimits } = await budget();
  simulator.stats.reset();
  simulator.faults.add({ kind: "rate_limit", retryAfter: 1, resource: "groups", times: 1 });
  expect(await testConnection(deps, { tenantId, connectionId }, TEST_ACTOR)).toMatchObject({ state: "ok" });
  expect(simulator.stats.requests).toBe(2);
  expect(await budget()).toMatchObject({ otherCalls: otherCalls + 2, rateLimits: rateLimits + 1 });
  world.setNow(new Date(Date.now() + 32 * 24 * HOUR));
  expect(await budget()).toMatchObject({ otherCalls: 0, rateLimits: 0 });
  await testConnection(deps, { tenantId, connectionId }, TEST_ACTOR);
  const hours = await queryRows<{ requests: number }>(
    world.database.db,
    sql`select requests from connection_calls where tenant_id = ${tenantId}`,
  );
  expect(hours).toEqual([{ requests: 1 }]);
});
