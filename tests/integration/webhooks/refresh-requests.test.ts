import { afterEach, beforeEach, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { listGroups } from "@db/queries/device-sync/groups";
import { rmmIntegrations, rmmSyncRuns } from "@db/schema";
import type { App } from "~/platform/app.server";
import { createApp } from "~/main.server";
import { loadConfig } from "~/platform/env.server";
import { createLogger } from "~/platform/logger.server";
import { deferSchedules } from "@tests/support/schedule";
import { assetOf, TEST_APP_SECRET, type SyncWorld } from "@tests/support/sync";
import { createSyncedWorld } from "@tests/support/synced-world";
import { alertEvent, createWebhookWorld, type WebhookWorld } from "@tests/support/webhook";

import { webhookEvent } from "../../level-simulator";

const minutesFromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000);

let world: SyncWorld;
let app: App;
let hook: WebhookWorld;

/** A synced account, on an app whose embedded runner does the webhook's refresh requests. */
beforeEach(async () => {
  world = await createSyncedWorld({ devices: 80, seed: 5, updatesPerDevice: 0 });
  await deferSchedules(world.database.db);
  const config = loadConfig({ LEVELIO_API_BASE_URL: world.simulator.url, APP_SECRET: TEST_APP_SECRET });
  const { connection } = world.database;
  app = await createApp(config, { connection, log: createLogger({ level: "silent" }) });
  await app.jobs.start();
  hook = await createWebhookWorld(world, app.sync);
  // Long enough ago for another.
  await world.database.db.update(rmmIntegrations).set({ lastFullSyncAt: minutesFromNow(-60) });
  world.simulator.stats.reset();
});
afterEach(async () => {
  await app.jobs.stop();
  await world.close();
});

const grouped = () => [...world.simulator.account.devices].filter(({ group_id }) => group_id !== null);
const askedFor = (path: string) =>
  world.simulator.stats.log.map(({ url }) => url).filter((url) => url.startsWith(path));
const WAIT = { timeout: 240_000, interval: 250 };

it("a storm of a thousand refresh requests for a device makes a handful of reads, and stores the last state", async () => {
  const [device] = grouped();
  for (let n = 0; n < 1_000; n += 20) {
    const events = Array.from({ length: 20 }, () => webhookEvent("device_updated", { id: device!.id }));
    const answers = await Promise.all(events.map((event) => hook.signed(event)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  }
  world.simulator.account.patchDevice(device!.id, { nickname: "After the storm" });
  await hook.signed(webhookEvent("device_updated", { id: device!.id }));
  await expect.poll(async () => (await assetOf(world, device!.id))!.asset.name, WAIT).toBe("After the storm");
  expect(askedFor("/v2/devices/").length).toBeLessThanOrEqual(5);
}, 300_000);

it("refresh requests for many devices make some reads by id, and one full sync for all others", async () => {
  const devices = [...world.simulator.account.devices];
  for (const [n, device] of devices.entries()) {
    world.simulator.account.patchDevice(device.id, { nickname: `Renamed ${n}` });
  }
  await Promise.all(devices.map(({ id }) => hook.signed(webhookEvent("device_updated", { id }))));
  const names = async () => (await world.deviceRows()).map((row) => row["display_name"] as string);
  await expect
    .poll(names, WAIT)
    .toSatisfy((all: string[]) => all.every((name) => name.startsWith("Renamed")));
  // Some are running while others are counted.
  expect(askedFor("/v2/devices/").length).toBeLessThanOrEqual(70);
  expect(askedFor("/v2/devices?").length).toBe(Math.ceil(devices.length / 100));
  expect(askedFor("/v2/groups?").length).toBeGreaterThan(0);
}, 300_000);

it("refresh requests for many deleted devices go by id, because a list without them would be held", async () => {
  const devices = grouped().slice(0, 55);
  for (const { id } of devices) world.simulator.account.removeDevice(id);
  await Promise.all(devices.map(({ id }) => hook.signed(webhookEvent("device_deleted", { id }))));
  const gone = async () => (await world.deviceRows()).filter((row) => row["is_gone"] === true).length;
  await expect.poll(gone, WAIT).toBe(55);
  expect(askedFor("/v2/devices?")).toEqual([]);
}, 300_000);

it("deleted devices are read by id even if their alerts arrive at the same moment", async () => {
  const devices = grouped().slice(0, 55);
  for (const { id } of devices) world.simulator.account.removeDevice(id);
  await Promise.all(devices.map(({ id }) => hook.signed(webhookEvent("device_deleted", { id }))));
  await Promise.all(
    devices.map(({ id }) => hook.signed(alertEvent("alert_resolved", 0, { id: `of ${id}`, device_id: id }))),
  );
  const gone = async () => (await world.deviceRows()).filter((row) => row["is_gone"] === true).length;
  await expect.poll(gone, WAIT).toBe(55);
  // Their alerts cause a second read, when the devices are known to be gone.
  const ended = async () =>
    (await world.database.db.select().from(rmmSyncRuns)).filter(({ type }) => type === "device");
  await expect
    .poll(async () => new Set((await ended()).map(({ status }) => status)), WAIT)
    .toEqual(new Set(["completed"]));
}, 300_000);

it("deleted devices are gone even if their alerts arrived just before", async () => {
  const devices = grouped().slice(0, 20);
  for (const { id } of devices) world.simulator.account.removeDevice(id);
  await Promise.all(
    devices.map(({ id }) => hook.signed(alertEvent("alert_resolved", 0, { id: `of ${id}`, device_id: id }))),
  );
  await Promise.all(devices.map(({ id }) => hook.signed(webhookEvent("device_deleted", { id }))));
  const gone = async () => (await world.deviceRows()).filter((row) => row["is_gone"] === true).length;
  await expect.poll(gone, WAIT).toBe(20);
}, 300_000);

it("a device that Level deleted is marked as gone", async () => {
  const [device] = grouped();
  world.simulator.account.removeDevice(device!.id);
  await hook.signed(webhookEvent("device_deleted", { id: device!.id }));
  await expect.poll(async () => (await assetOf(world, device!.id))!.asset.status, WAIT).toBe("gone");
}, 300_000);

it("a storm of refresh requests for a group makes a handful of reads by id, and lists nothing", async () => {
  const group = [...world.simulator.account.groups].find(({ parent_id }) => parent_id !== null)!;
  for (let n = 0; n < 100; n++) await hook.signed(webhookEvent("group_updated", { id: group.id }));
  world.simulator.account.renameGroup(group.id, "Renamed in Level");
  await hook.signed(webhookEvent("group_updated", { id: group.id }));
  await expect.poll(async () => (await groupRow(group.id))?.name, WAIT).toBe("Renamed in Level");
  expect((await groupRow(group.id))?.path).toContain("Renamed in Level");
  expect(askedFor("/v2/groups/").length).toBeLessThanOrEqual(3);
  expect(askedFor("/v2/groups?")).toEqual([]);
}, 300_000);

it("a group below an unknown one makes Plumbline list all groups, and both are stored", async () => {
  const parent = world.simulator.account.addGroup({ name: "Not told of" });
  const child = world.simulator.account.addGroup({ name: "Told of", parent_id: parent.id });
  await hook.signed(webhookEvent("group_created", { id: child.id }));
  await expect.poll(async () => (await groupRow(child.id))?.path, WAIT).toBe("Not told of / Told of");
}, 300_000);

async function groupRow(externalId: string) {
  const { database, tenantId, connectionId } = world;
  const groups = await withTenant(database.db, tenantId, (tx) => listGroups(tx, tenantId, connectionId));
  return groups.find((group) => group.externalId === externalId);
}
