import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { getPatch, listDevicesOfPatch, type PatchOfDevice } from "@db/queries/patches/patch-detail";
import { listPatches } from "@db/queries/patches/patch-list";
import { DAY_MS } from "@domain/durations";

import { type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 30, seed: 5 });
});

afterEach(() => world.close());

const everything = {
  text: undefined,
  clientId: undefined,
  category: undefined,
  type: undefined,
  minDays: undefined,
};
const start = { after: undefined, limit: 500 };

const patches = (now = new Date()) =>
  withTenant(world.database.db, world.tenantId, (tx) =>
    listPatches(tx, world.tenantId, everything, { sort: "name", isReversed: false }, start, now),
  );

const devicesOf = (key: string, state: "pending" | "closed" | "all" = "all") =>
  withTenant(world.database.db, world.tenantId, (tx) =>
    listDevicesOfPatch(tx, world.tenantId, key, { ...everything, state }, start, new Date()),
  );

/** Syncs when so many days have passed since the sync before. */
async function syncAfter(days: number): Promise<void> {
  const ago = (column: string) => sql.raw(`${column} = ${column} - interval '${days} days'`);
  await world.database.db.execute(
    sql`update rmm_device_updates set ${ago("created_at")}, ${ago("available_since")}, ${ago("ended_at")}, ${ago("observed_at")}`,
  );
  await world.database.db.execute(
    sql`update rmm_update_intervals set ${ago("started_at")}, ${ago("ended_at")}`,
  );
  expect(await world.sync("full")).toMatchObject({ status: "completed" });
}

it("opens a second interval for an update that vanished and came back, and keeps the first", async () => {
  const { account } = world.simulator;
  const [before] = await patches();
  const [device] = await devicesOf(before!.key);
  expect(daysOf(device!)).toEqual([[0, null]]);
  const update = [...account.updates].find(
    ({ name, is_available }) => is_available && name === before!.name,
  )!;

  account.installUpdate(update.id);
  await syncAfter(10);
  expect(await devicesOf(before!.key, "pending")).toEqual([]);
  const [closed] = await devicesOf(before!.key, "closed");
  expect(daysOf(closed!)).toEqual([[10, 0]]);

  account.patchUpdate(update.id, { is_available: true });
  await syncAfter(20);
  const [returned] = await devicesOf(before!.key, "pending");
  expect(daysOf(returned!)).toEqual([
    [30, 20],
    [0, null],
  ]);
  // It was first seen a month ago, and has been pending since today.
  const now = (await patches()).find(({ key }) => key === before!.key)!;
  expect([daysAgo(now.firstSeenAt), daysAgo(now.oldestAt)]).toEqual([30, 0]);
});

const daysAgo = (at: string) => Math.round((Date.now() - Date.parse(at)) / DAY_MS);

/** Its intervals, as days before today. */
const daysOf = ({ intervals }: PatchOfDevice) =>
  intervals.map(({ startedAt, endedAt }) => [daysAgo(startedAt), endedAt === null ? null : daysAgo(endedAt)]);

it("writes no intervals in a sync that finds nothing new", async () => {
  const rows = () =>
    world.database.db.execute(
      sql`select u.xmin::text as version, u.id from rmm_device_updates u order by u.id`,
    );
  const before = [...(await rows())];
  expect(await world.sync("full")).toMatchObject({ status: "completed" });
  expect([...(await rows())]).toEqual(before);
});

it("stores for each asset since when its oldest update is pending", async () => {
  const rows = await withTenant(world.database.db, world.tenantId, (tx) =>
    tx.query.assetDetails.findMany({
      columns: { pendingOsPatches: true, pendingSince: true, pendingCategories: true },
    }),
  );
  expect(rows.some(({ pendingOsPatches }) => (pendingOsPatches ?? 0) > 0)).toBe(true);
  for (const { pendingOsPatches, pendingSince, pendingCategories } of rows) {
    expect(pendingSince !== null).toBe((pendingOsPatches ?? 0) > 0);
    // And since when one of each category is.
    const since = Object.values(pendingCategories ?? {});
    expect(since.length > 0 ? Math.min(...since) : null).toBe(pendingSince?.getTime() ?? null);
  }
});

it("names one update of several devices once", async () => {
  const { account } = world.simulator;
  const before = await patches();
  const withUpdates = [...new Set([...account.updates].map(({ device_id }) => device_id))].slice(0, 5);
  for (const id of withUpdates)
    account.addUpdate(id, { name: "2026-11 Cumulative Update", kb_ids: ["5070001"] });
  await syncAfter(1);
  const after = await patches();
  expect(after.length).toBe(before.length + 1);
  const shared = after.find(({ name }) => name === "2026-11 Cumulative Update")!;
  expect(shared).toMatchObject({ devices: 5, kbIds: ["KB5070001"] });
  expect((await devicesOf(shared.key, "pending")).length).toBe(5);
  const facts = await withTenant(world.database.db, world.tenantId, (tx) =>
    getPatch(tx, world.tenantId, shared.key),
  );
  expect(facts).toMatchObject({ name: "2026-11 Cumulative Update", kbIds: ["KB5070001"] });
});
