import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { connect } from "~/features/connections/connect.server";
import { decideHeld } from "~/features/review/decide-held.server";
import { disconnect } from "~/features/connections/disconnect.server";
import { linkDevices } from "~/features/review/link-device.server";
import { mapTopLevelGroups } from "~/features/mapping/mapping.server";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";

import { assetOf, TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 60, seed: 5, updatesPerDevice: 0 });
});

afterEach(() => world.close());

const mapped = async () => {
  const rows = (await world.deviceRows()).filter((row) => row["skip_reason"] === null && !row["is_gone"]);
  const ids = new Set(rows.map((row) => row["external_id"]));
  return [...world.simulator.account.devices].filter((device) => ids.has(device.id));
};
const reviews = () =>
  withTenant(world.database.db, world.tenantId, (tx) =>
    queryRows<{
      id: string;
      externalId: string;
      reason: string;
      candidates: { assetId: string; by: string }[];
    }>(
      tx,
      sql`select id, external_id as "externalId", reason, candidates from rmm_identity_reviews order by external_id`,
    ),
  );

/** The same machine under a new id, as after a reinstallation of the agent. */
function enrollAgain(id: string, changes: Record<string, unknown> = {}) {
  const { account } = world.simulator;
  const old = [...account.devices].find((device) => device.id === id)!;
  return account.addDevice({ ...old, id: `${id}-again`, ...changes });
}

const listAssets = () =>
  withTenant(world.database.db, world.tenantId, (tx) =>
    queryRows<{ id: string }>(tx, sql`select id from assets`),
  );

async function deviceWithSerial() {
  const device = (await mapped())[0]!;
  world.simulator.account.patchDevice(device.id, { serial_number: "5CG9876XYZ" });
  await world.sync("full");
  return device;
}

