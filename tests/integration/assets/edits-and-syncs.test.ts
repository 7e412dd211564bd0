import { eq, sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createClient } from "@tests/support/factories";
import { assetOf, createSyncWorld, TEST_ACTOR, type SyncWorld } from "@tests/support/sync";
import { withTenant } from "@db/client";
import { moveClientContents } from "@db/queries/clients/client-contents";
import { listDifferences, type HeldFieldRow } from "@db/queries/assets/differences";
import { auditLog, clients, rmmOrganizationMappings } from "@db/schema";
import { fieldsOf, type AssetFields } from "@domain/asset-fields";
import { assetVersion } from "@domain/asset-version";
import { addAsset } from "~/features/assets/add-asset.server";
import { editAsset } from "~/features/assets/edit-asset.server";
import { resolveDifferences } from "~/features/assets/resolve-differences.server";

let world: SyncWorld;
/** A device in a group, with every field reported. */
let deviceId: string;

beforeEach(async () => {
  world = await createSyncWorld({ devices: 40, seed: 5, updatesPerDevice: 0 });
  const { account } = world.simulator;
  deviceId = [...account.devices].find((device) => device.group_id !== null)!.id;
  account.patchDevice(deviceId, {
    hostname: "LEVEL-1",
    nickname: null,
    role: "workstation",
    city: "Bern",
    country: "Switzerland",
    serial_number: "5CG9876XYZ",
  });
  await world.sync("organizations");
  await world.mapAll();
  await world.sync("full");
});
afterEach(() => world.close());

const asset = async (externalId = deviceId) => (await assetOf(world, externalId))!.asset;

async function edit(change: Partial<AssetFields>) {
  const row = await asset();
  const before = fieldsOf(row);
  const outcome = await editAsset(
    world.deps,
    { tenantId: world.tenantId, assetId: row.id },
    { ...before, ...change },
    assetVersion(before, row.overriddenFields),
    TEST_ACTOR,
  );
  expect(outcome.state).toBe("saved");
}

const everything = { field: undefined, clientId: undefined, text: undefined };

const differences = (): Promise<HeldFieldRow[]> =>
  withTenant(world.database.db, world.tenantId, (tx) =>
    listDifferences(tx, world.tenantId, everything, { after: undefined, limit: 100 }),
  );

const briefly = async () => (await differences()).map(({ field, ours, theirs }) => [field, ours, theirs]);

const resolve = (winner: "theirs" | "ours") =>
  resolveDifferences(
    world.deps,
    { tenantId: world.tenantId, selection: { filter: everything }, winner },
    TEST_ACTOR,
  );

const newClient = (name: string) => createClient(world.database.db, { tenantId: world.tenantId, name });

/** A new top-level group with a client. */
async function groupOf(clientId: string): Promise<string> {
  const group = world.simulator.account.addGroup({ name: "Elsewhere" });
  await world.sync("organizations");
  await world.database.db
    .update(rmmOrganizationMappings)
    .set({ state: "mapped", clientId })
    .where(eq(rmmOrganizationMappings.externalId, group.id));
  return group.id;
}

describe("a blank in Level", () => {
  it("removes neither the name nor the type of an asset, and is no difference", async () => {
    world.simulator.account.patchDevice(deviceId, { hostname: "SRV-1", role: "server" });
    await world.sync("full");
    expect(await asset()).toMatchObject({ name: "SRV-1", assetType: "server" });
    world.simulator.account.patchDevice(deviceId, {
      hostname: " ",
      nickname: null,
      role: null,
      city: "Thun",
    });
    for (const sync of [() => world.sync("full"), () => world.sync("device", deviceId)]) {
      await sync();
      expect(await asset()).toMatchObject({
        name: "SRV-1",
        assetType: "server",
        location: "Thun, Switzerland",
      });
    }
    await edit({ name: "Cellar", type: "workstation" });
    await world.sync("full");
    expect(await differences()).toEqual([]);
  });

  it("names a new device by its id, and makes it a workstation", async () => {
    const { group_id } = [...world.simulator.account.devices].find((device) => device.id === deviceId)!;
    const blank = { group_id, hostname: "", nickname: null, role: null };
    const { id } = world.simulator.account.addDevice(blank);
    await world.sync("full");
    expect(await asset(id)).toMatchObject({ name: id, assetType: "workstation" });
  });
});

