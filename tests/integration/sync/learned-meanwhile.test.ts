import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { concludeRun } from "~/features/sync-execution/conclude";
import { decideHeld } from "~/features/review/decide-held.server";
import { linkDevices } from "~/features/review/link-device.server";

import { assetOf, meetDevices, TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 20, seed: 5, updatesPerDevice: 0 });
});
afterEach(() => world.close());

const mapped = async () => {
  const rows = (await world.deviceRows()).filter((row) => row["client"] !== null);
  const ids = new Set(rows.map((row) => row["external_id"]));
  return [...world.simulator.account.devices].filter((device) => ids.has(device.id));
};

/** A new device that resembles an asset whose device is gone. */
async function enrollAgain() {
  const { account } = world.simulator;
  const [first] = await mapped();
  const old = account.patchDevice(first!.id, { serial_number: "5CG9876XYZ" });
  await world.sync("full");
  const { asset } = (await assetOf(world, old.id))!;
  account.removeDevice(old.id);
  await world.sync("full");
  return { device: account.addDevice({ ...old, id: `${old.id}-again` }), assetId: asset.id };
}

/** A full sync that has listed the devices, before its end. */
async function listDevices() {
  const ref = await meetDevices(world);
  return () => concludeRun(world.deps, ref);
}

const mappingOf = async (externalId: string) => {
  const [row] = await queryRows<{ assetId: string | null; skipReason: string | null; isGone: boolean }>(
    world.database.db,
    sql`select asset_id as "assetId", skip_reason as "skipReason", gone_at is not null as "isGone"
        from tenant_external_entity_mappings where external_id = ${externalId}`,
  );
  return row;
};

const observedAt = async (externalId: string) => {
  const [row] = await queryRows<{ at: string }>(
    world.database.db,
    sql`select observed_at::text as at from tenant_external_entity_mappings where external_id = ${externalId}`,
  );
  return row!.at;
};

const reviewIds = async () =>
  (
    await queryRows<{ id: string }>(
      world.database.db,
      sql`select id from rmm_identity_reviews order by external_id`,
    )
  ).map(({ id }) => id);

const linkByHand = (ids: string[]) =>
  linkDevices(world.deps, {
    tenantId: world.tenantId,
    reviewIds: ids,
    to: "new",
    actor: TEST_ACTOR,
  });

describe("the end of a sweep does not link a device that it deferred", () => {
  it("if Level has no such device any more by then", async () => {
    const { device, assetId } = await enrollAgain();
    const end = await listDevices();
    world.simulator.account.removeDevice(device.id);
    expect(await world.sync("device", device.id)).toMatchObject({ itemsGone: 1 });
    await end();
    expect(await mappingOf(device.id)).toMatchObject({ assetId: null, isGone: true });
    expect((await world.deviceRows()).some((row) => row["status"] === "active" && row["is_gone"])).toBe(
      false,
    );
    world.simulator.account.addDevice(device);
    await world.sync("full");
    expect(await mappingOf(device.id)).toMatchObject({ assetId, isGone: false });
  });

  it("if a sync of the single device has found it in a group without a client", async () => {
    const { device } = await enrollAgain();
    const end = await listDevices();
    world.simulator.account.moveDevice(device.id, null);
    await world.sync("device", device.id);
    await end();
    expect(await mappingOf(device.id)).toMatchObject({ assetId: null, skipReason: "ungrouped" });
  });

  it("if its walk started over, and found it in a group without a client", async () => {
    const { device } = await enrollAgain();
    const { account, faults } = world.simulator;
    for (let n = 0; n < 100; n++) account.addDevice({ group_id: null, hostname: `FILLER-${n}` });
    faults.afterPage("devices", 1, () => account.moveDevice(device.id, null));
    faults.add({ kind: "status", status: 404, resource: "devices", afterRequests: 1, times: 1 });
    expect(await world.sync("full")).toMatchObject({ status: "completed" });
    expect(await mappingOf(device.id)).toMatchObject({ assetId: null, skipReason: "ungrouped" });
  });
});

