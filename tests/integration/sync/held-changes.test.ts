import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { heldFingerprint } from "@db/queries/review/held";
import { decideHeld, type HeldDecision } from "~/features/review/decide-held.server";
import { cancelRun } from "~/features/sync-execution/end-run";
import { mapGroupByPath } from "~/features/mapping/mapping.server";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";

import { assetOf, meetDevices, TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 110, seed: 11, updatesPerDevice: 0 });
});

afterEach(() => world.close());

const mapped = async () => {
  const rows = (await world.deviceRows()).filter((row) => row["skip_reason"] === null && !row["is_gone"]);
  const ids = new Set(rows.map((row) => row["external_id"]));
  return [...world.simulator.account.devices].filter((device) => ids.has(device.id));
};
const held = () =>
  withTenant(world.database.db, world.tenantId, (tx) =>
    queryRows<{ id: string; mark: string; kind: string; state: string; externalId: string }>(
      tx,
      sql`select id, ${heldFingerprint} as mark, kind, state, external_id as "externalId" from rmm_held_changes h
          order by external_id`,
    ),
  );
const decide = (decision: HeldDecision["decision"], which: HeldDecision["which"]) =>
  decideHeld(world.deps, { tenantId: world.tenantId, which, decision, actor: TEST_ACTOR });
const audits = (action: string) =>
  withTenant(world.database.db, world.tenantId, (tx) =>
    queryRows(tx, sql`select details from audit_log where action = ${action}`),
  );
const rowOf = async (id: string) => (await world.deviceRows()).find((row) => row["external_id"] === id)!;

/** How many updates were published for each device. */
const updatesSaid = async () =>
  Object.fromEntries(
    (
      await queryRows<{ id: string; n: number }>(
        world.database.db,
        sql`select data->>'externalDeviceId' as id, count(*)::int as n from rmm_events
            where name = 'RMM_DEVICE_UPDATED' group by 1`,
      )
    ).map(({ id, n }) => [id, n]),
  );

/** A mapped group of another client. */
async function otherGroup(id: string) {
  const own = await rowOf(id);
  const rows = await world.deviceRows();
  return rows.find((row) => row["client"] !== null && row["client"] !== own["client"])!;
}

/** Moves 30 devices of other clients into one of a client's groups. Returns their ids and that client. */
async function moveMany() {
  const rows = (await world.deviceRows()).filter((row) => row["client"] !== null);
  const target = rows[0]!;
  const ids = rows
    .filter((row) => row["client"] !== target["client"])
    .slice(0, 30)
    .map((row) => row["external_id"] as string);
  for (const id of ids) world.simulator.account.moveDevice(id, target["external_group_id"] as string);
  return { ids, client: target["client"] };
}

describe("a few moves and renames in Level", () => {
  it("are applied at the end of the sweep, and the moves are written to the audit log", async () => {
    const [one, two] = await mapped();
    const target = await otherGroup(two!.id);
    world.simulator.account.renameDevice(one!.id, "RECEPTION-01");
    world.simulator.account.moveDevice(two!.id, target["external_group_id"] as string);
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed", itemsHeld: 0 });
    expect(await rowOf(one!.id)).toMatchObject({ name: "RECEPTION-01" });
    expect(await rowOf(two!.id)).toMatchObject({ client: target["client"] });
    expect(await audits("asset.moved")).toHaveLength(1);
    expect(await held()).toEqual([]);
    const quiet = await world.sync("full");
    expect(quiet).toMatchObject({ itemsUpdated: 0 });
  });

  it("are published when they are applied, not only when Level's record of them is stored", async () => {
    const [device] = await mapped();
    world.simulator.account.renameDevice(device!.id, "RECEPTION-01");
    await world.sync("full");
    expect(await updatesSaid()).toEqual({ [device!.id]: 2 });
  });

  it("take the client from an asset whose device left all mapped groups", async () => {
    const [device] = await mapped();
    world.simulator.account.moveDevice(device!.id, null);
    await world.sync("full");
    expect(await rowOf(device!.id)).toMatchObject({ client: null, skip_reason: "ungrouped" });
    const quiet = await world.sync("full");
    expect(quiet).toMatchObject({ itemsUpdated: 0, status: "completed" });
    expect(await held()).toEqual([]);
  });
});

