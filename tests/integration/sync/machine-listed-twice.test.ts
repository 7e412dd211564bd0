import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { keepAssetsApart, mergeAssets, undoAssetMerge } from "~/features/device-sync/merge-assets.server";

import { assetOf, TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;
let old: { id: string };
let again: { id: string };

const MACHINE = {
  serial_number: "5CG9876XYZ",
  hostname: "FRONT-1",
  nickname: null,
  manufacturer: "HP",
  model: "EliteDesk",
  network_interfaces: [],
};

const at = (days: number) => new Date(Date.now() + days * 24 * 60 * 60_000);

/** A machine that was set up again: Level lists its dead record beside the new one. */
beforeEach(async () => {
  world = await createSyncedWorld({ devices: 60, seed: 5, updatesPerDevice: 0 });
  const { account } = world.simulator;
  const row = (await world.deviceRows()).find((device) => device["client"] !== null)!;
  const group = { group_id: row["external_group_id"] as string };
  old = account.addDevice({ ...group, ...MACHINE, online: true, last_seen_at: at(-1).toISOString() });
  await world.sync("full");
  await world.database.db.execute(sql`update assets set notes = 'Under the counter' where name = 'FRONT-1'`);
  account.patchDevice(old.id, { online: false });
  again = account.addDevice({ ...group, ...MACHINE, online: true, last_seen_at: at(0).toISOString() });
});

afterEach(() => world.close());

const pairs = () =>
  queryRows<{ id: string; state: string; former: string; current: string }>(
    world.database.db,
    sql`select id, state, former_asset_id as former, current_asset_id as current from asset_pairs`,
  );
const asset = async (id: string) => (await assetOf(world, id))?.asset;
const merge = async () => {
  const [one, other] = [(await asset(old.id))!, (await asset(again.id))!];
  const assetIds: [string, string] = [one.id, other.id];
  expect(await mergeAssets(world.deps, { tenantId: world.tenantId, assetIds }, TEST_ACTOR)).toMatchObject({
    state: "merged",
    keptId: one.id,
  });
  return { one, other };
};

describe("a machine that was set up again while Level lists its dead record", () => {
  it("waits for a decision once the dead record has been offline since the new one appeared", async () => {
    await world.sync("full");
    const [one, other] = [(await asset(old.id))!, (await asset(again.id))!];
    expect(await pairs()).toEqual([
      expect.objectContaining({ state: "open", former: one.id, current: other.id }),
    ]);
  });

  it("does not wait while both are online, but does once one of them is not", async () => {
    const { account } = world.simulator;
    account.patchDevice(old.id, { online: true, last_seen_at: at(0).toISOString() });
    await world.sync("full");
    expect(await pairs()).toEqual([]);
  });

  it("is one asset once the dead record goes, with what people wrote on it", async () => {
    await world.sync("full");
    const one = (await asset(old.id))!;
    world.simulator.account.removeDevice(old.id);
    await world.sync("full");
    expect(await asset(again.id)).toMatchObject({ id: one.id, status: "active", notes: "Under the counter" });
    expect(await pairs()).toEqual([expect.objectContaining({ state: "merged" })]);
    expect(await world.sync("full")).toMatchObject({ itemsCreated: 0, itemsUpdated: 0, itemsMoved: 0 });
  });

  it("stays two assets for good if a person says that it is two machines", async () => {
    await world.sync("full");
    const [pair] = await pairs();
    const { deps, tenantId } = world;
    expect(await keepAssetsApart(deps, { tenantId, pairId: pair!.id }, TEST_ACTOR)).toEqual({
      state: "distinct",
    });
    world.simulator.account.removeDevice(old.id);
    await world.sync("full");
    expect((await asset(again.id))!.id).toBe(pair!.current);
    expect(await pairs()).toEqual([expect.objectContaining({ state: "distinct" })]);
  });

  it("is one asset if a person merges the two: history, notes and alerts join, and no sync separates them", async () => {
    await world.sync("full");
    const [alert] = await queryRows<{ id: string }>(
      world.database.db,
      sql`insert into rmm_alerts (id, tenant_id, integration_id, external_alert_id, external_device_id, asset_id, name,
            severity, status, content_hash, observed_at, observed_via)
          select gen_random_uuid(), tenant_id, integration_id, 'alert', external_id, asset_id, 'Disk', 'major', 'active',
            '', now(), 'sweep' from tenant_external_entity_mappings where external_id = ${again.id} returning id`,
    );
    const { one, other } = await merge();
    expect(await asset(again.id)).toMatchObject({ id: one.id, notes: "Under the counter" });
    const [kept] = await queryRows<{ assetId: string }>(
      world.database.db,
      sql`select asset_id as "assetId" from rmm_alerts where id = ${alert!.id}`,
    );
    expect(kept!.assetId).toBe(one.id);
    expect(await world.sync("full")).toMatchObject({ itemsCreated: 0, itemsMoved: 0, itemsRenamed: 0 });
    expect(await asset(again.id)).toMatchObject({ id: one.id });
    expect(await asset(old.id)).toBeUndefined();

    const undone = await undoAssetMerge(
      world.deps,
      { tenantId: world.tenantId, assetId: one.id },
      TEST_ACTOR,
    );
    expect(undone).toEqual({ state: "undone", assetId: other.id });
    expect((await asset(old.id))!.id).toBe(one.id);
    expect((await asset(again.id))!.id).toBe(other.id);
    await world.sync("full");
    expect((await asset(old.id))!.id).toBe(one.id);
    expect((await asset(again.id))!.id).toBe(other.id);
    expect(await pairs()).toEqual([expect.objectContaining({ state: "undone" })]);
  });

  it("publishes both assets when the merge is undone", async () => {
    await world.sync("full");
    const { one, other } = await merge();
    await world.database.db.execute(sql`delete from rmm_events`);
    await undoAssetMerge(world.deps, { tenantId: world.tenantId, assetId: one.id }, TEST_ACTOR);
    const told = await queryRows<{ name: string; asset: string; device: string }>(
      world.database.db,
      sql`select name, data ->> 'assetId' as asset, data ->> 'externalDeviceId' as device from rmm_events
          order by data ->> 'externalDeviceId' = ${again.id}`,
    );
    expect(told).toEqual([
      { name: "RMM_DEVICE_UPDATED", asset: one.id, device: old.id },
      { name: "RMM_DEVICE_UPDATED", asset: other.id, device: again.id },
    ]);
  });

  it.each([
    [6.99, "undone"],
    [7.01, "too_late"],
  ])("can be separated again for seven days: after %d of them it is %s", async (days, state) => {
    await world.sync("full");
    const { one } = await merge();
    world.setNow(at(days));
    const undone = await undoAssetMerge(
      world.deps,
      { tenantId: world.tenantId, assetId: one.id },
      TEST_ACTOR,
    );
    expect(undone).toMatchObject({ state });
  });

  it("is a machine of its own after all if its dead record comes alive", async () => {
    await world.sync("full");
    const { one } = await merge();
    world.simulator.account.patchDevice(old.id, { online: true, last_seen_at: at(0).toISOString() });
    await world.sync("full");
    expect((await asset(old.id))!.id).not.toBe(one.id);
    expect((await asset(again.id))!.id).toBe(one.id);
  });
});

it("two machines that are both online are never merged", async () => {
  world.simulator.account.patchDevice(old.id, { online: true, last_seen_at: at(0).toISOString() });
  await world.sync("full");
  const assetIds: [string, string] = [(await asset(old.id))!.id, (await asset(again.id))!.id];
  expect(await mergeAssets(world.deps, { tenantId: world.tenantId, assetIds }, TEST_ACTOR)).toEqual({
    state: "both_online",
  });
});
