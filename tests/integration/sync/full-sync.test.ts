import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";

import { assetOf, type SyncWorld } from "../../support/sync";
import { createMappedWorld } from "../../support/synced-world";

let world: SyncWorld;

beforeEach(async () => {
  world = await createMappedWorld({ devices: 120, seed: 7 });
});

afterEach(() => world.close());

const countRows = async (table: string): Promise<number> =>
  (
    await queryRows<{ n: number }>(
      world.database.db,
      sql`select count(*)::int as n from ${sql.identifier(table)}`,
    )
  )[0]!.n;

describe("a full sync", () => {
  it("makes an asset of every device with a client, and counts and keeps the others", async () => {
    const run = await world.sync("full");
    const ungrouped = [...world.simulator.account.devices].filter(
      (device) => device.group_id === null,
    ).length;
    expect(run.status).toBe("completed");
    expect(run.itemsSeen).toBe(120);
    expect(run.itemsSkipped).toBe(ungrouped);
    expect(run.itemsCreated).toBe(120 - ungrouped);
    expect(await countRows("assets")).toBe(120 - ungrouped);
    expect(await countRows("asset_details")).toBe(120 - ungrouped);
    const skipped = await queryRows(
      world.database.db,
      sql`select 1 from tenant_external_entity_mappings where skip_reason = 'ungrouped'`,
    );
    expect(skipped).toHaveLength(ungrouped);
  });

  it("counts the pending patches of every asset from the available updates", async () => {
    const run = await world.sync("full");
    const [sums] = await queryRows<{ pending: number; available: number }>(
      world.database.db,
      sql`select (select sum(pending_os_patches) from asset_details)::int as pending,
            (select count(*) from rmm_device_updates u join tenant_external_entity_mappings m
               on m.external_id = u.external_device_id where u.is_available and m.asset_id is not null)::int as available`,
    );
    expect(sums!.pending).toBeGreaterThan(0);
    expect(sums!.pending).toBe(sums!.available);
    expect(run.pendingPatches).toBe(sums!.pending);
  });

  it("counts a device that loses its client once", async () => {
    await world.sync("full");
    const before = await world.sync("full");
    const { external_id: id } = (await world.deviceRows()).find((row) => row["client"] !== null)!;
    world.simulator.account.moveDevice(id as string, null);
    expect(await world.sync("full")).toMatchObject({
      itemsUpdated: 1,
      itemsUnchanged: before.itemsUnchanged - 1,
      itemsSkipped: before.itemsSkipped,
    });
  });

  it("changes no asset or detail row the second time, and counts every device as unchanged", async () => {
    await world.sync("full");
    const versions = () =>
      queryRows(
        world.database.db,
        sql`select a.id, a.xmin::text as a, d.xmin::text as d, m.xmin::text as m from assets a
        join asset_details d on d.asset_id = a.id
        join tenant_external_entity_mappings m on m.asset_id = a.id order by a.id`,
      );
    const before = await versions();
    const run = await world.sync("full");
    expect(await versions()).toEqual(before);
    expect(run).toMatchObject({
      status: "completed",
      itemsCreated: 0,
      itemsUpdated: 0,
      itemsFailed: 0,
      itemsGone: 0,
    });
    expect(run.itemsUnchanged + run.itemsSkipped).toBe(120);
    expect(run.summary?.updates).toMatchObject({ created: 0, updated: 0 });
  });

  it("writes the values that change every minute without touching the asset", async () => {
    await world.sync("full");
    const device = [...world.simulator.account.devices].find((row) => row.group_id !== null && row.online)!;
    const before = await assetOf(world, device.id);
    world.simulator.account.setOnline(device.id, false);
    const run = await world.sync("full");
    const after = await assetOf(world, device.id);
    expect(run.itemsUpdated).toBe(0);
    expect(after!.asset).toEqual(before!.asset);
    expect(after!.mapping).toMatchObject({ agentStatus: "offline", lifecycleStatus: "inactive" });
  });

  it("moves an asset when its device moved to a group of another client", async () => {
    await world.sync("full");
    const { account } = world.simulator;
    const device = [...account.devices].find((row) => row.group_id !== null)!;
    const before = await assetOf(world, device.id);
    const other = [...account.groups].find(
      (group) => group.parent_id === null && group.name !== clientNameOf(device.group_id!),
    )!;
    account.moveDevice(device.id, other.id);
    await world.sync("full");
    const after = await assetOf(world, device.id);
    expect(after!.asset.id).toBe(before!.asset.id);
    expect(after!.asset.clientId).not.toBe(before!.asset.clientId);
    const audited = await queryRows(
      world.database.db,
      sql`select details->>'fromClientId' as "from", details->>'toClientId' as "to" from audit_log
          where action = 'asset.moved' and target_id = ${before!.asset.id}`,
    );
    expect(audited).toEqual([{ from: before!.asset.clientId, to: after!.asset.clientId }]);
  });

  it("publishes each change, once", async () => {
    await world.sync("full");
    const names = await queryRows<{ name: string; n: number }>(
      world.database.db,
      sql`select name, count(*)::int as n from rmm_events where data->>'type' = 'full' or name like 'RMM_DEVICE%' group by name order by name`,
    );
    const assets = await countRows("assets");
    expect(names).toEqual([
      { name: "RMM_DEVICE_CREATED", n: assets },
      { name: "RMM_SYNC_COMPLETED", n: 1 },
      { name: "RMM_SYNC_STARTED", n: 1 },
    ]);
  });
});

function clientNameOf(groupId: string): string {
  const groups = new Map([...world.simulator.account.groups].map((group) => [group.id, group]));
  let group = groups.get(groupId)!;
  while (group.parent_id !== null) group = groups.get(group.parent_id)!;
  return group.name;
}