describe("too many renames", () => {
  async function renameMany() {
    const devices = (await mapped()).slice(0, 30);
    const rows = await world.deviceRows();
    const names = new Map(rows.map((row) => [row["external_id"] as string, row["name"]]));
    for (const [index, device] of devices.entries()) {
      world.simulator.account.patchDevice(device.id, {
        nickname: null,
        hostname: `WIN-${1000 + index}`,
        city: "Ghent",
      });
    }
    return { devices, names, run: await world.sync("full") };
  }

  it("are held, while the rest of each record is written", async () => {
    const { devices, names, run } = await renameMany();
    expect(run).toMatchObject({ status: "completed_with_errors", itemsHeld: 30 });
    expect(run.degraded[0]!.reason).toContain("30 of");
    const row = await rowOf(devices[0]!.id);
    expect(row["name"]).toBe(names.get(devices[0]!.id));
    expect(row["location"]).toContain("Ghent");
    expect(await held()).toHaveLength(30);
  });

  it("stay held from sweep to sweep, and are withdrawn if Level takes them back", async () => {
    const { devices, names } = await renameMany();
    expect(await world.sync("full")).toMatchObject({ status: "completed_with_errors", itemsHeld: 30 });
    for (const device of devices)
      world.simulator.account.patchDevice(device.id, { nickname: names.get(device.id), city: "Ghent" });
    expect(await world.sync("full")).toMatchObject({ status: "completed", itemsHeld: 0 });
    expect(await held()).toEqual([]);
  });

  it("are applied if a person approves, and become overrides if rejected", async () => {
    const { devices, names } = await renameMany();
    const rows = await held();
    const [first, ...rest] = rows;
    const before = await updatesSaid();
    expect(await decide("approve", { seen: [first!] })).toEqual({
      state: "decided",
      changes: 1,
      gone: 0,
      changed: 0,
    });
    const { externalId } = first!;
    expect(await updatesSaid()).toEqual({ ...before, [externalId]: before[externalId]! + 1 });
    expect(await decide("reject", { filter: { kind: "rename" } })).toMatchObject({ changes: rest.length });
    expect((await rowOf(first!.externalId))["name"]).toMatch(/^WIN-/);
    const kept = devices.find((device) => device.id === rest[0]!.externalId)!;
    expect((await assetOf(world, kept.id))!.asset).toMatchObject({
      name: names.get(kept.id),
      overriddenFields: ["name"],
    });
    expect(await world.sync("full")).toMatchObject({ status: "completed", itemsHeld: 0 });
    expect((await rowOf(kept.id))["name"]).toBe(names.get(kept.id));
    expect(await decide("approve", { seen: [first!] })).toEqual({ state: "nothing_held", changed: 0 });
  });
});

describe("renames and moves found by syncs of single devices", () => {
  const many = async (n: number) => {
    const devices = (await mapped()).slice(0, n);
    for (const [index, device] of devices.entries())
      world.simulator.account.patchDevice(device.id, { nickname: null, hostname: `WIN-${1000 + index}` });
    return devices;
  };

  it("are applied if they are few", async () => {
    const [device] = await many(1);
    expect(await world.sync("device", device!.id)).toMatchObject({ status: "completed", itemsHeld: 0 });
    expect((await rowOf(device!.id))["name"]).toBe("WIN-1000");
    expect(await held()).toEqual([]);
  });

  it("stay held if a sweep held them, whatever else of the device has changed", async () => {
    const devices = await many(30);
    await world.sync("full");
    const device = devices[0]!;
    const before = await rowOf(device.id);
    world.simulator.account.patchDevice(device.id, { city: "Ghent" });
    await world.sync("device", device.id);
    const after = await rowOf(device.id);
    expect(after["name"]).toBe(before["name"]);
    expect(after["location"]).toContain("Ghent");
    expect(await held()).toHaveLength(30);

    // A change that Level took back can no longer be approved.
    world.simulator.account.patchDevice(device.id, { nickname: before["name"] });
    await world.sync("device", device.id);
    expect(await held()).toHaveLength(29);
  });

  it("stay held as moves too, with nothing else new", async () => {
    await moveMany();
    const { itemsHeld } = await world.sync("full");
    const one = (await held())[0]!;
    const client = (await rowOf(one.externalId))["client"];
    await world.sync("device", one.externalId);
    expect((await rowOf(one.externalId))["client"]).toBe(client);
    expect(await held()).toHaveLength(itemsHeld);
  });

  it("are held together with earlier ones and those of a sweep once they are too many", async () => {
    const devices = await many(30);
    const fifth = Math.floor(110 * 0.2);
    for (const device of devices.slice(0, 25)) await world.sync("device", device.id);
    expect(await held()).toHaveLength(25 - fifth);
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed_with_errors", itemsHeld: 30 - fifth });
    expect(run.degraded[0]!.reason).toContain("30 of 110");
    const names = (await world.deviceRows()).map((row) => String(row["name"]));
    expect(names.filter((name) => name.startsWith("WIN-"))).toHaveLength(fifth);
  });
});

