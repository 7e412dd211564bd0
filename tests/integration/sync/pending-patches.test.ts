import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { decideHeld } from "~/features/review/decide-held.server";
import { linkDevices } from "~/features/review/link-device.server";

import type { LevelDevice } from "../../level-simulator/records";
import { assetOf, TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 20, seed: 5, updatesPerDevice: 0 });
});
afterEach(() => world.close());

/** The devices that have an asset, each with a serial number of its own. */
async function bySerial(): Promise<LevelDevice[]> {
  const { account } = world.simulator;
  const ids = (await world.deviceRows()).flatMap((row) =>
    row["client"] === null ? [] : [row["external_id"]],
  );
  ids.forEach((id, n) => account.patchDevice(id as string, { serial_number: `5CG98${100 + n}Q` }));
  await world.sync("full");
  return [...account.devices].filter(({ id }) => ids.includes(id));
}

/** The same machine under a new id, with this many updates to install. */
function enrollAgain(old: LevelDevice, updates: number, changes: Partial<LevelDevice> = {}): string {
  const { account } = world.simulator;
  const { id } = account.addDevice({ ...old, id: `${old.id}-again`, ...changes });
  for (let n = 0; n < updates; n++) account.addUpdate(id);
  account.removeDevice(old.id);
  return id;
}

const pendingOf = async (externalId: string) => {
  const row = (await world.deviceRows()).find((device) => device["external_id"] === externalId);
  return row?.["pending_os_patches"];
};

it("a re-enrolled machine has the updates of its new device, and they count in the run", async () => {
  const [old] = await bySerial();
  const id = enrollAgain(old!, 3);
  expect(await world.sync("full")).toMatchObject({ status: "completed", pendingPatches: 3 });
  expect(await pendingOf(id)).toBe(3);
});

it("two machines that share a serial number each have their own updates", async () => {
  const [one] = await bySerial();
  const { account } = world.simulator;
  const other = account.addDevice({ ...one!, id: `${one!.id}-twin` });
  for (const id of [one!.id, other.id, other.id]) account.addUpdate(id);
  expect(await world.sync("full")).toMatchObject({ itemsCreated: 1, pendingPatches: 3 });
  expect([await pendingOf(one!.id), await pendingOf(other.id)]).toEqual([1, 2]);
});

it("machines that join on approval of the removal of their old devices have the updates of the new ones", async () => {
  const again = (await bySerial()).map((old) => enrollAgain(old, 2));
  expect(await world.sync("full")).toMatchObject({ itemsHeld: again.length });
  await decideHeld(world.deps, {
    tenantId: world.tenantId,
    which: { filter: { kind: "removal" } },
    decision: "approve",
    actor: TEST_ACTOR,
  });
  expect(await Promise.all(again.map(pendingOf))).toEqual(again.map(() => 2));
});

/** A new device that may be either of two assets, and so waits for a person. */
async function ask() {
  const [first, second] = await bySerial();
  const { account } = world.simulator;
  account.patchDevice(second!.id, { serial_number: first!.serial_number, group_id: first!.group_id });
  await world.sync("full");
  account.removeDevice(second!.id);
  return enrollAgain(first!, 3, { hostname: "TWIN-X", nickname: null });
}

const linkByHand = async () => {
  const reviews = await queryRows<{ id: string }>(
    world.database.db,
    sql`select id from rmm_identity_reviews where tenant_id = ${world.tenantId}`,
  );
  const reviewIds = reviews.map(({ id }) => id);
  return linkDevices(world.deps, { tenantId: world.tenantId, reviewIds, to: "new", actor: TEST_ACTOR });
};

it("a device to which a person gives an asset has its updates at once", async () => {
  const id = await ask();
  await world.sync("full");
  expect(await linkByHand()).toEqual({ state: "linked", devices: 1 });
  expect(await pendingOf(id)).toBe(3);
});

it("a device to which a person gives an asset shows no count if its updates could never be read", async () => {
  const id = await ask();
  await queryRows(world.database.db, sql`update rmm_sync_runs set pending_patches = null`);
  world.simulator.faults.add({ kind: "forbidden", resource: "updates" });
  await world.sync("full");
  await linkByHand();
  expect(await assetOf(world, id)).toBeDefined();
  expect(await pendingOf(id)).toBeNull();
});
