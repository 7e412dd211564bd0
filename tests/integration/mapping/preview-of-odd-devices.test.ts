import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { predictAndCheck, preview, rootsOf, toClient } from "@tests/support/predicted";
import { TEST_ACTOR, type SyncWorld } from "@tests/support/sync";
import { createSyncedWorld } from "@tests/support/synced-world";
import { undoRun } from "~/features/sync-runs/undo-run.server";

let world: SyncWorld;
beforeEach(async () => {
  world = await createSyncedWorld({ devices: 110, seed: 11, updatesPerDevice: 0 });
});
afterEach(() => world.close());

const account = () => world.simulator.account;
const mapped = async () => {
  const rows = await queryRows<{ id: string }>(
    world.database.db,
    sql`select external_id as id from tenant_external_entity_mappings where asset_id is not null and gone_at is null`,
  );
  const ids = new Set(rows.map(({ id }) => id));
  return [...account().devices].filter((device) => ids.has(device.id));
};
const skipReasons = async () =>
  (await world.deviceRows()).filter((row) => !row["is_gone"]).map((row) => row["skip_reason"]);

/** A change that asks for what is stored already. */
const sameAsBefore = () => [toClient(rootsOf(world)[0]!.id, rootsOf(world)[0]!.name)];

const quiet = { created: [], joined: [], moved: [], lost: [], affected: [] };

/** Two machines with one serial number left, and one with it arrived. */
async function makeAmbiguous() {
  const [first, second] = await mapped();
  account().patchDevice(first!.id, { serial_number: "TWIN-4711" });
  account().patchDevice(second!.id, { serial_number: "TWIN-4711", group_id: first!.group_id });
  await world.sync("full");
  const old = [...account().devices].find((device) => device.id === first!.id)!;
  const again = account().addDevice({ ...old, id: `${old.id}-again`, hostname: "TWIN-X", nickname: null });
  account().removeDevice(first!.id);
  account().removeDevice(second!.id);
  await world.sync("full");
  expect(await skipReasons()).toContain("ambiguous");
  return again;
}

describe("a machine that several assets could be", () => {
  it("is predicted to wait, not to become a new asset", async () => {
    await makeAmbiguous();
    expect(await predictAndCheck(world, sameAsBefore())).toMatchObject({ ...quiet, toReview: 1 });
  });

  it("is a new asset for a client without a similar one", async () => {
    const device = await makeAmbiguous();
    const asked = await predictAndCheck(world, [toClient(device.group_id!, "A client of its own")]);
    expect(asked).toMatchObject({ toReview: 0, created: [{ to: "A client of its own", devices: 1 }] });
  });
});

describe("an asset whose move a person undid", () => {
  it.each(["another client", "none before"])("is predicted to stay, with %s", async (former) => {
    const [one] = await mapped();
    const group = account().addGroup({ name: "Elsewhere" });
    const nobodys = account().addGroup({ name: "Nobody's" });
    await world.sync("organizations");
    const elsewhere = toClient(group.id, "Elsewhere");
    await predictAndCheck(world, [elsewhere]);
    if (former === "none before") {
      account().moveDevice(one!.id, nobodys.id);
      await world.sync("full");
    }
    account().moveDevice(one!.id, group.id);
    const run = await world.sync("full");
    const ref = { tenantId: world.tenantId, runId: run.id };
    expect(await undoRun(world.deps, ref, TEST_ACTOR)).toMatchObject({ state: "undone" });
    expect(await predictAndCheck(world, [elsewhere])).toMatchObject(quiet);
  });
});

describe("machines whose old devices are held as missing", () => {
  /** So many machines re-enrol at once that the removal of their old devices is held. */
  async function enrollManyAgain() {
    const devices = (await mapped()).slice(0, 30);
    for (const [index, device] of devices.entries())
      account().patchDevice(device.id, { serial_number: `SN-${1000 + index}X` });
    await world.sync("full");
    for (const device of devices) {
      account().addDevice({
        ...[...account().devices].find(({ id }) => id === device.id)!,
        id: `${device.id}-again`,
      });
      account().removeDevice(device.id);
    }
    expect((await world.sync("full")).itemsHeld).toBe(30);
    expect((await skipReasons()).filter((reason) => reason === "waiting")).toHaveLength(30);
  }

  it("are predicted to wait, as is that removal", async () => {
    await enrollManyAgain();
    expect(await predictAndCheck(world, sameAsBefore())).toMatchObject({ ...quiet, toReview: 60 });
  });

  it("are new assets for another client, to which the old ones do not belong", async () => {
    await enrollManyAgain();
    const asked = await predictAndCheck(
      world,
      rootsOf(world).map((root) => toClient(root.id, "Everybody")),
    );
    expect(asked.toReview).toBe(30);
  });
});

