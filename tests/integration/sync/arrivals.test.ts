import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { openProvider, tryKey } from "~/features/connections/open-provider.server";
import { connect } from "~/features/connections/connect.server";
import type { ConnectDeps } from "~/platform/ports";
import { linkDevices } from "~/features/review/link-device.server";
import { mapTopLevelGroups } from "~/features/mapping/mapping.server";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";

import { startSimulator, type Simulator } from "../../level-simulator";
import { assetOf, TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

const PAGE = 100;

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 40, seed: 5 });
});
afterEach(() => world.close());

const reviews = () =>
  withTenant(world.database.db, world.tenantId, (tx) =>
    queryRows<{ id: string; externalId: string; reason: string; observedAt: string }>(
      tx,
      sql`select id, external_id as "externalId", reason, device ->> 'observedAt' as "observedAt"
          from rmm_identity_reviews order by external_id`,
    ),
  );
const openArrivals = async () => {
  const rows = await queryRows(world.database.db, sql`select external_id from rmm_sweep_arrivals`);
  return rows.length;
};

/** One make of machine, so that only what a test says tells machines apart. */
const MAKE = { manufacturer: "Dell Inc.", model: "OptiPlex 7090", disks: [], network_interfaces: [] };

const group = async () =>
  (await world.deviceRows()).find((row) => row["client"] !== null)!["external_group_id"] as string;

/** A device of the group that has left Level, while its asset stays. */
async function leaveAsset(fields: Record<string, unknown>) {
  const { account } = world.simulator;
  const device = account.addDevice({ ...MAKE, group_id: await group(), hostname: "OLD-NAME", ...fields });
  await world.sync("full");
  const { asset } = (await assetOf(world, device.id))!;
  account.removeDevice(device.id);
  await world.sync("full");
  return { device, asset };
}

/** New devices of the group, each on a page of its own. */
async function addOnPages(...devices: Record<string, unknown>[]): Promise<string[]> {
  const { account } = world.simulator;
  const groupId = await group();
  return devices.map((fields) => {
    const { id } = account.addDevice({ ...MAKE, group_id: groupId, ...fields });
    for (let n = 0; n < PAGE; n++) account.addDevice({ group_id: null, hostname: `FILLER-${id}-${n}` });
    return id;
  });
}

const link = async (externalId: string) => (await assetOf(world, externalId))?.mapping.link;

describe("new devices that resemble an asset without a device", () => {
  it("become assets of their own if three share its serial number, on any pages", async () => {
    const { asset } = await leaveAsset({ serial_number: "5CG9876XYZ" });
    const ids = await addOnPages(
      ...[1, 2, 3].map((n) => ({ serial_number: "5CG9876XYZ", hostname: `TRIPLET-${n}` })),
    );
    expect(await world.sync("full")).toMatchObject({ status: "completed", itemsCreated: 3 });
    for (const id of ids) {
      expect(await link(id)).toMatchObject({ by: "created" });
      expect((await assetOf(world, id))!.asset.id).not.toBe(asset.id);
    }
    expect(await openArrivals()).toBe(0);
  });

  it("wait for a decision if two claim it, on any pages", async () => {
    const { asset } = await leaveAsset({ serial_number: "5CG9876XYZ", hostname: "FRONT-1" });
    const ids = await addOnPages(
      { serial_number: "5cg-9876xyz", hostname: "FRONT-1" },
      { serial_number: null, network_interfaces: [], hostname: "front-1.corp.example" },
    );
    await world.sync("full");
    expect(await reviews()).toEqual(
      ids.sort().map((externalId) => expect.objectContaining({ externalId, reason: "ambiguous" }) as unknown),
    );
    const quiet = await world.sync("full");
    expect(quiet).toMatchObject({ itemsCreated: 0, itemsUpdated: 0 });
    expect(await openArrivals()).toBe(0);

    // Two people at the same moment, each for one of the two.
    const rows = await reviews();
    const outcomes = await Promise.all(
      rows.map(({ id }) =>
        linkDevices(world.deps, {
          tenantId: world.tenantId,
          reviewIds: [id],
          to: { assetId: asset.id },
          actor: TEST_ACTOR,
        }),
      ),
    );
    expect(outcomes.map((outcome) => outcome.state).sort()).toEqual(["linked", "taken"]);
  });

  it("both wait if two have its serial number, even if evidence speaks against one of them", async () => {
    await leaveAsset({ serial_number: "5CG9876XYZ", hostname: "FRONT-1" });
    const ids = await addOnPages(
      { serial_number: "5CG9876XYZ", hostname: "FRONT-1" },
      { serial_number: "5CG9876XYZ", hostname: "BACK-7", manufacturer: "Lenovo", model: "ThinkPad T14" },
    );
    await world.sync("full");
    expect(await reviews()).toEqual(
      ids.sort().map((externalId) => expect.objectContaining({ externalId, reason: "ambiguous" }) as unknown),
    );
  });

  it("wait for a complete sync if a webhook reported them", async () => {
    const { asset } = await leaveAsset({ serial_number: "5CG9876XYZ" });
    const [id] = await addOnPages({ serial_number: "5CG9876XYZ", hostname: "OLD-NAME" });
    await world.sync("device", id);
    expect(await reviews()).toEqual([expect.objectContaining({ externalId: id, reason: "waiting" })]);
    await world.sync("full");
    expect((await assetOf(world, id!))!.asset.id).toBe(asset.id);
    expect(await reviews()).toEqual([]);
  });

  it("take the name that Level gives them, and keep the asset's if it gives none", async () => {
    const { asset } = await leaveAsset({ serial_number: "5CG9876XYZ", nickname: "Till 1", role: "server" });
    const [id] = await addOnPages({
      serial_number: "5CG9876XYZ",
      nickname: null,
      hostname: "",
      role: null,
    });
    await world.sync("full");
    expect((await assetOf(world, id!))!.asset).toMatchObject({
      id: asset.id,
      name: "Till 1",
      assetType: "server",
    });
  });
});

