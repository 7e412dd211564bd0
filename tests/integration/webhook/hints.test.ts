import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { createApp, type App } from "~/app.server";
import { loadConfig } from "~/env.server";
import { createLogger } from "~/logger.server";
import { assetOf, createSyncWorld, TEST_APP_SECRET, type SyncWorld } from "@tests/support/sync";
import { createWebhookWorld, type WebhookWorld } from "@tests/support/webhook";

import { webhookEvent } from "../../level-simulator";

let world: SyncWorld;
let app: App;
let hook: WebhookWorld;

/** A synced account, on an app whose embedded runner follows what the webhook hints at. */
beforeEach(async () => {
  world = await createSyncWorld({ devices: 30, seed: 5 });
  await world.sync("organizations");
  await world.mapAll();
  await world.sync("full");
  const config = loadConfig({ LEVELIO_API_BASE_URL: world.simulator.url, APP_SECRET: TEST_APP_SECRET });
  const { connection } = world.database;
  app = await createApp(config, { connection, log: createLogger({ level: "silent" }) });
  await app.jobs.start();
  hook = await createWebhookWorld(world, app.sync);
  world.simulator.stats.reset();
});
afterEach(async () => {
  await app.jobs.stop();
  await world.close();
});

const grouped = () => [...world.simulator.account.devices].filter(({ group_id }) => group_id !== null);
const WAIT = { timeout: 60_000, interval: 250 };

it("a storm of a thousand hints about a device makes a handful of fetches, and the last state is taken over", async () => {
  const [device] = grouped();
  for (let n = 0; n < 1_000; n += 20) {
    const events = Array.from({ length: 20 }, () => webhookEvent("device_updated", { id: device!.id }));
    const answers = await Promise.all(events.map((event) => hook.signed(event)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  }
  world.simulator.account.patchDevice(device!.id, { nickname: "After the storm" });
  await hook.signed(webhookEvent("device_updated", { id: device!.id }));
  await expect.poll(async () => (await assetOf(world, device!.id))!.asset.name, WAIT).toBe("After the storm");
  const fetches = world.simulator.stats.log.filter(({ url }) => url.startsWith(`/v2/devices/`));
  expect(fetches.length).toBeLessThanOrEqual(5);
}, 120_000);

it("a device that Level deleted is marked as gone, a group that was renamed has its new path", async () => {
  const [device, other] = grouped();
  const group = [...world.simulator.account.groups].find(({ id }) => id === other!.group_id)!;
  world.simulator.account.removeDevice(device!.id);
  world.simulator.account.renameGroup(group.id, "Renamed in Level");
  await hook.signed(webhookEvent("device_deleted", { id: device!.id }));
  await hook.signed(webhookEvent("group_updated", { id: group.id }));
  await expect.poll(async () => (await assetOf(world, device!.id))!.asset.status, WAIT).toBe("gone");
  const path = async () => {
    const [row] = await queryRows<{ path: string }>(
      world.database.db,
      sql`select path from rmm_organization_mappings where external_id = ${group.id}`,
    );
    return row!.path;
  };
  await expect.poll(path, WAIT).toContain("Renamed in Level");
}, 120_000);
