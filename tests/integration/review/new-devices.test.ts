import { sql } from "drizzle-orm";
import { afterEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { listNewDevices } from "@db/queries/review/new-devices";
import { defaultRules, type MatchingRules } from "@domain/matching-rules";
import { changeMatchingRules } from "~/features/matching-rules/change-rules.server";
import { decideNewDevices } from "~/features/review/decide-new-devices.server";

import { assetOf, createSyncWorld, TEST_ACTOR, type SyncWorld } from "../../support/sync";

let world: SyncWorld;
afterEach(() => world.close());

/** A synced account with a device in each of two branches; new devices are told apart by their ids. */
async function openWorld() {
  world = await createSyncWorld({ devices: 0, seed: 7 });
  const { account } = world.simulator;
  const acme = account.addGroup({ name: "Acme" });
  const office = account.addGroup({ name: "Office", parent_id: acme.id });
  const globex = account.addGroup({ name: "Globex" });
  const [old] = [office, globex].map((group) => add(`old-${group.name}`, group.id));
  await world.sync("organizations");
  await world.mapAll();
  await world.sync("full");
  return { acme, office, globex, old: old! };
}

let serial = 0;
function add(id: string, group: string, fields: Record<string, unknown> = {}) {
  return world.simulator.account.addDevice({
    id,
    group_id: group,
    hostname: id.toLowerCase(),
    nickname: null,
    serial_number: `4CE0${String(++serial).padStart(6, "7")}XQ`,
    role: "workstation",
    network_interfaces: [],
    ...fields,
  });
}

const save = async (approval: MatchingRules["approval"]) => {
  const outcome = await changeMatchingRules(world.deps, world, { ...defaultRules, approval }, TEST_ACTOR);
  expect(outcome.state).toBe("saved");
};
const everything = { mode: "all", groups: [], types: [] } as const;
const all = () => save({ ...everything, groups: [], types: [] });

const waiting = (state: "approval" | "rejected" = "approval") =>
  withTenant(world.deps.db, world.tenantId, (tx) =>
    listNewDevices(
      tx,
      world.tenantId,
      { state, connectionId: undefined, text: undefined },
      { place: "first", limit: 100 },
    ),
  );
const names = async (state?: "approval" | "rejected") =>
  (await waiting(state)).map(({ externalId }) => externalId).sort();
const decide = async (decision: "approve" | "reject", state?: "approval" | "rejected") =>
  decideNewDevices(world.deps, {
    tenantId: world.tenantId,
    reviewIds: (await waiting(state)).map(({ id }) => id),
    decision,
    actor: TEST_ACTOR,
  });
const hasAsset = async (id: string) => (await assetOf(world, id)) !== undefined;
const written = () =>
  queryRows<{ at: string }>(
    world.deps.db,
    sql`select greatest((select max(updated_at) from rmm_identity_reviews),
          (select max(updated_at) from tenant_external_entity_mappings))::text as at`,
  );

describe("new devices of a connection that requires approval", () => {
  it("wait without an asset, and known devices continue to sync", async () => {
    const { office } = await openWorld();
    await all();
    add("new-1", office.id);
    world.simulator.account.patchDevice("old-Office", { nickname: "Reception" });

    const run = await world.sync("full");

    expect(run.status).toBe("completed");
    expect(await names()).toEqual(["new-1"]);
    expect(await hasAsset("new-1")).toBe(false);
    expect((await waiting())[0]).toMatchObject({ groupPath: "Acme / Office", assetType: "workstation" });
    expect((await assetOf(world, "old-Office"))!.asset.name).toBe("Reception");
  });

  it("get their asset on approval, in the client of their group, and keep it", async () => {
    const { office } = await openWorld();
    await all();
    add("new-1", office.id);
    await world.sync("full");

    expect(await decide("approve")).toEqual({ decided: 1, toMatch: 0, unreadable: [] });
    expect(await hasAsset("new-1")).toBe(true);
    await world.sync("full");
    expect(await names()).toEqual([]);
    expect(await hasAsset("new-1")).toBe(true);
  });

  it("stay out once they are left out, even after the rule is gone, and come in when a person approves them", async () => {
    const { office } = await openWorld();
    await all();
    add("new-1", office.id);
    await world.sync("full");

    expect(await decide("reject")).toEqual({ decided: 1, toMatch: 0, unreadable: [] });
    await save({ mode: "none", groups: [], types: [] });
    await world.sync("full");
    expect(await names("rejected")).toEqual(["new-1"]);
    expect(await hasAsset("new-1")).toBe(false);

    await decide("approve", "rejected");
    expect(await hasAsset("new-1")).toBe(true);
  });

  it("are created by the next sync once approval is no longer required", async () => {
    const { office } = await openWorld();
    await all();
    add("new-1", office.id);
    await world.sync("full");
    await save({ mode: "none", groups: [], types: [] });
    await world.sync("full");
    expect(await names()).toEqual([]);
    expect(await hasAsset("new-1")).toBe(true);
  });

  it("wait only in the named groups and below, or of the named types", async () => {
    const { acme, office, globex } = await openWorld();
    await save({ mode: "some", groups: [acme.id], types: ["server"] });
    add("new-below", office.id);
    add("new-elsewhere", globex.id);
    add("new-server", globex.id, { role: "server" });
    await world.sync("full");
    expect(await names()).toEqual(["new-below", "new-server"]);
    expect(await hasAsset("new-elsewhere")).toBe(true);
  });

  it("join the asset that they match without approval", async () => {
    const { office, old } = await openWorld();
    await all();
    world.simulator.account.removeDevice("old-Office");
    add("again", office.id, { serial_number: old.serial_number, hostname: old.hostname });
    await world.sync("full");
    expect(await names()).toEqual([]);
    expect(await hasAsset("again")).toBe(true);
  });

  it("are compared with the assets that exist at the time of approval", async () => {
    const { office } = await openWorld();
    await save({ mode: "some", groups: [], types: ["server"] });
    const { serial_number, hostname } = add("new-1", office.id, { role: "server" });
    await world.sync("full");
    add("twin", office.id, { serial_number, hostname });
    await world.sync("device", "twin");
    expect(await hasAsset("twin")).toBe(true);

    const outcome = await decide("approve");

    expect(outcome).toEqual({ decided: 0, toMatch: 1, unreadable: [] });
    expect(await hasAsset("new-1")).toBe(false);
  });

  it("write nothing in a sync that finds them unchanged", async () => {
    const { office } = await openWorld();
    await all();
    add("new-1", office.id);
    await world.sync("full");
    const before = await written();
    await world.sync("full");
    expect(await written()).toEqual(before);
  });

  it("are no longer asked about once Level does not list them", async () => {
    const { office } = await openWorld();
    await all();
    add("new-1", office.id);
    await world.sync("full");
    world.simulator.account.removeDevice("new-1");
    await world.sync("full");
    expect(await names()).toEqual([]);
  });

  it("follow the rules in force when the run began", async () => {
    const { office } = await openWorld();
    add("new-1", office.id);
    world.setNow(new Date(Date.now() + 60_000));
    await all();
    world.setNow(null);
    await world.sync("full");
    expect(await hasAsset("new-1")).toBe(true);
  });
});

describe("a new device whose stored record is incomplete", () => {
  it("stays as it is if it is approved, and the others get their assets", async () => {
    const { office } = await openWorld();
    await all();
    for (const id of ["new-1", "new-2"]) add(id, office.id);
    await world.sync("full");
    await world.deps.db.execute(
      sql`update rmm_identity_reviews set device = (device::jsonb - 'liveness')::json where external_id = 'new-1'`,
    );

    expect(await decide("approve")).toEqual({ decided: 1, toMatch: 0, unreadable: ["new-1"] });
    expect(await names()).toEqual(["new-1"]);
    expect(await hasAsset("new-1")).toBe(false);
    expect(await hasAsset("new-2")).toBe(true);
    expect(await decide("approve")).toEqual({ decided: 0, toMatch: 0, unreadable: ["new-1"] });
    expect(await decide("reject")).toEqual({ decided: 1, toMatch: 0, unreadable: [] });
  });
});