describe("a re-enrolled machine", () => {
  it("joins its old asset, says why, and creates no other", async () => {
    const device = await deviceWithSerial();
    const before = (await assetOf(world, device.id))!.asset;
    const again = enrollAgain(device.id, { serial_number: "5cg9876xyz" });
    world.simulator.account.removeDevice(device.id);

    const run = await world.sync("full");

    const after = (await assetOf(world, again.id))!;
    expect(after.asset).toMatchObject({ id: before.id, status: "active", goneAt: null });
    expect(after.mapping.link).toMatchObject({ by: "serial", key: "5CG9876XYZ" });
    expect(run).toMatchObject({ status: "completed", itemsCreated: 0, itemsUpdated: 1, itemsGone: 1 });
    expect(await reviews()).toEqual([]);
  });

  it("waits for a decision if it shares only a serial number with a gone machine of another make", async () => {
    const device = await deviceWithSerial();
    const other = enrollAgain(device.id, {
      hostname: "ANOTHER-01",
      nickname: null,
      manufacturer: "Another maker",
      model: "Another model",
      network_interfaces: [],
    });
    world.simulator.account.removeDevice(device.id);
    expect(await world.sync("full")).toMatchObject({ status: "completed", itemsGone: 1, itemsUpdated: 0 });
    expect(await reviews()).toEqual([expect.objectContaining({ externalId: other.id, reason: "ambiguous" })]);
    expect(await assetOf(world, other.id)).toBeUndefined();
  });

  it("is an asset of its own if they share only a vendor's placeholder", async () => {
    const device = (await mapped())[0]!;
    world.simulator.account.patchDevice(device.id, { serial_number: "SystemSerialNumb" });
    await world.sync("full");
    const gone = (await assetOf(world, device.id))!.asset;
    const other = enrollAgain(device.id, {
      serial_number: "SystemSerialNumb",
      hostname: "ANOTHER-01",
      nickname: null,
      network_interfaces: [],
    });
    world.simulator.account.removeDevice(device.id);
    await world.sync("full");
    expect((await assetOf(world, other.id))!.asset.id).not.toBe(gone.id);
    expect(await reviews()).toEqual([]);
  });

  it("joins it even if a webhook reported the new device first", async () => {
    const device = await deviceWithSerial();
    const before = (await assetOf(world, device.id))!.asset;
    const again = enrollAgain(device.id);
    await world.sync("device", again.id);
    expect(await reviews()).toEqual([expect.objectContaining({ externalId: again.id, reason: "waiting" })]);

    world.simulator.account.removeDevice(device.id);
    await world.sync("full");
    expect((await assetOf(world, again.id))!.asset.id).toBe(before.id);
  });

  it("joins an asset that was gone long before", async () => {
    const device = await deviceWithSerial();
    const before = (await assetOf(world, device.id))!.asset;
    const again = { ...device, id: `${device.id}-again`, serial_number: "5CG9876XYZ" };
    world.simulator.account.removeDevice(device.id);
    await world.sync("full");
    world.simulator.account.addDevice(again);
    await world.sync("full");
    expect((await assetOf(world, again.id))!.asset).toMatchObject({ id: before.id, status: "active" });
  });

  it("is another machine if both are still listed at the end of the sweep", async () => {
    const device = await deviceWithSerial();
    const again = enrollAgain(device.id);
    const run = await world.sync("full");
    const one = (await assetOf(world, device.id))!.asset;
    const other = (await assetOf(world, again.id))!.asset;
    expect(other.id).not.toBe(one.id);
    expect(run).toMatchObject({ status: "completed", itemsCreated: 1 });
    expect(run.summary!.devices).toMatchObject({ created: 1 });
    expect(await reviews()).toEqual([]);

    const quiet = await world.sync("full");
    expect(quiet).toMatchObject({ itemsCreated: 0, itemsUpdated: 0 });
  });

  /** Re-enrols the whole account at once, which the guard holds. Returns the old devices. */
  async function enrollAllAgain() {
    const all = await mapped();
    for (const [index, device] of all.entries())
      world.simulator.account.patchDevice(device.id, { serial_number: `SN-${1000 + index}X` });
    await world.sync("full");
    for (const device of all) {
      enrollAgain(device.id);
      world.simulator.account.removeDevice(device.id);
    }
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed_with_errors", itemsCreated: 0, itemsHeld: all.length });
    expect(await reviews()).toHaveLength(all.length);
    return all;
  }

  const approveRemovals = () =>
    decideHeld(world.deps, {
      tenantId: world.tenantId,
      which: { filter: { kind: "removal" } },
      decision: "approve",
      actor: TEST_ACTOR,
    });

  it("waits while the removal of its old device is held, and joins when that is approved", async () => {
    const all = await enrollAllAgain();
    const before = new Map(
      await Promise.all(all.map(async ({ id }) => [id, await assetOf(world, id)] as const)),
    );
    await approveRemovals();
    expect(await reviews()).toEqual([]);
    for (const device of all) {
      const { asset } = (await assetOf(world, `${device.id}-again`))!;
      expect(asset).toMatchObject({ id: before.get(device.id)!.asset.id, status: "active" });
    }
  });

  it("joins on approval even after a sync of each old device has missed it as well", async () => {
    const all = await enrollAllAgain();
    for (const { id } of all.slice(0, 2)) {
      const run = await world.sync("device", id);
      expect(run).toMatchObject({ status: "completed_with_errors", itemsGone: 0, itemsHeld: 0 });
    }
    expect(await approveRemovals()).toMatchObject({ changes: all.length, gone: all.length });
    expect(await reviews()).toEqual([]);
  });

  it("joins its old asset if the whole account is connected anew", async () => {
    const assetsBefore = new Set((await listAssets()).map((row) => row.id));
    const { tenantId, connectionId, deps, simulator } = world;
    await disconnect(deps, { tenantId, connectionId, assets: "keep", actor: TEST_ACTOR });
    const anew = await connect(deps, {
      tenantId,
      provider: "levelio",
      label: "Level anew",
      apiKey: simulator.apiKey,
      actor: TEST_ACTOR,
    });
    if (anew.state !== "saved") throw new Error(anew.state);
    const ref = { tenantId, connectionId: anew.integration.id };
    for (const type of ["organizations", "full"] as const) {
      const asked = await requestSync(deps, { ...ref, type, trigger: "manual", actor: "test" });
      if (asked.state !== "queued") throw new Error(asked.state);
      await runDirect(deps, { tenantId, runId: asked.run.id });
      if (type === "organizations") await mapTopLevelGroups(deps, ref, TEST_ACTOR);
    }
    const created = (await listAssets()).filter((row) => !assetsBefore.has(row.id));
    expect(assetsBefore.size).toBeGreaterThan(20);
    expect(created).toEqual([]);
  });
});

