import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { listGroups } from "@db/queries/device-sync/groups";
import { countPlanned } from "@db/queries/device-sync/planned";

import { type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 60, seed: 5, updatesPerDevice: 0 });
});

afterEach(() => world.close());

const mapped = async () => (await world.deviceRows()).filter((row) => row["client"] !== null);
const rowOf = async (id: string) => (await world.deviceRows()).find((row) => row["external_id"] === id)!;
const groups = () =>
  withTenant(world.database.db, world.tenantId, (tx) => listGroups(tx, world.tenantId, world.connectionId));
const planned = (runId: string) =>
  withTenant(world.database.db, world.tenantId, (tx) => countPlanned(tx, world.tenantId, runId));

describe.each([
  ["cannot be read", {}],
  ["is absent", undefined],
])("if the group of a device %s", (_, group_id) => {
  it("its asset keeps its client, and the sync continues", async () => {
    const { external_id: id, ...before } = (await mapped())[0]!;
    world.simulator.account.patchDevice(id as string, { group_id, city: "Ghent" });
    const dryRun = await world.sync("dry_run");
    expect(await planned(dryRun.id)).toMatchObject({ change: 1 });
    expect(await planned(dryRun.id)).not.toHaveProperty("move");
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed", itemsMoved: 0, itemsHeld: 0, itemsUpdated: 1 });
    const after = await rowOf(id as string);
    expect(after).toMatchObject({ client: before["client"], external_group_id: before["external_group_id"] });
    expect(after["location"]).toContain("Ghent");
  });

  it("a new device is in none", async () => {
    const device = world.simulator.account.addDevice();
    world.simulator.account.patchDevice(device.id, { group_id });
    await world.sync("full");
    expect(await rowOf(device.id)).toMatchObject({ client: null, skip_reason: "ungrouped" });
  });
});

it("a device that reports no group loses its client, even beside an odd field", async () => {
  const id = (await mapped())[0]!["external_id"] as string;
  world.simulator.account.patchDevice(id, { group_id: null, tags: "VIP" });
  await world.sync("full");
  expect(await rowOf(id)).toMatchObject({ client: null, skip_reason: "ungrouped" });
});

it("a group with an unreadable parent stays below its former one, and its devices keep their clients", async () => {
  const child = (await groups()).find((group) => group.parentExternalId !== null)!;
  const before = await mapped();
  world.simulator.account.patchGroup(child.externalId, { parent_id: {}, name: "Lab" });
  const dryRun = await world.sync("dry_run");
  expect(await planned(dryRun.id)).not.toHaveProperty("move");
  expect(await world.sync("full")).toMatchObject({ itemsMoved: 0, itemsHeld: 0 });
  const after = (await groups()).find((group) => group.externalId === child.externalId)!;
  expect(after).toMatchObject({ name: "Lab", parentExternalId: child.parentExternalId });
  expect(await mapped()).toEqual(before);
});