describe("an override", () => {
  it("keeps an asset with its client, and up to date, if its device leaves all mapped groups", async () => {
    const { id: ours } = await newClient("Ours");
    await edit({ client: ours });
    world.simulator.account.patchDevice(deviceId, { group_id: null, serial_number: "5CG9876NEW" });
    expect(await world.sync("full")).toMatchObject({ status: "completed", itemsHeld: 0 });
    expect(await asset()).toMatchObject({ clientId: ours, serialNumber: "5CG9876NEW" });
    world.simulator.account.patchDevice(deviceId, { last_logged_in_user: "NEW\\user" });
    await world.sync("device", deviceId);
    const row = (await world.deviceRows()).find((found) => found["external_id"] === deviceId);
    expect(row).toMatchObject({ client: "Ours", skip_reason: null, last_logged_in_user: "NEW\\user" });
    expect(await world.sync("full")).toMatchObject({ itemsUpdated: 0 });
  });

  it("survives full and single syncs with other values, while the rest follows Level", async () => {
    const { id: ours } = await newClient("Ours");
    await edit({ name: "Front desk", type: "server", location: "Cellar", client: ours, notes: "Loud" });
    const edited = await asset();
    expect(edited.overriddenFields).toEqual(["name", "type", "location", "client", "notes"]);
    const elsewhere = await groupOf((await newClient("Level's")).id);
    world.simulator.account.patchDevice(deviceId, {
      hostname: "LEVEL-2",
      role: "workstation",
      city: "Thun",
      group_id: elsewhere,
      serial_number: "5CG9876XYZ2",
    });
    for (const sync of [() => world.sync("full"), () => world.sync("device", deviceId)]) {
      await sync();
      expect(await asset()).toMatchObject({
        name: "Front desk",
        assetType: "server",
        location: "Cellar",
        clientId: ours,
        notes: "Loud",
        overriddenFields: edited.overriddenFields,
        serialNumber: "5CG9876XYZ2",
      });
    }
    expect(await briefly()).toEqual([
      ["client", "Ours", "Level's"],
      ["location", "Cellar", "Thun, Switzerland"],
      ["name", "Front desk", "LEVEL-2"],
      ["type", "server", "workstation"],
    ]);
    const moves = await world.database.db.select().from(auditLog).where(eq(auditLog.action, "asset.moved"));
    expect(moves.map((move) => move.actor)).toEqual(["test"]);
  });

  it("makes a sync of an unchanged account write nothing", async () => {
    await edit({ name: "Front desk" });
    const before = await asset();
    expect(await world.sync("full")).toMatchObject({ itemsUpdated: 0, itemsCreated: 0 });
    expect(await asset()).toEqual(before);
  });

  it("stays if the group leads to no client, and the page says so", async () => {
    const { id: ours } = await newClient("Ours");
    await edit({ client: ours });
    world.simulator.account.moveDevice(deviceId, null);
    await world.sync("full");
    expect((await asset()).clientId).toBe(ours);
    expect(await differences()).toMatchObject([{ field: "client", theirs: null, obstacle: "no_client" }]);
    expect(await resolve("theirs")).toEqual({ resolved: 0, left: 1 });
    expect((await asset()).clientId).toBe(ours);
  });
});

describe("a blank in Level", () => {
  beforeEach(() => world.simulator.account.patchDevice(deviceId, { city: null, country: " " }));

  it("removes no location, overridden or not", async () => {
    await world.sync("full");
    expect((await asset()).location).toBe("Bern, Switzerland");
    await edit({ location: "Cellar" });
    world.simulator.account.patchDevice(deviceId, { hostname: "LEVEL-2" });
    await world.sync("full");
    expect(await asset()).toMatchObject({ name: "LEVEL-2", location: "Cellar" });
  });

  it("is no difference", async () => {
    await edit({ location: "Cellar" });
    await world.sync("full");
    expect(await briefly()).toEqual([]);
  });
});

