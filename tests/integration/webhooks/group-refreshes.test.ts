import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { listGroups } from "@db/queries/device-sync/groups";
import { rmmIntegrations, rmmSyncRuns } from "@db/schema";
import { refreshGroup } from "~/features/webhooks/refresh-group";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";
import { createSyncWorld, type SyncWorld } from "@tests/support/sync";
import { createWebhookWorld, type WebhookWorld } from "@tests/support/webhook";

import { webhookEvent, type LevelGroup } from "../../level-simulator";

let database: TestDatabase;
let world: SyncWorld;
let hook: WebhookWorld;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  world = await createSyncWorld({ database, devices: 60, seed: 5, updatesPerDevice: 0 });
  hook = await createWebhookWorld(world);
  await world.sync("organizations");
  await world.mapAll();
  await world.sync("full");
  world.simulator.stats.reset();
});
afterEach(() => world.simulator.close());
afterAll(() => database.close());

/** Follows a refresh request as a durable function does, with sleeps recorded and skipped. */
async function follow(externalGroupId: string, onSleep: () => Promise<void> = async () => {}) {
  const { tenantId, connectionId } = world;
  const sleptMs: number[] = [];
  const steps = {
    step: <T>(_id: string, work: () => Promise<T>) => work(),
    sleep: async (_id: string, ms: number) => {
      sleptMs.push(ms);
      await onSleep();
    },
  };
  const hint = { tenantId, connectionId, externalGroupId, reason: "group_updated" };
  const { state } = await refreshGroup(world.deps, steps, hint);
  return { state, sleptMs };
}

const asked = () => world.simulator.stats.log.map(({ url }) => url);
const groupRows = () =>
  withTenant(database.db, world.tenantId, (tx) => listGroups(tx, world.tenantId, world.connectionId));
const groupRow = async (externalId: string) =>
  (await groupRows()).find((group) => group.externalId === externalId);
const askedForAll = async () =>
  (await hook.events()).some(({ name }) => name === "rmm/groups.sync.requested");

const groups = () => [...world.simulator.account.groups];
const isLeaf = (group: LevelGroup) => !groups().some(({ parent_id }) => parent_id === group.id);
const leaf = () => groups().find((group) => group.parent_id !== null && isLeaf(group))!;
const parentOf = (group: LevelGroup) => groups().find(({ id }) => id === group.parent_id)!;

