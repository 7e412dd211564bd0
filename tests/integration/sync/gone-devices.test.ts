import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { countPlanned } from "@db/queries/device-sync/planned";
import { confirmHeldDevices } from "~/features/review/decide-held.server";

import { assetOf, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

const ACTOR = { userId: null, name: "ada@example.test", ip: null };

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 110, seed: 11 });
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

  it("are held if more than ten and more than a fifth are missing, until a person confirms", async () => {
    for (const device of grouped().slice(0, 30)) world.simulator.account.removeDevice(device.id);
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed_with_errors", itemsGone: 0, itemsHeld: 30 });
    expect(run.degraded.map((note) => note.resource)).toEqual(["updates", "devices"]);
    expect(await goneRows()).toHaveLength(0);

    const outcome = await confirmHeldDevices(world.deps, { tenantId: world.tenantId, runId: run.id }, ACTOR);
    expect(outcome).toEqual({ state: "confirmed", gone: 30 });
    expect(await goneRows()).toHaveLength(30);
  });

  it("are no longer held once a later complete sweep lists them", async () => {
    world.simulator.faults.add({ kind: "half_list", resource: "devices", share: 0.5, times: 2 });
    const held = await world.sync("full");
    expect(held.itemsHeld).toBeGreaterThan(10);
    world.simulator.faults.clear();
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed", itemsHeld: 0, itemsGone: 0 });
    const outcome = await confirmHeldDevices(world.deps, { tenantId: world.tenantId, runId: held.id }, ACTOR);
    expect(outcome).toEqual({ state: "superseded" });
  });

  it("retire nobody if the whole list is empty", async () => {
    world.simulator.faults.add({ kind: "empty_list", resource: "devices" });
    const run = await world.sync("full");
    expect(run.status).toBe("completed_with_errors");
    expect(await goneRows()).toHaveLength(0);
  });

  it("retire nobody if the walk loses its cursor twice", async () => {
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

describe("of an account that grows meanwhile", () => {
  const mapped = async () => (await world.deviceRows()).filter((row) => row["client"] !== null);
  async function enrol(count: number) {
    const group = (await mapped())[0]!["external_group_id"] as string;
    for (let n = 0; n < count; n++)
      world.simulator.account.addDevice({ group_id: group, hostname: `NEW-${n}` });
  }
  const remove = (devices: { id: string }[]) => {
    for (const { id } of devices) world.simulator.account.removeDevice(id);
  };
  const plannedCounts = (runId: string) =>
    withTenant(world.database.db, world.tenantId, (tx) => countPlanned(tx, world.tenantId, runId));

  it("are a share of the devices known before, and a dry run says the same", async () => {
    remove(grouped().slice(0, 28));
    await enrol(32);
    const dryRun = await world.sync("dry_run");
    expect(await plannedCounts(dryRun.id)).toMatchObject({ create: 32, hold: 28 });
    const run = await world.sync("full");
    expect(run).toMatchObject({ itemsCreated: 32, itemsGone: 0, itemsHeld: 28 });
  });

  it("stay held after they have become a small share, while others that leave are gone", async () => {
    const removed = grouped().slice(0, 30);
    remove(removed);
    expect(await world.sync("full")).toMatchObject({ itemsHeld: 30 });
    await enrol(150);
    await world.sync("full");
    remove(grouped().slice(0, 1));
    const dryRun = await world.sync("dry_run");
    expect(await plannedCounts(dryRun.id)).toMatchObject({ gone: 1, hold: 30 });
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed_with_errors", itemsGone: 1, itemsHeld: 30 });
    expect(run.degraded[0]!.reason).toContain("30 devices");

    world.simulator.account.addDevice(removed[0]!);
    expect(await world.sync("full")).toMatchObject({ itemsGone: 0, itemsHeld: 29 });
    const which = { tenantId: world.tenantId, runId: (await world.sync("full")).id };
    expect(await confirmHeldDevices(world.deps, which, ACTOR)).toEqual({ state: "confirmed", gone: 29 });
    expect(await world.sync("full")).toMatchObject({ status: "completed", itemsHeld: 0 });
  });

  it("do not make the list look cut to a dry run that has written none of the new ones", async () => {
    await enrol(30);
    remove(grouped().slice(0, 1));
    const dryRun = await world.sync("dry_run");
    expect(await plannedCounts(dryRun.id)).toMatchObject({ create: 30, gone: 1 });
  });
});

describe("with unreadable records in the list", () => {
  it("retire nobody if a device is listed without a readable id", async () => {
    const { account } = world.simulator;
    const device = grouped()[0]!;
    account.patchDevice(device.id, { id: {} });
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed_with_errors", itemsGone: 0, itemsHeld: 1 });
    expect(run.degraded[0]!.reason).toContain("without an id");

    account.patchDevice(device.id, { id: device.id });
    expect(await world.sync("full")).toMatchObject({ status: "completed", itemsGone: 0, itemsHeld: 0 });
  });

  it("retire nobody if records of other resources are unreadable", async () => {
    const available = [...world.simulator.account.updates].filter((update) => update.is_available);
    for (const update of available.slice(0, 20))
      world.simulator.account.patchUpdate(update.id, { device_id: {} });
    world.simulator.faults.add({ kind: "half_list", resource: "devices", share: 0.88 });
    const run = await world.sync("full");
    expect(run.itemsFailed).toBeGreaterThan(15);
    expect(run).toMatchObject({ status: "completed_with_errors", itemsGone: 0 });
    expect(run.itemsHeld).toBeGreaterThan(10);
  });
});

describe("after a clock that was ahead", () => {
  const DAY = 24 * 60 * 60_000;

  it("devices are updated, and gone when removed, as soon as the clock is right again", async () => {
    await world.database.db.execute(sql`
      update tenant_external_entity_mappings set observed_at = observed_at + interval '40 days'`);
    await world.database.db.execute(sql`
      update rmm_device_updates set observed_at = observed_at + interval '40 days'`);
    await world.database.db.execute(sql`
      update rmm_sync_runs set started_at = started_at + interval '40 days', ended_at = ended_at + interval '40 days'`);
    const [changed, removed, update] = [
      grouped()[0]!,
      grouped()[1]!,
      [...world.simulator.account.updates][0]!,
    ];
    world.simulator.account.patchDevice(changed.id, { city: "Ghent" });
    world.simulator.account.removeDevice(removed.id);
    world.simulator.account.removeUpdate(update.id);
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed", itemsUpdated: 1, itemsGone: 1 });
    expect((await assetOf(world, changed.id))!.asset.location).toContain("Ghent");
    const stored = (await world.updateRows()).find((row) => row["external_update_id"] === update.id);
    expect(stored === undefined || stored["is_available"] === false).toBe(true);
  });

  it("moves that no person caused are still held", async () => {
    world.setNow(new Date(Date.now() + 40 * DAY));
    await world.sync("full");
    world.setNow(null);
    const rows = (await world.deviceRows()).filter((row) => row["client"] !== null);
    const target = rows[0]!;
    for (const row of rows.filter((row) => row["client"] !== target["client"]).slice(0, 30))
      world.simulator.account.moveDevice(row["external_id"] as string, target["external_group_id"] as string);
    expect((await world.sync("full")).itemsHeld).toBeGreaterThan(20);
  });
});

describe("the sync of one device", () => {
  it("marks it as gone if Level answers 404", async () => {
    const device = grouped()[0]!;
    world.simulator.account.removeDevice(device.id);
    const run = await world.sync("device", device.id);
    expect(run).toMatchObject({ status: "completed", itemsGone: 1 });
    expect((await assetOf(world, device.id))!.asset.status).toBe("gone");
  });

  it("stores what changed, on the write path of the sweep, and refreshes its patches", async () => {
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
