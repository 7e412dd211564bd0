import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { withTenant } from "@db/client";
import { lastReceivedByScheme } from "@db/queries/connections/connection-counts";
import { listDeliveries, type DeliveryFilter } from "@db/queries/webhooks/webhook-log";
import { auditLog, rmmAlerts, rmmWebhookDeliveries } from "@db/schema";
import { DAY_MS } from "@domain/durations";
import { levelWebhookReader } from "~/connectors/levelio/webhook-reader.server";
import { readAlert } from "~/features/alerts/alerts.page.server";
import { readConnection, readWebhookInfo } from "~/features/connections/integrations.page.server";
import { pruneDeliveries } from "~/features/webhooks/prune";
import { acknowledgeAlert } from "~/features/alerts/acknowledge.server";
import { replayDeliveries, replayDelivery } from "~/features/webhooks/replay.server";
import { sendTestDelivery } from "~/features/webhooks/send-test.server";
import { createTenant } from "@tests/support/factories";
import { startHttpProxy, stubProxies } from "@tests/support/http-proxy";
import { countAllStatements } from "@tests/support/statements";
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

describe("a delivery for an unknown device", () => {
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
      listDeliveries(tx, world.tenantId, {}, { place: "first", limit: 10 }),
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

  it.each(["full", "device"] as const)(
    "that its page missed is linked at the end of a %s sync",
    async (type) => {
      await world.sync("organizations");
      await world.mapAll();
      await world.sync("full");
      const [device] = [...world.simulator.account.devices].filter(({ group_id }) => group_id !== null);
      await hook.signed(alertEvent("alert_active", 0, { device_id: device!.id }));
      await world.database.db.update(rmmAlerts).set({ assetId: null });
      await world.sync(type, type === "device" ? device!.id : undefined);
      expect((await hook.alerts())[0]?.assetId).not.toBeNull();
    },
  );
});