describe("a group that an event named", () => {
  it("is read by its id, and its new name is in the paths of all groups below it", async () => {
    const parent = parentOf(leaf());
    world.simulator.account.renameGroup(parent.id, "Renamed");
    expect(await follow(parent.id)).toEqual({ state: "written", sleptMs: [] });
    expect(asked()).toEqual([`/v2/groups/${parent.id}`]);
    const below = (await groupRows()).filter((group) => group.parentExternalId === parent.id);
    expect(below.length).toBeGreaterThan(0);
    for (const { path, name } of below) expect(path).toContain(`Renamed / ${name}`);
  });

  it("that was moved has its new place, and keeps the client that a person gave it", async () => {
    const moved = leaf();
    const before = await groupRow(moved.id);
    world.simulator.account.moveGroup(moved.id, null);
    expect((await follow(moved.id)).state).toBe("written");
    const { parentExternalId, path, state, clientId } = (await groupRow(moved.id))!;
    expect({ parentExternalId, path }).toEqual({ parentExternalId: null, path: moved.name });
    expect({ state, clientId }).toEqual({ state: before!.state, clientId: before!.clientId });
  });

  it("that is new below a known one is stored", async () => {
    const parent = groups()[0]!;
    const { id } = world.simulator.account.addGroup({ name: "Lab", parent_id: parent.id });
    expect((await follow(id)).state).toBe("written");
    expect(await groupRow(id)).toMatchObject({ path: `${parent.name} / Lab`, state: "inherit" });
    expect(await askedForAll()).toBe(false);
  });

  it("below an unknown one is stored, and all groups are listed", async () => {
    const parent = world.simulator.account.addGroup({ name: "Unknown" });
    const { id } = world.simulator.account.addGroup({ name: "Lab", parent_id: parent.id });
    expect((await follow(id)).state).toBe("left_to_groups_sync");
    expect(await groupRow(id)).toMatchObject({ path: "Lab" });
    expect(await askedForAll()).toBe(true);
  });

  it("that Level has deleted is marked as gone, keeps its row, and leaves its devices to the next sweep", async () => {
    const gone = groups().find(
      (group) => isLeaf(group) && [...world.simulator.account.devices].some((d) => d.group_id === group.id),
    )!;
    const devices = await world.deviceRows();
    world.simulator.account.removeGroup(gone.id);
    expect((await follow(gone.id)).state).toBe("gone");
    expect((await groupRow(gone.id))?.goneAt).not.toBeNull();
    expect(await world.deviceRows()).toEqual(devices);
    expect(await askedForAll()).toBe(false);
  });

  it("that Level has deleted with groups below it makes Plumbline list all groups", async () => {
    const parent = parentOf(leaf());
    world.simulator.account.removeGroup(parent.id);
    expect((await follow(parent.id)).state).toBe("left_to_groups_sync");
    expect((await groupRow(parent.id))?.goneAt).not.toBeNull();
  });

  it("that was unknown and that Level has deleted changes nothing", async () => {
    const before = await groupRows();
    expect((await follow("never-seen")).state).toBe("gone");
    expect(await groupRows()).toEqual(before);
  });

  it("waits for a run that reads the groups, and is read again after it", async () => {
    const group = leaf();
    const { tenantId, connectionId } = world;
    await database.db.insert(rmmSyncRuns).values({
      ...{ tenantId, connectionId, type: "full", trigger: "manual", actor: "test" },
      ...{ key: `levelio:full:${connectionId}`, transport: "direct", status: "running", stage: "groups" },
    });
    const outcome = await follow(group.id, async () => {
      world.simulator.account.renameGroup(group.id, "Newer");
      await database.db.update(rmmSyncRuns).set({ stage: "devices" });
    });
    expect(outcome).toEqual({ state: "written", sleptMs: [10_000] });
    expect((await groupRow(group.id))?.name).toBe("Newer");
  });

  it("waits as long as Level asks for", async () => {
    world.simulator.faults.add({ kind: "rate_limit", retryAfter: 90, resource: "groups", times: 1 });
    expect(await follow(leaf().id)).toEqual({ state: "written", sleptMs: [90_000] });
  });

  it.each([
    ["that the key may not read", { kind: "forbidden" }],
    ["whose record cannot be read", { kind: "status", status: 200, body: "{}" }],
  ] as const)("%s is left unchanged", async (_, fault) => {
    world.simulator.faults.add({ ...fault, resource: "groups" });
    const before = await groupRows();
    expect((await follow(leaf().id)).state).toBe("refused");
    expect(await groupRows()).toEqual(before);
  });
});

it("is not read if more than ten were named within a minute: all are listed", async () => {
  const many = groups().slice(0, 11);
  for (const { id } of many) await hook.signed(webhookEvent("group_updated", { id }));
  expect((await follow(many[0]!.id)).state).toBe("left_to_groups_sync");
  expect(asked()).toEqual([]);
  expect(await askedForAll()).toBe(true);
});

it("is read if full syncs are switched off, whatever happened to them before", async () => {
  await database.db.update(rmmIntegrations).set({ fullSyncEnabled: false, pausedAt: new Date() });
  expect((await follow(leaf().id)).state).toBe("written");
});

it("is not read while the connection is paused, needs a key, or has ended", async () => {
  for (const row of [
    { pausedAt: new Date() },
    { pausedAt: null, status: "needs_attention" as const },
    { status: "disconnected" as const },
  ]) {
    await database.db.update(rmmIntegrations).set(row);
    expect((await follow(leaf().id)).state).toBe("not_followed");
  }
  expect(asked()).toEqual([]);
});