describe("moves in Level that are held", () => {
  async function moveMany() {
    const rows = (await world.deviceRows()).filter((row) => row["client"] !== null);
    const client = rows[0]!;
    for (const row of rows.filter((row) => row["client"] !== client["client"]).slice(0, 30))
      account().moveDevice(row["external_id"] as string, client["external_group_id"] as string);
    const { itemsHeld } = await world.sync("full");
    expect(itemsHeld).toBeGreaterThan(20);
    return { itemsHeld, groupId: client["external_group_id"] as string };
  }

  it("are predicted to wait, not to move", async () => {
    const { itemsHeld } = await moveMany();
    expect(await predictAndCheck(world, sameAsBefore())).toMatchObject({ ...quiet, toReview: itemsHeld });
  });

  it("are moves once a person decides on the group's client", async () => {
    const { groupId } = await moveMany();
    const asked = await predictAndCheck(world, [toClient(groupId, "A client of its own")]);
    expect(asked.toReview).toBe(0);
    expect(asked.moved.length).toBeGreaterThan(1);
  });

  it("are predicted before a sweep has seen them: applied if they are few", async () => {
    const [first, second] = rootsOf(world);
    const branch = account().addGroup({ name: "Branch", parent_id: first!.id });
    account().moveDevice((await mapped())[0]!.id, branch.id);
    await world.sync("full");
    account().moveGroup(branch.id, second!.id);
    await world.sync("organizations");
    const asked = await predictAndCheck(world, sameAsBefore());
    expect(asked.moved.map(({ to }) => to)).toContain(second!.name);
    expect(asked.toReview).toBe(0);
  });

  it("are predicted before a sweep has seen them: held if they are many", async () => {
    const [first, ...others] = rootsOf(world);
    for (const group of [...account().groups])
      if (others.some(({ id }) => id === group.parent_id)) account().moveGroup(group.id, first!.id);
    await world.sync("organizations");
    const asked = await predictAndCheck(world, sameAsBefore());
    expect(asked).toMatchObject(quiet);
    expect(asked.toReview).toBeGreaterThan(20);
  });
});

describe("a device that matches an existing asset", () => {
  it("is predicted to join it, and only the rest is created", async () => {
    const [first, second] = rootsOf(world);
    const ofFirst = (await world.deviceRows()).filter((row) => row["client"] === first!.name);
    const [one, two] = (await mapped()).filter(({ id }) => ofFirst.some((row) => row["external_id"] === id));
    account().patchDevice(one!.id, { serial_number: "5CG98760YZ" });
    await world.sync("full");
    const old = [...account().devices].filter(({ id }) => id === one!.id || id === two!.id);
    for (const device of old) account().removeDevice(device.id);
    await world.sync("full");
    // They come back in a group without a client.
    await predictAndCheck(world, [{ externalId: second!.id, state: "excluded" }]);
    for (const device of old)
      account().addDevice({ ...device, id: `${device.id}-again`, group_id: second!.id });
    await world.sync("full");

    const asked = await preview(world, [toClient(second!.id, second!.name)]);
    expect(asked.joined).toEqual([]);
    const joins = await predictAndCheck(world, [toClient(second!.id, first!.name)]);
    expect(joins.joined).toEqual([{ from: null, to: first!.name, devices: 2 }]);
  });

  it("waits if another device claims the same asset", async () => {
    const [first, second] = rootsOf(world);
    await predictAndCheck(world, [{ externalId: second!.id, state: "excluded" }]);
    const ofFirst = (await world.deviceRows()).filter((row) => row["client"] === first!.name);
    const one = (await mapped()).find(({ id }) => ofFirst.some((row) => row["external_id"] === id))!;
    account().patchDevice(one.id, { serial_number: "5CG98760YZ" });
    await world.sync("full");
    account().removeDevice(one.id);
    const again = { ...one, serial_number: "5CG98760YZ", group_id: second!.id };
    account().addDevice({ ...again, id: `${one.id}-again` });
    account().addDevice({ ...again, id: `${one.id}-twin` });
    await world.sync("full");
    const asked = await predictAndCheck(world, [toClient(second!.id, first!.name)]);
    expect(asked).toMatchObject({ joined: [], toReview: 2 });
  });
});