describe("an automation without alert ids", () => {
  const trigger = { event: "alert.triggered", device_id: "d1", name: "Low disk", alert_id: "" };
  const resolve = { ...trigger, event: "alert.resolved" };
  const status = async () => (await hook.alerts()).map((alert) => alert.status);

  it("reports one alert by device and name, and its end", async () => {
    await hook.automation(trigger);
    await hook.automation(resolve);
    expect(await status()).toEqual(["resolved"]);
  });

  it("reports the next occurrence in the same words", async () => {
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

  it("is a duplicate while the alert has that state, however late it arrives", async () => {
    world.setNow(minutes(0));
    await hook.automation(trigger);
    world.setNow(minutes(50));
    expect((await hook.automation(trigger)).status).toBe(200);
  });

  it("that flaps ends as last reported, however quickly, and no report is a duplicate", async () => {
    const reported = [trigger, resolve, trigger, resolve, trigger];
    for (const [second, body] of reported.entries()) {
      world.setNow(new Date(minutes(0).getTime() + second * 1_000));
      expect((await hook.automation(body)).status).toBe(202);
    }
    expect(await status()).toEqual(["active"]);
    expect(await hook.deliveries()).toHaveLength(reported.length);
  });

  it("is one new occurrence, even if it arrives eight times at the same moment", async () => {
    world.setNow(minutes(0));
    await hook.automation(trigger);
    world.setNow(minutes(1));
    await hook.automation(resolve);
    world.setNow(minutes(2));
    const answers = await Promise.all(Array.from({ length: 8 }, () => hook.automation(trigger)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 202]);
    expect(await status()).toEqual(["active"]);
    expect(await hook.deliveries()).toHaveLength(3);
  });

  it("is a duplicate if its end arrives again, and the next one is not", async () => {
    for (const [minute, body, answer] of [
      [0, trigger, 202],
      [1, resolve, 202],
      [2, resolve, 200],
      [3, trigger, 202],
      [4, trigger, 200],
    ] as const) {
      world.setNow(minutes(minute));
      expect((await hook.automation(body)).status).toBe(answer);
    }
    expect(await status()).toEqual(["active"]);
  });

  it("is open again for the person who had acknowledged the occurrence before", async () => {
    world.setNow(minutes(0));
    await hook.automation(trigger);
    const [alert] = await hook.alerts();
    const { tenantId } = world;
    await acknowledgeAlert(world.deps, { tenantId, alertId: alert!.id }, true, TEST_ACTOR);
    world.setNow(minutes(1));
    await hook.automation(resolve);
    expect((await hook.alerts())[0]?.acknowledgedAt).not.toBeNull();
    world.setNow(minutes(2));
    await hook.automation(trigger);
    expect((await hook.alerts())[0]?.acknowledgedAt).toBeNull();
  });
});

describe("a replay", () => {
  const replay = (deliveryId: string, tenantId = world.tenantId) =>
    replayDelivery(world.deps, levelWebhookReader, { tenantId, deliveryId }, TEST_ACTOR);

  it("processes a delivery once more", async () => {
    await hook.signed(alertEvent("alert_active", 0));
    await world.database.db.delete(rmmAlerts);
    const [delivery] = await hook.deliveries();
    expect(await replay(delivery!.id)).toEqual({ state: "replayed", outcome: "accepted" });
    const [alert] = await hook.alerts();
    expect(alert).toMatchObject({ status: "active", observedAt: new Date("2026-10-08T12:00:00Z") });
    expect(await hook.deliveries()).toMatchObject([{ replays: 1, alertId: alert!.id }]);
  });

  it("leaves newer data", async () => {
    await hook.signed(alertEvent("alert_active", 0));
    await hook.signed(alertEvent("alert_resolved", 5));
    const before = await hook.alerts();
    const [first] = await hook.deliveries();
    expect(await replay(first!.id)).toEqual({ state: "replayed", outcome: "stale" });
    expect(await hook.alerts()).toEqual(before);
  });

  it("of all matches of a filter goes in the order of arrival", async () => {
    for (let minute = 0; minute < 6; minute++) {
      await hook.signed(alertEvent(minute % 2 === 0 ? "alert_active" : "alert_resolved", minute));
    }
    await hook.signed("no json");
    const before = await hook.alerts();
    await world.database.db.delete(rmmAlerts);
    const filter = { scheme: "signed" as const };
    const { tenantId } = world;
    expect(await replayDeliveries(world.deps, levelWebhookReader, { tenantId, filter }, TEST_ACTOR)).toEqual({
      replayed: 6,
      failed: 1,
      goOnAfter: null,
    });
    const state = ({ status, observedAt }: (typeof before)[number]) => ({ status, observedAt });
    expect((await hook.alerts()).map(state)).toEqual(before.map(state));
  });

  it("of more than one request can hold continues where it was, until all are replayed", async () => {
    for (let minute = 0; minute < 7; minute++) await hook.signed(alertEvent("alert_active", minute));
    const { tenantId } = world;
    const counts = [];
    for (let after: string | null | undefined = undefined; after !== null;) {
      const filter: DeliveryFilter = { scheme: "signed", afterId: after };
      const request = { tenantId, filter, atMost: 3 };
      const { goOnAfter, ...count } = await replayDeliveries(
        world.deps,
        levelWebhookReader,
        request,
        TEST_ACTOR,
      );
      counts.push(count);
      after = goOnAfter;
    }
    expect(counts.map(({ replayed }) => replayed)).toEqual([3, 3, 1]);
    expect((await hook.deliveries()).map(({ replays }) => replays)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });

  it("of 100 uses as many statements as of one", async () => {
    const { tenantId, deps } = world;
    for (let minute = 0; minute < 100; minute++) {
      const id = `alert-${minute % 30}`;
      await hook.signed(alertEvent(minute % 2 === 0 ? "alert_active" : "alert_resolved", minute, { id }));
    }
    const replayOf = (atMost: number) =>
      countAllStatements(deps.db, () =>
        replayDeliveries(deps, levelWebhookReader, { tenantId, filter: {}, atMost }, TEST_ACTOR),
      );
    const one = await replayOf(1);
    expect(await replayOf(100)).toBeLessThanOrEqual(one + 1);
    expect((await hook.deliveries()).every(({ replays }) => replays > 0)).toBe(true);
  });

  it("of several continues past one that fails, and is in the audit log", async () => {
    for (let minute = 0; minute < 3; minute++) await hook.signed(alertEvent("alert_active", minute));
    const [, bad] = await hook.deliveries();
    const reader = {
      ...levelWebhookReader,
      read: (...args: Parameters<typeof levelWebhookReader.read>) => {
        if (new TextDecoder().decode(args[1]) === bad!.body) throw new Error("broken on purpose");
        return levelWebhookReader.read(...args);
      },
    };
    const { tenantId } = world;
    expect(await replayDeliveries(world.deps, reader, { tenantId, filter: {} }, TEST_ACTOR)).toMatchObject({
      replayed: 2,
      failed: 1,
    });
    const entries = await world.database.db.select().from(auditLog);
    expect(entries.at(-1)).toMatchObject({
      action: "webhook.replayed",
      details: { replayed: 2, failed: 1 },
    });
  });

  it("of a trigger without an id stays with the alert of its time, even if another of that name came since", async () => {
    const noon = (minute: number) => new Date(Date.UTC(2026, 9, 8, 12, minute));
    const named = { device_id: "d1", name: "Low disk" };
    const tell = async (type: "alert_active" | "alert_resolved", minute: number, id: string, began: Date) => {
      world.setNow(noon(minute));
      await hook.signed(alertEvent(type, minute, { ...named, id, started_at: began.toISOString() }));
    };
    const triggers = async () => (await hook.deliveries()).filter(({ scheme }) => scheme === "automation");
    const replayTriggers = async () => {
      for (const { id } of await triggers()) await replay(id);
      const alerts = await hook.alerts();
      const idOf = (alertId: string | null) => alerts.find((one) => one.id === alertId)?.externalAlertId;
      return (await triggers()).map(({ alertId }) => idOf(alertId));
    };
    for (const [minute, id] of [
      [0, "first"],
      [30, "second"],
    ] as const) {
      await tell("alert_active", minute, id, noon(minute));
      await hook.automation({ event: "alert.triggered", alert_id: "", ...named });
      if (id === "first") await tell("alert_resolved", 5, id, noon(minute));
    }
    expect(await replayTriggers()).toEqual(["first", "second"]);
    await tell("alert_resolved", 35, "second", noon(30));
    expect(await replayTriggers()).toEqual(["first", "second"]);
  });

  it("is refused for a body that was cut, and for another tenant's delivery", async () => {
    await hook.signed(alertEvent("alert_active", 0, { payload: "x".repeat(100_000) }));
    const [delivery] = await hook.deliveries();
    expect(await replay(delivery!.id)).toEqual({ state: "not_kept" });
    const other = await createTenant(world.database.db);
    expect(await replay(delivery!.id, other.id)).toEqual({ state: "unknown_delivery" });
  });
});

describe("a test to oneself", () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each(["directly", "through an HTTP proxy"])("is received %s, kept and ignored", async (way) => {
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
    const proxy = await startHttpProxy(port);
    stubProxies({ HTTP_PROXY: proxy.url });
    const host = way === "directly" ? `127.0.0.1:${port}` : "plumbline.invalid";
    const url = `http://${host}/api/webhooks/levelio?tenant=${hook.tenant}`;
    try {
      expect(await sendTestDelivery(world.deps, levelWebhookReader, world, url)).toMatchObject({
        state: "received",
      });
    } finally {
      server.close();
      await proxy.close();
    }
    expect(proxy.asked).toHaveLength(way === "directly" ? 0 : 1);
    expect(await hook.deliveries()).toMatchObject([{ outcome: "ignored", eventType: "plumbline.test" }]);
    expect(await sendTestDelivery(world.deps, levelWebhookReader, world, url)).toEqual({
      state: "unreachable",
      reason: way === "directly" ? "ECONNREFUSED" : expect.stringContaining(proxy.at),
    });
  });
});

it("deliveries are deleted after 30 days", async () => {
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

it("old deliveries are deleted batch by batch", async () => {
  world.setNow(minutes(0));
  for (let n = 0; n < 7; n++) await hook.signed(alertEvent("alert_active", n));
  world.setNow(new Date(minutes(0).getTime() + 31 * 24 * 3600_000));
  await hook.signed(alertEvent("alert_active", 59));
  expect(await pruneDeliveries(world.deps, 3)).toBe(7);
  expect(await hook.deliveries()).toHaveLength(1);
});

it("a webhook that has been silent since its deliveries were deleted is still known to have been received", async () => {
  const { database, tenantId, connectionId } = world;
  const ref = { tenantId, connectionId, provider: "levelio" } as const;
  const seen = async () => {
    const connection = await readConnection(database.db, ref, new Date());
    const info = await readWebhookInfo(database.db, { id: tenantId, slug: "t" }, connectionId, "https://t");
    const hasHeard = connection?.guide.find((step) => step.id === "webhook")?.done;
    return { hasHeard, received: info.received.map(({ scheme }) => scheme), wasPruned: info.wasPruned };
  };
  expect(await seen()).toEqual({ hasHeard: false, received: [], wasPruned: false });
  world.setNow(minutes(0));
  await hook.signed(alertEvent("alert_active", 0));
  expect(await seen()).toEqual({ hasHeard: true, received: ["signed"], wasPruned: false });
  world.setNow(new Date(minutes(0).getTime() + 31 * DAY_MS));
  await pruneDeliveries(world.deps);
  expect(await seen()).toEqual({ hasHeard: true, received: [], wasPruned: true });
});

it("an alert is said to come only from the RMM while all its deliveries would still be kept", async () => {
  const { account } = world.simulator;
  account.openAlert([...account.devices][0]!.id);
  await world.sync("alerts");
  await hook.signed(alertEvent("alert_active", 0));
  const wasOnlyRead = async (days: number) => {
    const now = new Date(Date.now() + days * DAY_MS);
    const details = (await hook.alerts()).map(({ id }) =>
      readAlert(world.database.db, world.tenantId, id, now),
    );
    return (await Promise.all(details)).flatMap((detail) =>
      detail?.wasOnlyRead ? [detail.alert.observedVia] : [],
    );
  };
  expect(await wasOnlyRead(0)).toEqual(["sweep"]);
  expect(await wasOnlyRead(31)).toEqual([]);
  await world.database.db.delete(rmmWebhookDeliveries);
  expect(await wasOnlyRead(0)).toEqual(["sweep"]);
});

it("a test to oneself does not count as received from Level", async () => {
  const { body, headers } = levelWebhookReader.testDelivery(hook.secret, new Date());
  expect((await hook.request({ body, headers })).status).toBe(200);
  const received = () =>
    withTenant(world.database.db, world.tenantId, (tx) =>
      lastReceivedByScheme(tx, world.tenantId, world.connectionId),
    );
  expect(await received()).toEqual([]);
  await hook.signed(alertEvent("alert_active", 0));
  expect(await received()).toMatchObject([{ scheme: "signed" }]);
});
