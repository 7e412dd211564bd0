import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";

import { queryRows, withTenant, type Db } from "@db/client";
import { listPatches, type PatchRow } from "@db/queries/patches/patch-list";
import { listTenantsWithStalePatches, recountPatchTotals } from "@db/queries/patches/patch-totals";
import { assets, rmmDeviceUpdates, stalePatches, tenantExternalEntityMappings } from "@db/schema";
import { recountTotals } from "~/features/patches/recount-totals";
import { createLogger } from "~/platform/logger.server";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";
import { createAsset, createClient, createIntegration, createTenant } from "@tests/support/factories";

const NOW = new Date("2026-11-28T12:00:00Z");
const all = {
  text: undefined,
  clientId: undefined,
  category: undefined,
  type: undefined,
  minDays: undefined,
};
const filters = [
  all,
  { ...all, type: "server" as const },
  { ...all, category: "Security" },
  { ...all, category: "none" },
  ...[0, 7, 30].map((minDays) => ({ ...all, minDays })),
  { ...all, type: "server" as const, category: "Security", minDays: 7 },
] as const;

let database: TestDatabase;
let db: Db;
let tenantId: string;
let connectionId: string;
let clientId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  ({ id: tenantId } = await createTenant(db));
  ({ id: connectionId } = await createIntegration(db, { tenantId }));
  ({ id: clientId } = await createClient(db, { tenantId }));
});
afterAll(() => database.close());

const device = (externalId: string, assetId: string | null) => ({
  tenantId,
  connectionId,
  integrationType: "levelio",
  externalId,
  assetId,
  displayName: externalId,
  contentHash: "x",
  observedAt: NOW,
});
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);
const update = (deviceId: string, name: string, category: string | null = "Security", days = 0) => ({
  tenantId,
  connectionId,
  externalUpdateId: `${deviceId} ${name} ${category}`,
  externalDeviceId: deviceId,
  name,
  category,
  contentHash: "x",
  observedAt: NOW,
  availableSince: daysAgo(days),
});

const listed = (filter: (typeof filters)[number]): Promise<PatchRow[]> =>
  withTenant(db, tenantId, (tx) =>
    listPatches(
      tx,
      tenantId,
      filter,
      { sort: "name", isReversed: false },
      { after: undefined, limit: 100 },
      NOW,
    ),
  );

/** The same, counted from the updates themselves: no total answers for the one client that has all devices. */
const counted = (filter: (typeof filters)[number]) => listed({ ...filter, clientId } as never);

async function expectTrue(): Promise<void> {
  for (const filter of filters) expect(await listed(filter)).toEqual(await counted(filter));
}

const recount = () => withTenant(db, tenantId, (tx) => recountPatchTotals(tx, tenantId, 100));

/** Whether the list counts right while a change is marked, and after it was counted. */
async function holdsAfter(change: () => Promise<unknown>): Promise<void> {
  await change();
  await expectTrue();
  await recount();
  expect(await db.select().from(stalePatches)).toEqual([]);
  await expectTrue();
}

it("counts the devices of each update right after any change, before and after recounting", async () => {
  const ids = await Promise.all(
    (["server", "workstation", "workstation"] as const).map(
      async (assetType, n) => (await createAsset(db, { tenantId, clientId, assetType, name: `PC-${n}` })).id,
    ),
  );
  await holdsAfter(() =>
    db
      .insert(tenantExternalEntityMappings)
      .values([device("d0", ids[0]!), device("d1", ids[1]!), device("d2", null)]),
  );
  await holdsAfter(() =>
    db
      .insert(rmmDeviceUpdates)
      .values([
        ...["d0", "d1", "d2"].map((id, n) => update(id, "Common", "Security", n * 20)),
        update("d0", "Common", "Feature", 8),
        update("d1", "Own", null),
      ]),
  );
  expect((await listed(all)).map(({ name, devices }) => [name, devices])).toEqual([
    ["Common", 2],
    ["Own", 1],
  ]);
  const ofDevice = (id: string) => eq(tenantExternalEntityMappings.externalId, id);
  await holdsAfter(() =>
    db.update(tenantExternalEntityMappings).set({ assetId: ids[2]! }).where(ofDevice("d2")),
  );
  await holdsAfter(() => db.update(assets).set({ assetType: "server" }).where(eq(assets.id, ids[2]!)));
  await holdsAfter(() => db.update(assets).set({ status: "retired" }).where(eq(assets.id, ids[1]!)));
  expect((await listed(all)).map(({ name, devices }) => [name, devices])).toEqual([["Common", 2]]);
  await holdsAfter(() => db.update(assets).set({ status: "active" }).where(eq(assets.id, ids[1]!)));
  await holdsAfter(() => db.update(tenantExternalEntityMappings).set({ goneAt: NOW }).where(ofDevice("d0")));
  await holdsAfter(() =>
    db.update(rmmDeviceUpdates).set({ isAvailable: false }).where(eq(rmmDeviceUpdates.name, "Own")),
  );
  await holdsAfter(() =>
    db.update(rmmDeviceUpdates).set({ name: "Renamed" }).where(eq(rmmDeviceUpdates.externalDeviceId, "d1")),
  );
  await holdsAfter(() => db.delete(assets).where(eq(assets.id, ids[2]!)));
  await holdsAfter(() => db.delete(rmmDeviceUpdates).where(eq(rmmDeviceUpdates.externalDeviceId, "d2")));
  expect((await listed(all)).map(({ name, devices }) => [name, devices])).toEqual([["Renamed", 1]]);
  await holdsAfter(() => db.delete(tenantExternalEntityMappings).where(ofDevice("d1")));
  expect(await listed(all)).toEqual([]);
});