describe("a machine that several assets match", () => {
  async function makeAmbiguous() {
    const [first, second] = await mapped();
    const groupId = first!.group_id;
    world.simulator.account.patchDevice(first!.id, { serial_number: "TWIN-4711" });
    world.simulator.account.patchDevice(second!.id, { serial_number: "TWIN-4711", group_id: groupId });
    await world.sync("full");
    const assets = [(await assetOf(world, first!.id))!.asset, (await assetOf(world, second!.id))!.asset];
    const again = enrollAgain(first!.id, { hostname: "TWIN-X", nickname: null });
    world.simulator.account.removeDevice(first!.id);
    world.simulator.account.removeDevice(second!.id);
    await world.sync("full");
    return { again, assets };
  }

  it("waits under review, is counted as skipped, and has no asset until a person decides", async () => {
    const { again, assets } = await makeAmbiguous();
    const [review] = await reviews();
    expect(review).toMatchObject({ externalId: again.id, reason: "ambiguous" });
    expect(review!.candidates.map((candidate) => candidate.assetId).sort()).toEqual(
      assets.map((asset) => asset.id).sort(),
    );
    expect(await assetOf(world, again.id)).toBeUndefined();
  });

  it("is linked at once to the asset that a person picks, with that person's name", async () => {
    const { again, assets } = await makeAmbiguous();
    const [review] = await reviews();
    const outcome = await linkDevices(world.deps, {
      tenantId: world.tenantId,
      reviewIds: [review!.id],
      to: { assetId: assets[1]!.id },
      actor: TEST_ACTOR,
    });
    expect(outcome).toEqual({ state: "linked", devices: 1 });
    const row = (await assetOf(world, again.id))!;
    expect(row.asset).toMatchObject({ id: assets[1]!.id, status: "active" });
    expect(row.mapping.link).toMatchObject({ by: "hand", actor: "test" });
    expect(await reviews()).toEqual([]);
    const quiet = await world.sync("full");
    expect(quiet).toMatchObject({
      itemsCreated: 0,
      itemsUpdated: 0,
      itemsSkipped: expect.any(Number) as number,
    });
  });

  it("becomes an asset of its own if a person says so", async () => {
    const { again, assets } = await makeAmbiguous();
    const [review] = await reviews();
    const request = {
      tenantId: world.tenantId,
      reviewIds: [review!.id],
      to: "new" as const,
      actor: TEST_ACTOR,
    };
    expect(await linkDevices(world.deps, request)).toEqual({ state: "linked", devices: 1 });
    const own = (await assetOf(world, again.id))!.asset;
    expect(assets.map((asset) => asset.id)).not.toContain(own.id);
    expect(await linkDevices(world.deps, request)).toEqual({ state: "nothing_to_decide" });
  });

  it("can be linked only to the candidates", async () => {
    await makeAmbiguous();
    const [review] = await reviews();
    const elsewhere = (await assetOf(world, (await mapped())[3]!.id))!.asset;
    const outcome = await linkDevices(world.deps, {
      tenantId: world.tenantId,
      reviewIds: [review!.id],
      to: { assetId: elsewhere.id },
      actor: TEST_ACTOR,
    });
    expect(outcome).toEqual({ state: "not_a_candidate" });
  });
});
