import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { readFreshness } from "@db/queries/overview/freshness";
import { pruneOldFreshness } from "~/features/sync-runs/prune";

import { countAllStatements } from "../../support/statements";
import { createSyncWorld, type SyncWorld } from "../../support/sync";

let world: SyncWorld;

const at = (time: string) => new Date(`2026-11-${time}:00Z`);

beforeEach(async () => {
  world = await createSyncWorld({ devices: 30, seed: 5 });
  world.setNow(at("10T00:00"));
  await world.sync("organizations");
  await world.mapAll();
});
afterEach(() => world.close());

async function fullSyncAt(time: string): Promise<void> {
  world.setNow(at(time));
  expect((await world.sync("full")).status).toBe("completed");
}

const rows = (time: string) =>
  withTenant(world.deps.db, world.tenantId, (tx) => readFreshness(tx, world.tenantId, at(time)));

/** The share of each day, in percent. */
const shares = async (time: string) =>
  Object.fromEntries(
    (await rows(time))
      .filter(({ day }) => day !== null)
      .map(({ day, share }) => [day, Math.round(share * 100)]),
  );

it("counts devices as fresh for the interval of the schedule plus a tenth after each full sync, across midnight", async () => {
  await fullSyncAt("10T12:00");
  expect(await shares("10T12:00")).toEqual({});
  await fullSyncAt("10T13:00");
  await fullSyncAt("10T14:06");
  expect(await shares("10T14:06")).toEqual({ "2026-11-10": 100 });
  // 66 of 132 minutes, then none until midnight, and none of the next day.
  await fullSyncAt("10T16:18");
  expect(await shares("10T16:18")).toEqual({ "2026-11-10": Math.round((100 * (126 + 66)) / 258) });
  await fullSyncAt("11T06:00");
  expect(await shares("11T06:00")).toEqual({
    "2026-11-10": Math.round((100 * (126 + 66 + 66)) / 720),
    "2026-11-11": 0,
  });
  const clients = (await rows("11T06:00")).filter(({ clientId }) => clientId !== null);
  expect(clients.length).toBeGreaterThan(0);
  expect(clients.every(({ client, share }) => client !== null && Math.round(share * 100) === 24)).toBe(true);
});

it("counts the time since the last full sync, so that an account that stopped answering shows at once", async () => {
  await fullSyncAt("10T12:00");
  expect(await shares("10T13:00")).toEqual({ "2026-11-10": 100 });
  expect(await shares("10T14:12")).toEqual({ "2026-11-10": 50 });
  expect(await shares("12T00:00")).toMatchObject({ "2026-11-11": 0 });
});

it("promises nothing if full syncs are only started by hand", async () => {
  await world.deps.db.execute(sql`update rmm_integrations set full_sync_enabled = false`);
  await fullSyncAt("10T12:00");
  await fullSyncAt("12T12:00");
  expect(await rows("14T12:00")).toEqual([]);
});

it("is recorded by one more statement of a full sync, however many days have passed, and keeps 90 days", async () => {
  await fullSyncAt("10T12:00");
  const short = await countAllStatements(world.deps.db, () => fullSyncAt("10T13:00"));
  const long = await countAllStatements(world.deps.db, () => fullSyncAt("28T13:00"));
  expect(long).toBe(short);
  const count = async () =>
    (
      await queryRows<{ days: number }>(
        world.deps.db,
        sql`select count(distinct day)::int as days from freshness_days`,
      )
    )[0]!.days;
  expect(await count()).toBe(19);
  world.setNow(new Date(at("20T12:00").getTime() + 90 * 86_400_000));
  await pruneOldFreshness(world.deps);
  expect(await count()).toBe(9);
});