it("lists the tenants whose updates need recounting, and none without changes", async () => {
  const asset = await createAsset(db, { tenantId, clientId });
  await db.insert(tenantExternalEntityMappings).values(device("d9", asset.id));
  await db.insert(rmmDeviceUpdates).values(update("d9", "Ninth"));
  expect(await listTenantsWithStalePatches(db)).toEqual([tenantId]);
  expect(await recount()).toBe(1);
  await db.update(rmmDeviceUpdates).set({ observedAt: new Date(), contentHash: "y" });
  await db.update(tenantExternalEntityMappings).set({ agentStatus: "online", observedAt: new Date() });
  await db.update(assets).set({ name: "Renamed" });
  expect(await listTenantsWithStalePatches(db)).toEqual([]);
  const [row] = await queryRows<{ n: number }>(db, sql`select count(*)::int as n from patch_totals`);
  expect(row!.n).toBe(1);
});

it("counts hundreds of updates of a first sync at once, and those on very many devices from the latest count", async () => {
  const { id: tenantId } = await createTenant(db);
  const { id: connectionId } = await createIntegration(db, { tenantId });
  const { id: assetId } = await createAsset(db, { tenantId, name: "PC" });
  await db.insert(tenantExternalEntityMappings).values({ ...device("d0", assetId), tenantId, connectionId });
  const rows = ["Popular", "Mixed", ...Array.from({ length: 300 }, (_, n) => `Rare ${n}`)].map((name) => ({
    ...update("d0", name),
    tenantId,
    connectionId,
  }));
  await db.insert(rmmDeviceUpdates).values(rows);
  await withTenant(db, tenantId, (tx) => recountPatchTotals(tx, tenantId, 1000));
  // As they were counted before a sync that changes them.
  const keyOf = (name: string) =>
    sql`(select patch_key from rmm_device_updates where tenant_id = ${tenantId} and name = ${name})`;
  for (const name of ["Popular", "Mixed"])
    await db.execute(sql`
      update patch_totals set devices = 30000, has_one_category = ${name === "Popular"}
      where tenant_id = ${tenantId} and patch_key = ${keyOf(name)}`);
  await db.execute(sql`update patch_totals set devices = 7 where tenant_id = ${tenantId} and devices = 1`);
  await db.execute(sql`
    insert into stale_patches (tenant_id, patch_key)
    select tenant_id, patch_key from rmm_device_updates where tenant_id = ${tenantId}`);

  const devicesOf = async (filter: (typeof filters)[number]) => {
    const order = { sort: "name", isReversed: false } as const;
    const slice = { after: undefined, limit: 1000 };
    const found = await withTenant(db, tenantId, (tx) =>
      listPatches(tx, tenantId, filter, order, slice, NOW),
    );
    return Object.fromEntries(found.map(({ name, devices }) => [name, devices]));
  };
  const rare = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`Rare ${n}`, 1]));
  expect(await devicesOf(all)).toEqual({ Popular: 30_000, Mixed: 30_000, ...rare });
  // No total knows the assets of one category, so that one is counted however many there are.
  expect(await devicesOf({ ...all, category: "Security" })).toEqual({ Popular: 30_000, Mixed: 1, ...rare });
});

it("shows thousands of updates of a first sync with the next count, which counts all of them", async () => {
  const { id: tenantId } = await createTenant(db);
  const { id: connectionId } = await createIntegration(db, { tenantId });
  const { id: assetId } = await createAsset(db, { tenantId, name: "PC" });
  await db.insert(tenantExternalEntityMappings).values({ ...device("d0", assetId), tenantId, connectionId });
  await db.execute(sql`
    insert into rmm_device_updates (id, tenant_id, integration_id, external_update_id, external_device_id, name, content_hash,
      observed_at, available_since)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, n, 'd0', 'Rare ' || n, '', now(), now()
    from generate_series(1, 1200) n`);
  const totalOf = async () => {
    const order = { sort: "name", isReversed: false } as const;
    const slice = { after: undefined, limit: 10 };
    const found = await withTenant(db, tenantId, (tx) => listPatches(tx, tenantId, all, order, slice, NOW));
    return found[0]!.total;
  };
  expect(await totalOf()).toBe(1_000);
  await recountTotals({ db, log: createLogger({ level: "silent" }) });
  expect(await totalOf()).toBe(1_200);
  expect(await db.select().from(stalePatches).where(eq(stalePatches.tenantId, tenantId))).toEqual([]);
});
