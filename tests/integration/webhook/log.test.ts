import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { lastHeardByWay } from "@db/queries/connection";
import { listDeliveries } from "@db/queries/webhook-log";
import { rmmAlerts } from "@db/schema";
import { levelWebhookReader } from "~/integrations/levelio/webhook-reader";
import { pruneDeliveries } from "~/sync/webhook/prune";
import { replayDeliveries, replayDelivery } from "~/sync/webhook/replay";
import { sendTestDelivery } from "~/sync/webhook/send-test";
import { createTenant } from "@tests/support/factories";
import { createSyncWorld, TEST_ACTOR, type SyncWorld } from "@tests/support/sync";
import { alertEvent, createWebhookWorld, type WebhookWorld } from "@tests/support/webhook";

import { webhookEvent } from "../../level-simulator";

let world: SyncWorld;
let hook: WebhookWorld;
beforeEach(async () => {
  world = await createSyncWorld({ devices: 10, alerts: 0 });
  hook = await createWebhookWorld(world);
});
afterEach(() => world.close());

const minutes = (n: number) => new Date(Date.UTC(2026, 10, 2, 10, n));

describe("a delivery for a device that is not known yet", () => {
  it("creates the alert without an asset; the next sync links it", async () => {
    const [device] = [...world.simulator.account.devices].filter(({ group_id }) => group_id !== null);
    await hook.signed(alertEvent("alert_active", 0, { device_id: device!.id }));
    expect(await hook.alerts()).toMatchObject([{ assetId: null, externalDeviceId: device!.id }]);
    await world.sync("organizations");
    await world.mapAll();
    await world.sync("full");
    const [alert] = await hook.alerts();
    expect(alert!.assetId).not.toBeNull();
    const [line] = await withTenant(world.database.db, world.tenantId, (tx) =>
      listDeliveries(tx, world.tenantId, {}, { limit: 10, offset: 0 }),
    );
    expect(line).toMatchObject({ assetId: alert!.assetId, alertId: alert!.id });
  });

  it("that is known has its asset at once", async () => {
    await world.sync("organizations");
    await world.mapAll();
    await world.sync("full");
    const [device] = [...world.simulator.account.devices].filter(({ group_id }) => group_id !== null);
    await hook.signed(alertEvent("alert_active", 0, { device_id: device!.id }));
    await hook.signed(webhookEvent("device_updated", { id: device!.id }));
    const [alert] = await hook.alerts();
    expect(alert!.assetId).not.toBeNull();
    expect(await hook.deliveries()).toMatchObject([{ assetId: alert!.assetId }, { assetId: alert!.assetId }]);
  });
});

describe("an automation without alert ids", () => {
  const trigger = { event: "alert.triggered", device_id: "d1", name: "Low disk", alert_id: "" };
  const resolve = { ...trigger, event: "alert.resolved" };
  const status = async () => (await hook.alerts()).map((alert) => alert.status);

  it("tells of one alert by device and name, and of its end", async () => {
    await hook.automation(trigger);
    await hook.automation(resolve);
    expect(await status()).toEqual(["resolved"]);
  });

  it("tells of the next occurrence in the same words, some time later", async () => {
    world.setNow(minutes(0));
    await hook.automation(trigger);
    world.setNow(minutes(5));
    await hook.automation(resolve);
    world.setNow(minutes(30));
    expect((await hook.automation(trigger)).status).toBe(202);
    expect(await status()).toEqual(["active"]);
    world.setNow(minutes(45));
    expect((await hook.automation(resolve)).status).toBe(202);
    expect(await status()).toEqual(["resolved"]);
    expect(await hook.deliveries()).toHaveLength(4);
  });

  it("is a duplicate while the alert is as it says, however late it comes", async () => {
    world.setNow(minutes(0));
    await hook.automation(trigger);
    world.setNow(minutes(50));
    expect((await hook.automation(trigger)).status).toBe(200);
  });

  it("is a duplicate where a sender may still be trying again", async () => {
    world.setNow(minutes(0));
    await hook.automation(trigger);
    world.setNow(minutes(1));
    await hook.automation(resolve);
    world.setNow(minutes(3));
    expect((await hook.automation(trigger)).status).toBe(200);
    expect(await status()).toEqual(["resolved"]);
  });
});