describe("removals found by syncs of single devices", () => {
  it("are held once they are too many, alone or with those of a sweep", async () => {
    const devices = (await mapped()).slice(0, 30);
    for (const device of devices) world.simulator.account.removeDevice(device.id);
    for (const device of devices.slice(0, 25)) await world.sync("device", device.id);
    const gone = async () => (await world.deviceRows()).filter((row) => row["is_gone"]).length;
    const before = await gone();
    expect(before).toBeGreaterThan(10);
    expect(before).toBeLessThan(25);
    expect(await held()).toHaveLength(25 - before);
    expect(await world.sync("full")).toMatchObject({ itemsGone: 0, itemsHeld: 30 - before });
    expect(await gone()).toBe(before);
  });
});

describe("an approved removal", () => {
  it.each([
    ["full sync that was cancelled", async () => cancelRun(world.deps, await meetDevices(world))],
    ["dry run", () => world.sync("dry_run")],
  ])("skips devices that a %s has listed since, with no other news", async (_, list) => {
    const devices = (await mapped()).slice(0, 30);
    for (const { id } of devices) world.simulator.account.setOnline(id, false);
    await world.sync("full");
    const [still, ...back] = [...world.simulator.account.devices].filter(({ id }) =>
      devices.some((device) => device.id === id),
    );
    for (const { id } of [still!, ...back]) world.simulator.account.removeDevice(id);
    expect(await world.sync("full")).toMatchObject({ itemsHeld: 30, itemsGone: 0 });
    for (const device of back) world.simulator.account.addDevice(device);
    await list();
    expect(await decide("approve", { filter: { kind: "removal" } })).toMatchObject({ changes: 30, gone: 1 });
    expect(await rowOf(still!.id)).toMatchObject({ is_gone: true });
    expect(await rowOf(back[0]!.id)).toMatchObject({ is_gone: false });
  });
});

describe("too many moves", () => {
  it("are held if Level moved a group, until a person approves", async () => {
    const { ids, client } = await moveMany();
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed_with_errors", itemsHeld: ids.length });
    expect(await audits("asset.moved")).toHaveLength(0);

    const outcome = await decide("approve", { filter: { kind: "move" } });
    expect(outcome).toMatchObject({ state: "decided", changes: run.itemsHeld });
    expect(await audits("asset.moved")).toHaveLength(run.itemsHeld);
    const after = await world.deviceRows();
    for (const id of ids) expect(after.find((row) => row["external_id"] === id)).toMatchObject({ client });
    expect(await world.sync("full")).toMatchObject({ status: "completed", itemsUpdated: 0 });
  });

  it("are applied at once if a person changed the mapping", async () => {
    const ref = { tenantId: world.tenantId, connectionId: world.connectionId };
    const groups = await withTenant(world.database.db, world.tenantId, (tx) =>
      queryRows<{ path: string }>(
        tx,
        sql`select path from rmm_organization_mappings where parent_external_id is null order by path`,
      ),
    );
    for (const group of groups)
      await mapGroupByPath(world.deps, ref, { path: group.path, clientName: "Everybody" }, TEST_ACTOR);
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed", itemsHeld: 0 });
    const clients = new Set((await world.deviceRows()).map((row) => row["client"]));
    expect([...clients].filter((client) => client !== null)).toEqual(["Everybody"]);
  });
});