describe("a machine that moves from one connected account to another", () => {
  let other: Simulator;
  afterEach(() => other.close());

  async function connectOther() {
    other = await startSimulator({ devices: 1, seed: 9 });
    const { tenantId, deps, database } = world;
    const ownDeps: ConnectDeps = {
      ...deps,
      tryKey: (apiKey) => tryKey(apiKey, other.url),
      openProvider: (integration, stats) =>
        openProvider({ db: database.db, vault: deps.vault, baseUrl: other.url }, integration, stats),
    };
    const request = { tenantId, provider: "levelio", label: "Other", apiKey: other.apiKey } as const;
    const anew = await connect(ownDeps, { ...request, actor: TEST_ACTOR });
    if (anew.state !== "saved") throw new Error(anew.state);
    const ref = { tenantId, connectionId: anew.integration.id };
    const sync = async (type: "organizations" | "full") => {
      const asked = await requestSync(ownDeps, { ...ref, type, trigger: "manual", actor: "test" });
      if (asked.state !== "queued") throw new Error(asked.state);
      await runDirect(ownDeps, { tenantId, runId: asked.run.id });
    };
    await sync("organizations");
    await mapTopLevelGroups(deps, ref, TEST_ACTOR);
    await database.db.execute(sql`
      update rmm_organization_mappings set client_id = (
        select a.client_id from assets a join tenant_external_entity_mappings m on m.asset_id = a.id
        where a.client_id is not null order by m.external_id limit 1)
      where integration_id = ${ref.connectionId} and state = 'mapped'`);
    return sync;
  }

  it("waits while the old account still lists it, and joins its asset once it does not", async () => {
    const sync = await connectOther();
    const [first] = await queryRows<{ id: string; assetId: string }>(
      world.database.db,
      sql`select external_id as id, asset_id as "assetId" from tenant_external_entity_mappings
          where asset_id is not null order by external_id limit 1`,
    );
    const rover = { ...MAKE, serial_number: "5CG9876XYZ", hostname: "ROVER" };
    world.simulator.account.patchDevice(first!.id, rover);
    await world.sync("full");
    const groupId = [...other.account.devices].find((device) => device.group_id !== null)!.group_id;
    const { id } = other.account.addDevice({
      ...rover,
      id: "rover-in-the-other",
      group_id: groupId,
    });
    await sync("full");
    expect(await reviews()).toEqual([expect.objectContaining({ externalId: id, reason: "waiting" })]);
    await sync("full");
    expect(await reviews()).toHaveLength(1);

    world.simulator.account.removeDevice(first!.id);
    await world.sync("full");
    await sync("full");
    expect((await assetOf(world, id))!.asset.id).toBe(first!.assetId);
    expect(await reviews()).toEqual([]);
  });
});

it("a device that waited is written as of when it was seen, not of the decision", async () => {
  const { asset } = await leaveAsset({ serial_number: "5CG9876XYZ" });
  const [id] = await addOnPages({ serial_number: "5CG9876XYZ", hostname: "OLD-NAME" });
  const before = new Date();
  const run = await world.sync("full");
  const row = (await assetOf(world, id!))!;
  expect(row.asset.id).toBe(asset.id);
  expect(row.mapping.observedAt.getTime()).toBeGreaterThanOrEqual(before.getTime() - 1);
  expect(row.mapping.observedAt.getTime()).toBeLessThan(run.endedAt!.getTime());
  const [page] = await queryRows<{ at: string }>(
    world.database.db,
    sql`select max(committed_at)::text as at from rmm_sync_run_pages
        where run_id = ${run.id} and resource = 'devices'`,
  );
  expect(row.mapping.observedAt.getTime()).toBeLessThanOrEqual(new Date(page!.at).getTime());
});