describe("a replay", () => {
  const replay = (deliveryId: string, tenantId = world.tenantId) =>
    replayDelivery(world.deps, levelWebhookReader, { tenantId, deliveryId }, TEST_ACTOR);

  it("takes a delivery over once more", async () => {
    await hook.signed(alertEvent("alert_active", 0));
    await world.database.db.delete(rmmAlerts);
    const [delivery] = await hook.deliveries();
    expect(await replay(delivery!.id)).toEqual({ state: "replayed", outcome: "accepted" });
    const [alert] = await hook.alerts();
    expect(alert).toMatchObject({ status: "active", observedAt: new Date("2026-10-08T12:00:00Z") });
    expect(await hook.deliveries()).toMatchObject([{ replays: 1, alertId: alert!.id }]);
  });

  it("leaves what is newer", async () => {
    await hook.signed(alertEvent("alert_active", 0));
    await hook.signed(alertEvent("alert_resolved", 5));
    const before = await hook.alerts();
    const [first] = await hook.deliveries();
    expect(await replay(first!.id)).toEqual({ state: "replayed", outcome: "stale" });
    expect(await hook.alerts()).toEqual(before);
  });

  it("of all that fit a filter goes in the order they came", async () => {
    for (let minute = 0; minute < 6; minute++) {
      await hook.signed(alertEvent(minute % 2 === 0 ? "alert_active" : "alert_resolved", minute));
    }
    await hook.signed("no json");
    const before = await hook.alerts();
    await world.database.db.delete(rmmAlerts);
    const filter = { way: "signed" as const };
    const { tenantId } = world;
    expect(await replayDeliveries(world.deps, levelWebhookReader, { tenantId, filter }, TEST_ACTOR)).toEqual({
      replayed: 6,
      failed: 1,
    });
    const state = ({ status, observedAt }: (typeof before)[number]) => ({ status, observedAt });
    expect((await hook.alerts()).map(state)).toEqual(before.map(state));
  });

  it("is not possible for a body that was cut, nor for another tenant's delivery", async () => {
    await hook.signed(alertEvent("alert_active", 0, { payload: "x".repeat(100_000) }));
    const [delivery] = await hook.deliveries();
    expect(await replay(delivery!.id)).toEqual({ state: "not_kept" });
    const other = await createTenant(world.database.db);
    expect(await replay(delivery!.id, other.id)).toEqual({ state: "unknown_delivery" });
  });
});

describe("a test to oneself", () => {
  it("is heard, kept and ignored", async () => {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const headers = { ...request.headers } as Record<string, string>;
        void hook
          .request({ body: Buffer.concat(chunks), headers })
          .then(async (answer) => response.writeHead(answer.status).end(await answer.text()));
      });
    }).listen(0);
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/api/webhooks/levelio?tenant=${hook.tenant}`;
    try {
      expect(await sendTestDelivery(world.deps, levelWebhookReader, world, url)).toMatchObject({
        state: "heard",
      });
    } finally {
      server.close();
    }
    expect(await hook.deliveries()).toMatchObject([{ outcome: "ignored", eventType: "plumbline.test" }]);
    expect(await sendTestDelivery(world.deps, levelWebhookReader, world, url)).toEqual({
      state: "unreachable",
      reason: "ECONNREFUSED",
    });
  });
});

it("what was received 30 days ago is removed", async () => {
  world.setNow(minutes(0));
  await hook.signed(alertEvent("alert_active", 0));
  await hook.automation({}, "wrong");
  world.setNow(new Date(minutes(0).getTime() + 29 * 24 * 3600_000));
  expect(await pruneDeliveries(world.deps)).toBe(0);
  world.setNow(new Date(minutes(0).getTime() + 31 * 24 * 3600_000));
  expect(await pruneDeliveries(world.deps)).toBe(1);
  expect(await hook.deliveries()).toEqual([]);
  expect(await hook.rejections()).toEqual([]);
});

it("a test to oneself does not count as heard from Level", async () => {
  const { body, headers } = levelWebhookReader.testDelivery(hook.secret, new Date());
  expect((await hook.request({ body, headers })).status).toBe(200);
  const heard = () =>
    withTenant(world.database.db, world.tenantId, (tx) =>
      lastHeardByWay(tx, world.tenantId, world.integrationId),
    );
  expect(await heard()).toEqual([]);
  await hook.signed(alertEvent("alert_active", 0));
  expect(await heard()).toMatchObject([{ way: "signed" }]);
});