it("moves, renames and removals held in one run are each shown with their own number", async () => {
  const devices = await mapped();
  const target = await otherGroup(devices[0]!.id);
  const [renamed, rest] = [devices.slice(0, 30), devices.slice(30)];
  for (const [index, device] of renamed.entries())
    world.simulator.account.renameDevice(device.id, `WIN-${1000 + index}`);
  for (const device of rest.slice(0, 35))
    world.simulator.account.moveDevice(device.id, target["external_group_id"] as string);
  for (const device of rest.slice(35)) world.simulator.account.removeDevice(device.id);
  const run = await world.sync("full");
  const notes = run.degraded.filter((note) => note.resource === "devices");
  const reasons = notes.map((note) => note.reason);
  expect(notes.map((note) => note.kind)).toEqual(["move", "rename", "removal"]);
  expect(reasons[0]).toContain("moved to another client");
  expect(reasons[1]).toMatch(/^\d+ of \d+ devices were renamed/);
});

describe("held removals", () => {
  it("that a person rejects stay until the device is listed again", async () => {
    const devices = (await mapped()).slice(0, 30);
    for (const device of devices) world.simulator.account.removeDevice(device.id);
    const first = await world.sync("full");
    expect(first).toMatchObject({ itemsGone: 0, itemsHeld: 30 });
    expect(await decide("reject", { filter: { kind: "removal" } })).toMatchObject({ changes: 30 });
    expect(await world.sync("full")).toMatchObject({ status: "completed", itemsGone: 0, itemsHeld: 0 });
    expect((await assetOf(world, devices[0]!.id))!.asset.status).toBe("active");

    world.simulator.account.addDevice(devices[0]!);
    await world.sync("full");
    world.simulator.account.removeDevice(devices[0]!.id);
    expect(await world.sync("full")).toMatchObject({ itemsGone: 1 });
  });

  it("are withdrawn if a single device is read alive, and remove none that is alive", async () => {
    const devices = (await mapped()).slice(0, 30);
    for (const device of devices) world.simulator.account.removeDevice(device.id);
    await world.sync("full");
    const [back, late] = devices;
    world.simulator.account.addDevice(back!);
    await world.sync("device", back!.id);
    expect(await held()).toHaveLength(29);

    // Read alive by a run that ended before it could withdraw the removal.
    await world.database.db.execute(sql`
      update tenant_external_entity_mappings set observed_at = now() where external_id = ${late!.id}`);
    expect(await decide("approve", { filter: { kind: "removal" } })).toMatchObject({ changes: 29, gone: 28 });
    for (const { id } of [back!, late!]) expect((await assetOf(world, id))!.asset.status).toBe("active");
  });

  it("of a device that Level reported as deleted need no approval", async () => {
    const devices = (await mapped()).slice(0, 30);
    for (const device of devices) world.simulator.account.removeDevice(device.id);
    await world.sync("full");
    const { tenantId, connectionId } = world;
    const asked = await requestSync(world.deps, {
      ...{ tenantId, connectionId, type: "device", trigger: "webhook", actor: "device_deleted" },
      externalDeviceId: devices[0]!.id,
      isReportedGone: true,
    });
    if (asked.state !== "queued") throw new Error(asked.state);
    await runDirect(world.deps, { tenantId, runId: asked.run.id });
    expect((await assetOf(world, devices[0]!.id))!.asset.status).toBe("gone");
    expect(await held()).toHaveLength(29);
  });

  it("can be approved one by one", async () => {
    for (const device of (await mapped()).slice(0, 30)) world.simulator.account.removeDevice(device.id);
    await world.sync("full");
    const [one] = await held();
    expect(await decide("approve", { seen: [one!] })).toEqual({
      state: "decided",
      changes: 1,
      gone: 1,
      changed: 0,
    });
    expect((await assetOf(world, one!.externalId))!.asset.status).toBe("gone");
    expect(await held()).toHaveLength(29);
  });

  it("are those of a list that is shorter than Level's own count of its groups", async () => {
    world.simulator.faults.add({ kind: "half_list", resource: "devices", share: 0.88, times: 20 });
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed_with_errors", itemsGone: 0 });
    expect(run.degraded[0]!.reason).toContain("counts");
  });
});