it("a device that Level no longer knows is not brought back by a page that was read before", async () => {
  const { deps, simulator } = world;
  const [device] = await mapped();
  const openProvider: typeof deps.openProvider = async (integration, stats) => {
    const provider = await deps.openProvider(integration, stats);
    return {
      ...provider,
      async *listDevices(walk) {
        for await (const page of provider.listDevices(walk)) {
          if (page.idsSeen.includes(device!.id)) {
            simulator.account.removeDevice(device!.id);
            await world.sync("device", device!.id);
          }
          yield page;
        }
      },
    };
  };
  const ref = await meetDevices({ ...world, deps: { ...deps, openProvider } });
  await concludeRun(deps, ref);
  expect(await mappingOf(device!.id)).toMatchObject({ isGone: true });
  simulator.account.addDevice(device);
  await world.sync("full");
  expect(await mappingOf(device!.id)).toMatchObject({ isGone: false });
});

it("a device that a webhook reports during a sweep still claims its asset", async () => {
  const { device } = await enrollAgain();
  world.simulator.account.addDevice({ ...device, id: `${device.id}-twin`, network_interfaces: [] });
  const end = await listDevices();
  world.simulator.account.patchDevice(device.id, { city: "Ghent" });
  await world.sync("device", device.id);
  await end();
  expect(await reviewIds()).toHaveLength(2);
});

it("a device that waits for the removal of its old one is written by its latest record on approval", async () => {
  const { account } = world.simulator;
  const all = await mapped();
  for (const [n, device] of all.entries())
    account.patchDevice(device.id, { serial_number: `5CG98${100 + n}Q` });
  await world.sync("full");
  const olds = [...account.devices].filter(({ id }) => all.some((device) => device.id === id));
  for (const old of olds) {
    account.addDevice({ ...old, id: `${old.id}-again` });
    account.removeDevice(old.id);
  }
  expect(await world.sync("full")).toMatchObject({ itemsHeld: olds.length, itemsCreated: 0 });

  const assetId = (await assetOf(world, olds[0]!.id))!.asset.id;
  const [one, other] = olds.map(({ id }) => `${id}-again`);
  account.patchDevice(one!, { city: "Ghent" });
  await world.sync("device", one);
  const readAt = await observedAt(one!);
  await decideHeld(world.deps, {
    tenantId: world.tenantId,
    which: { filter: { kind: "removal" } },
    decision: "approve",
    actor: TEST_ACTOR,
  });
  expect((await assetOf(world, other!))!.asset.status).toBe("active");
  expect((await assetOf(world, one!))!.asset).toMatchObject({ id: assetId, status: "active" });
  expect((await assetOf(world, one!))!.asset.location).toContain("Ghent");
  expect(await observedAt(one!)).toBe(readAt);
});

describe("a person's decision on a device that waits", () => {
  /** A device that needs a decision, because two claim the asset. */
  async function ask() {
    const { device } = await enrollAgain();
    const twin = { ...device, id: `${device.id}-twin`, network_interfaces: [] };
    world.simulator.account.addDevice(twin);
    await world.sync("full");
    expect(await reviewIds()).toHaveLength(2);
    return device;
  }

  it("comes too late if Level has no such device any more", async () => {
    const device = await ask();
    const ids = await reviewIds();
    world.simulator.account.removeDevice(device.id);
    await world.sync("device", device.id);
    expect(await reviewIds()).toHaveLength(1);
    expect(await linkByHand(ids)).toEqual({ state: "linked", devices: 1 });
    expect(await mappingOf(device.id)).toMatchObject({ assetId: null, isGone: true });
  });

  it("uses the record that the running sweep has read", async () => {
    const device = await ask();
    world.simulator.account.patchDevice(device.id, { city: "Ghent" });
    const end = await listDevices();
    expect(await linkByHand(await reviewIds())).toEqual({ state: "linked", devices: 2 });
    expect((await assetOf(world, device.id))!.asset.location).toContain("Ghent");
    await end();
    expect(await reviewIds()).toEqual([]);
  });
});