describe("after using Level's value", () => {
  it("syncs write that field again", async () => {
    await edit({ name: "Front desk", location: "Cellar" });
    const [, name] = await differences();
    await resolveDifferences(
      world.deps,
      { tenantId: world.tenantId, selection: { seen: [name!] }, winner: "theirs" },
      TEST_ACTOR,
    );
    expect(await asset()).toMatchObject({
      name: "LEVEL-1",
      location: "Cellar",
      overriddenFields: ["location"],
    });
    world.simulator.account.patchDevice(deviceId, { hostname: "LEVEL-2", city: "Thun" });
    await world.sync("full");
    expect(await asset()).toMatchObject({ name: "LEVEL-2", location: "Cellar" });
  });

  it("the asset follows its group again", async () => {
    const first = (await asset()).clientId;
    await edit({ client: (await newClient("Ours")).id });
    await resolve("theirs");
    expect((await asset()).clientId).toBe(first);
    const { id: next } = await newClient("Next");
    world.simulator.account.moveDevice(deviceId, await groupOf(next));
    await world.sync("full");
    expect((await asset()).clientId).toBe(next);
  });
});

describe("after keeping ours", () => {
  it("the difference shows again when Level reports another value, and not before", async () => {
    await edit({ name: "Front desk" });
    expect(await resolve("ours")).toEqual({ resolved: 1, left: 0 });
    world.simulator.account.patchDevice(deviceId, { serial_number: "5CG9876XYZ2" });
    await world.sync("full");
    expect(await briefly()).toEqual([]);
    world.simulator.account.patchDevice(deviceId, { hostname: "LEVEL-2" });
    await world.sync("full");
    expect(await briefly()).toEqual([["name", "Front desk", "LEVEL-2"]]);
  });
});

describe("an asset that was added by hand", () => {
  it("becomes that of a device with its serial number; the person's values stay, the type is Level's", async () => {
    const { clientId } = await asset();
    const outcome = await addAsset(
      world.deps,
      world.tenantId,
      {
        name: "From stock",
        type: "workstation",
        location: null,
        client: clientId!,
        notes: "Bought in May",
        serialNumber: "pf-3x9k2q",
      },
      TEST_ACTOR,
    );
    if (outcome.state !== "added") throw new Error(outcome.state);
    const { account } = world.simulator;
    const sibling = [...account.devices].find((device) => device.id === deviceId)!;
    const device = account.addDevice({
      group_id: sibling.group_id,
      serial_number: "PF3X9K2Q",
      hostname: "LEVEL-9",
      nickname: null,
      role: "server",
      city: "Bern",
      country: null,
    });
    const [count] = await world.database.db.execute(sql`select count(*)::int as n from assets`);
    await world.sync("full");
    expect(await asset(device.id)).toMatchObject({
      id: outcome.assetId,
      name: "From stock",
      notes: "Bought in May",
      assetType: "server",
      location: "Bern",
      clientId,
    });
    expect((await world.database.db.execute(sql`select count(*)::int as n from assets`))[0]).toEqual(count);
    expect(await briefly()).toEqual([["name", "From stock", "LEVEL-9"]]);
  });
});

describe("two clients that are merged", () => {
  it("leave no difference between an asset and its group behind", async () => {
    const { id: ours } = await newClient("Ours");
    const level = (await asset()).clientId!;
    await edit({ client: ours });
    await withTenant(world.database.db, world.tenantId, (tx) =>
      moveClientContents(tx, world.tenantId, { from: level, to: ours, now: new Date() }),
    );
    await world.database.db.update(clients).set({ archivedAt: new Date() }).where(eq(clients.id, level));
    expect(await briefly()).toEqual([]);
  });
});
