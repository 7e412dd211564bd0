import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { confirmHeldDevices } from "~/sync/conclude";

import { assetOf, createSyncWorld, type SyncWorld } from "../../support/sync";

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncWorld({ devices: 220, seed: 11 });
  await world.sync("organizations");
  await world.mapAll();
  await world.sync("full");
});

afterEach(() => world.close());

const grouped = () => [...world.simulator.account.devices].filter((device) => device.group_id !== null);
const goneRows = async () => (await world.deviceRows()).filter((row) => row["is_gone"]);

describe("devices that a sweep does not list", () => {
  it("are marked as gone with when and why, and keep their rows", async () => {
    const device = grouped()[0]!;
    world.simulator.account.removeDevice(device.id);
    const run = await world.sync("full");
    const row = await assetOf(world, device.id);
    expect(run).toMatchObject({ status: "completed", itemsGone: 1 });
    expect(row!.asset).toMatchObject({
      status: "gone",
      goneReason: expect.stringContaining("complete list") as string,
    });
    expect(row!.asset.goneAt).not.toBeNull();
  });

  it("come back as the same asset when they are listed again", async () => {
    const device = grouped()[0]!;
    const before = await assetOf(world, device.id);
    world.simulator.account.removeDevice(device.id);
    await world.sync("full");
    world.simulator.account.addDevice(device);
    await world.sync("full");
    const after = await assetOf(world, device.id);
    expect(after!.asset).toMatchObject({
      id: before!.asset.id,
      status: "active",
      goneAt: null,
      goneReason: null,
    });
  });

  it("are held when more than ten and more than a fifth are missing, until a person confirms", async () => {
    for (const device of grouped().slice(0, 60)) world.simulator.account.removeDevice(device.id);
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed_with_errors", itemsGone: 0, itemsHeld: 60 });
    expect(run.degraded).toEqual([expect.objectContaining({ resource: "devices" })]);
    expect(await goneRows()).toHaveLength(0);

    const outcome = await confirmHeldDevices(world.deps, { tenantId: world.tenantId, runId: run.id });
    expect(outcome).toEqual({ state: "confirmed", gone: 60 });
    expect(await goneRows()).toHaveLength(60);
  });

  it("are no longer held when a later complete sweep lists them", async () => {
    world.simulator.faults.add({ kind: "half_list", resource: "devices", share: 0.5, times: 2 });
    const held = await world.sync("full");
    expect(held.itemsHeld).toBeGreaterThan(10);
    world.simulator.faults.clear();
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed", itemsHeld: 0, itemsGone: 0 });
    const outcome = await confirmHeldDevices(world.deps, { tenantId: world.tenantId, runId: held.id });
    expect(outcome).toEqual({ state: "superseded" });
  });

  it("retire nobody when the whole list is empty", async () => {
    world.simulator.faults.add({ kind: "empty_list", resource: "devices" });
    const run = await world.sync("full");
    expect(run.status).toBe("completed_with_errors");
    expect(await goneRows()).toHaveLength(0);
  });

  it("retire nobody when the walk loses its cursor twice", async () => {
    world.simulator.faults.add({
      kind: "status",
      status: 404,
      resource: "devices",
      afterRequests: 1,
      times: 1,
    });
    const run = await world.sync("full");
    // The first 404 restarts the sweep, which then completes.
    expect(run.status).toBe("completed");
    world.simulator.faults.add({ kind: "status", status: 404, resource: "devices", afterRequests: 1 });
    const failed = await world.sync("full");
    expect(failed.status).toBe("failed");
    expect(await goneRows()).toHaveLength(0);
  });
});

describe("the sync of one device", () => {
  it("marks it as gone when Level answers 404", async () => {
    const device = grouped()[0]!;
    world.simulator.account.removeDevice(device.id);
    const run = await world.sync("device", device.id);
    expect(run).toMatchObject({ status: "completed", itemsGone: 1 });
    expect((await assetOf(world, device.id))!.asset.status).toBe("gone");
  });

  it("takes over what changed, on the write path of the sweep, and refreshes its patches", async () => {
    const device = grouped().find((row) =>
      [...world.simulator.account.updates].some(
        (update) => update.device_id === row.id && update.is_available,
      ),
    )!;
    const update = [...world.simulator.account.updates].find(
      (row) => row.device_id === device.id && row.is_available,
    )!;
    const before = (await world.deviceRows()).find((row) => row["external_id"] === device.id)!;
    world.simulator.account.renameDevice(device.id, "Reception left");
    world.simulator.account.installUpdate(update.id);
    const run = await world.sync("device", device.id);
    const after = (await world.deviceRows()).find((row) => row["external_id"] === device.id)!;
    expect(run).toMatchObject({ status: "completed", itemsUpdated: 1 });
    expect(after["name"]).toBe("Reception left");
    expect(after["pending_os_patches"]).toBe((before["pending_os_patches"] as number) - 1);
  });
});
