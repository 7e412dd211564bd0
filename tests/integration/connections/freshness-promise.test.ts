import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { samplePromises } from "~/features/connection-health/freshness-promise";
import { changeSettings } from "~/features/connections/connection-settings.server";
import { readPromise } from "~/features/connections/freshness-promise.server";
import { createMetrics } from "~/platform/metrics.server";
import { pruneOldFreshness } from "~/features/sync-runs/prune";

import { createTenant, createUser } from "../../support/factories";
import { countAllStatements } from "../../support/statements";
import { createSyncWorld, TEST_ACTOR, type SyncWorld } from "../../support/sync";

let world: SyncWorld;

const at = (time: string) => new Date(`2026-11-${time}:00Z`);

beforeEach(async () => {
  world = await createSyncWorld({ devices: 20, updatesPerDevice: 0, alerts: 0, seed: 5 });
  await createUser(world.database.db, {
    tenantId: world.tenantId,
    email: "owner@example.com",
    passwordHash: "set",
  });
  world.setNow(at("10T11:00"));
  await world.sync("organizations");
  await world.mapAll();
});
afterEach(() => world.close());

async function fullSyncAt(time: string): Promise<void> {
  world.setNow(at(time));
  expect((await world.sync("full")).status).toBe("completed");
}

async function lookAt(time: string): Promise<void> {
  world.setNow(at(time));
  await samplePromises(world.deps);
}

const promise = () => readPromise(world.deps, { tenantId: world.tenantId, connectionId: world.connectionId });

/** The notices and events sent, in order; the two always agree. */
async function told(): Promise<string[]> {
  const letters = await queryRows<{ kind: string; subject: string }>(
    world.deps.db,
    sql`select kind, subject from notifications where kind like 'freshness%' order by id`,
  );
  const events = await queryRows<{ kind: string }>(
    world.deps.db,
    sql`select data->>'kind' as kind from rmm_events where name like 'RMM\_FRESHNESS\_%' order by id`,
  );
  expect(events.map(({ kind }) => kind)).toEqual(letters.map(({ kind }) => kind));
  return letters.map(({ subject }) => subject);
}

const BROKEN = "Level: devices are not confirmed in time";
const KEPT = "Level: devices are confirmed in time again";

it("sends one notice when devices are not confirmed in time, one when they are again, and shows the used budget", async () => {
  await fullSyncAt("10T12:00");
  await lookAt("10T12:05");
  await lookAt("10T13:55");
  expect(await promise()).toMatchObject({ percent: 95, hours: 2, used: 0, brokenSince: null });
  expect(await told()).toEqual([]);
  // The syncs stop.
  await lookAt("10T14:05");
  await lookAt("10T14:10");
  expect(await told()).toEqual([BROKEN]);
  expect((await promise())!.brokenSince).toEqual(at("10T14:05"));
  await fullSyncAt("10T14:12");
  await lookAt("10T14:15");
  expect(await told()).toEqual([BROKEN]);
  await fullSyncAt("10T15:30");
  await lookAt("10T16:15");
  await lookAt("10T16:20");
  expect(await told()).toEqual([BROKEN, KEPT]);
  const { used, brokenSince, days } = (await promise())!;
  expect(brokenSince).toBeNull();
  // 2 of 52 samples were late; the promise allows a twentieth.
  expect(used).toBeCloseTo(2 / (52 * 0.05));
  expect(days.at(-20)).toEqual({ day: "2026-10-22", kept: null });
  expect(days.find(({ day }) => day === "2026-11-10")!.kept).toBeCloseTo(50 / 52);
});

it("fills in missed samples from the syncs that ran meanwhile", async () => {
  await fullSyncAt("10T12:00");
  await lookAt("10T12:05");
  await fullSyncAt("10T13:30");
  await fullSyncAt("10T15:00");
  await lookAt("10T16:00");
  expect(await promise()).toMatchObject({ used: 0 });
  const samples = await queryRows<{ samples: number }>(
    world.deps.db,
    sql`select samples from freshness_promise_days`,
  );
  expect(samples).toEqual([{ samples: 48 }]);
  expect(await told()).toEqual([]);
});

it("counts devices that were read one by one since the last full sync", async () => {
  await fullSyncAt("10T12:00");
  const ids = await queryRows<{ id: string }>(
    world.deps.db,
    sql`select external_id as id from tenant_external_entity_mappings where external_type = 'device' order by 1 limit 2`,
  );
  world.setNow(at("10T14:30"));
  world.simulator.account.patchDevice(ids[0]!.id, { hostname: "RENAMED" });
  for (const { id } of ids) expect((await world.sync("device", id)).status).toBe("completed");
  await lookAt("10T14:35");
  const [{ missed }] = (await queryRows<{ missed: number }>(
    world.deps.db,
    sql`select missed from freshness_promise_days`,
  )) as [{ missed: number }];
  expect(missed).toBeCloseTo(18 / 20);
});

it("promises nothing while it is off, and starts over afterwards", async () => {
  await fullSyncAt("10T12:00");
  await lookAt("10T12:05");
  const ref = { tenantId: world.tenantId, connectionId: world.connectionId };
  const set = (promisedPercent: number | null, promisedHours: number | null = null) =>
    changeSettings(world.deps, ref, { promisedPercent, promisedHours }, TEST_ACTOR);
  expect(await set(null)).toEqual({ state: "saved", changed: ["promisedPercent"] });
  await lookAt("10T20:00");
  expect(await promise()).toMatchObject({ percent: null, used: null });
  expect(await told()).toEqual([]);
  expect(await set(100)).toEqual({ state: "promise_out_of_range" });
  expect(await set(90, 0)).toEqual({ state: "promise_out_of_range" });
  expect(await set(90, 12)).toEqual({ state: "saved", changed: ["promisedPercent", "promisedHours"] });
  await lookAt("10T20:05");
  expect(await promise()).toMatchObject({ percent: 90, hours: 12, used: 0, brokenSince: null });
});

it("is in the metrics, costs the same for many companies, and keeps 90 days", async () => {
  await fullSyncAt("10T12:00");
  await lookAt("10T14:05");
  const text = await createMetrics().read({ db: world.database.db, now: at("10T14:05"), isLeader: true });
  expect(text).toContain(`plumbline_freshness_broken{integration="${world.connectionId}"} 1`);
  expect(text).toContain(`plumbline_freshness_budget_used_ratio{integration="${world.connectionId}"} 20`);
  const before = await countAllStatements(world.deps.db, () => lookAt("10T14:10"));
  await createTenant(world.deps.db);
  const after = await countAllStatements(world.deps.db, () => lookAt("10T14:15"));
  expect(after - before).toBeLessThanOrEqual(6);
  world.setNow(new Date(at("10T12:00").getTime() + 92 * 86_400_000));
  await pruneOldFreshness(world.deps);
  expect(await queryRows(world.deps.db, sql`select 1 from freshness_promise_days`)).toEqual([]);
});
