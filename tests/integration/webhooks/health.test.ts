import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readWebhookHealth } from "~/features/webhooks/webhook-health.page.server";
import { createSyncWorld, type SyncWorld } from "@tests/support/sync";
import { alertEvent, createWebhookWorld, type WebhookWorld } from "@tests/support/webhook";

let world: SyncWorld;
let hook: WebhookWorld;
beforeEach(async () => {
  world = await createSyncWorld({ devices: 5, alerts: 0 });
  hook = await createWebhookWorld(world);
});
afterEach(() => world.close());

const HOUR = 60 * 60_000;
const now = Date.now();
const hoursAgo = (hours: number) => new Date(now - hours * HOUR);
const health = () =>
  readWebhookHealth(world.database.db, world.tenantId, world.connectionId, new Date(now + 1_000));

describe("what still uses the former secret", () => {
  it("names a sender even if its deliveries change nothing", async () => {
    const event = alertEvent("alert_active", 0);
    const trigger = { event: "alert.triggered", device_id: "d1", name: "Disk" };
    await hook.signed(event);
    await hook.automation(trigger);
    await hook.rotate();
    expect((await health()).previousSecret?.uses).toEqual([]);
    world.setNow(new Date(now + HOUR));
    expect((await hook.signed(event)).status).toBe(200);
    expect((await hook.automation(trigger)).status).toBe(200);
    expect((await health()).previousSecret?.uses).toMatchObject([
      { scheme: expect.any(String) as string, count: 1, lastAt: new Date(now + HOUR) },
      { scheme: expect.any(String) as string, count: 1, lastAt: new Date(now + HOUR) },
    ]);
  });

  it("does not name one that has changed to the new secret", async () => {
    const event = alertEvent("alert_active", 0);
    const next = await hook.rotate();
    await hook.signed(event);
    expect((await health()).previousSecret?.uses).toHaveLength(1);
    await hook.signed(event, next);
    expect((await health()).previousSecret?.uses).toEqual([]);
  });
});

describe("unreadable deliveries of the last day", () => {
  const send = async (hours: number) => {
    world.setNow(hoursAgo(hours));
    expect((await hook.signed("no json")).status).toBe(400);
  };

  it("include a kind that began before the day and recurred in it", async () => {
    await send(72);
    for (let hours = 71; hours >= 1; hours -= 10) await send(hours);
    const { trouble } = await health();
    // Eight times in 71 hours, evenly.
    expect(trouble).toMatchObject([{ kind: "unreadable", count: 3, lastAt: hoursAgo(1) }]);
    expect(trouble[0]!.firstAt.getTime()).toBeGreaterThanOrEqual(hoursAgo(24).getTime());
  });

  it("include exactly what occurred in it, and not what ended before", async () => {
    await send(30);
    expect((await health()).trouble).toEqual([]);
    world.setNow(hoursAgo(5));
    await hook.signed("other");
    await hook.signed("other");
    expect((await health()).trouble).toMatchObject([{ count: 2, firstAt: hoursAgo(5) }]);
  });
});
