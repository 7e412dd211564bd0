import { asc, eq, sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { pruneAssetChanges } from "@db/queries/assets/asset-changes";
import { getAsset } from "@db/queries/assets/assets";
import { assetChanges, assetDetails } from "@db/schema";
import { fieldsOf } from "@domain/asset-fields";
import { assetVersion } from "@domain/asset-version";
import { readChanges } from "~/features/asset-history/history.page.server";
import { editAsset } from "~/features/assets/edit-asset.server";
import { mergeAssets, undoAssetMerge } from "~/features/device-sync/merge-assets.server";

import { createAsset } from "../../support/factories";
import { assetOf, TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

const DEVICES = 30;

let world: SyncWorld;
let device: string;
let assetId: string;
beforeEach(async () => {
  world = await createSyncedWorld({ devices: DEVICES, seed: 3 });
  const [row] = (await queryRows(
    world.database.db,
    sql`select external_id as id, asset_id as "assetId" from tenant_external_entity_mappings
        where asset_id is not null and agent_status = 'online' order by 1 limit 1`,
  )) as [{ id: string; assetId: string }];
  device = row.id;
  assetId = row.assetId;
});
afterEach(() => world.close());

const all = () =>
  world.database.db
    .select({
      field: assetChanges.field,
      before: assetChanges.before,
      after: assetChanges.after,
      runId: assetChanges.runId,
      actor: assetChanges.actor,
    })
    .from(assetChanges)
    .where(eq(assetChanges.tenantId, world.tenantId))
    .orderBy(asc(assetChanges.id));
const shown = async () => {
  const { changes } = await readChanges(
    world.database.db,
    world.tenantId,
    { assetId },
    { group: null, before: undefined },
  );
  return changes;
};
const rename = async (name: string) => {
  const { tenantId, database, deps } = world;
  const row = (await withTenant(database.db, tenantId, (tx) => getAsset(tx, tenantId, assetId)))!;
  const fields = fieldsOf(row);
  const version = assetVersion(fields, row.overriddenFields);
  await editAsset(deps, { tenantId, assetId }, { ...fields, name }, version, TEST_ACTOR);
  return row.name;
};

describe("the history of an asset", () => {
  it("omits what an asset was created with, and syncs that changed nothing", async () => {
    expect(await all()).toEqual([]);
    await world.sync("full");
    expect(await all()).toEqual([]);
  });

  it("has what a sync changed, before and after, with the run that did it", async () => {
    world.simulator.account.patchDevice(device, { last_logged_in_user: "CORP\\new.person" });
    const before = (await shown()).length;
    const run = await world.sync("full");
    expect(before).toBe(0);
    expect(await shown()).toMatchObject([
      {
        field: "lastLoggedInUser",
        after: "CORP\\new.person",
        runId: run.id,
        runType: "full",
        actor: null,
      },
    ]);
  });

  it("omits free disk space and being seen again", async () => {
    const [details] = await world.database.db
      .select({ disks: assetDetails.disks })
      .from(assetDetails)
      .where(eq(assetDetails.assetId, assetId));
    expect(details!.disks.length).toBeGreaterThan(0);
    const { disk_partitions: partitions } = world.simulator.account.devices.require(device);
    world.simulator.account.patchDevice(device, {
      last_seen_at: new Date().toISOString(),
      disk_partitions: partitions.map((disk) => ({ ...disk, free_space: Math.floor(disk.free_space / 2) })),
    });
    await world.sync("full");
    const [later] = await world.database.db
      .select({ disks: assetDetails.disks })
      .from(assetDetails)
      .where(eq(assetDetails.assetId, assetId));
    expect(later!.disks).not.toEqual(details!.disks);
    expect(await all()).toEqual([]);
  });

  it("names the person who edited it, also when the next sync runs", async () => {
    const formerName = await rename("Reception laptop");
    await world.sync("full");
    const changes = await shown();
    expect(changes).toMatchObject([
      { field: "overrides", before: null, after: "Name", actor: "test", runId: null },
      { field: "name", before: formerName, after: "Reception laptop", actor: "test", runId: null },
    ]);
  });

  it("shows a client by its name, page by page without losing or repeating a change", async () => {
    for (let n = 0; n < 120; n++) await rename(`Name ${n}`);
    const search = { group: "name" as const, before: undefined as number | undefined };
    const found: (string | null)[] = [];
    for (;;) {
      const { changes, next } = await readChanges(world.database.db, world.tenantId, { assetId }, search);
      found.push(...changes.map(({ after }) => after));
      if (next === null) break;
      search.before = next;
    }
    expect(found).toEqual(Array.from({ length: 120 }, (_, n) => `Name ${119 - n}`));
  });

  it("moves with an asset into a merge, and back with an undo", async () => {
    await rename("Before the merge");
    const { tenantId, deps, database } = world;
    const older = await createAsset(database.db, {
      tenantId,
      clientId: (await assetOf(world, device))!.asset!.clientId!,
      name: "Older record",
      createdAt: new Date(0),
    });
    const mine = (await shown()).map(({ id }) => id);
    expect(mine).toHaveLength(2);
    await mergeAssets(deps, { tenantId, assetIds: [older.id, assetId] }, TEST_ACTOR);
    const merged = await readChanges(
      database.db,
      tenantId,
      { assetId: older.id },
      { group: null, before: undefined },
    );
    expect(merged.changes.map(({ id }) => id)).toEqual(expect.arrayContaining(mine));
    await undoAssetMerge(deps, { tenantId, assetId: older.id }, TEST_ACTOR);
    expect((await shown()).map(({ id }) => id)).toEqual(mine);
  });

  it("is pruned by age, oldest first", async () => {
    world.setNow(new Date("2026-01-01T00:00:00Z"));
    await rename("Old");
    world.setNow(new Date("2026-03-01T00:00:00Z"));
    await rename("New");
    expect(await pruneAssetChanges(world.database.db, new Date("2026-02-01"), { limit: 100 })).toBe(2);
    expect((await shown()).map(({ after }) => after)).toEqual(["New"]);
  });
});

it("is written by joins that do not slow down with the number of assets in a statement", async () => {
  const functions = await queryRows<{ name: string; settings: string[] }>(
    world.database.db,
    sql`select proname as name, proconfig as settings from pg_proc
        where proname in ('record_asset_changes', 'record_asset_detail_changes') order by 1`,
  );
  expect(functions).toEqual([
    { name: "record_asset_changes", settings: ["enable_nestloop=off", "jit=off"] },
    { name: "record_asset_detail_changes", settings: ["enable_nestloop=off", "jit=off"] },
  ]);
});
