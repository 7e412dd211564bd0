import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { automationTemplate } from "~/features/webhooks/webhook-template";
import { acknowledgeAlert } from "~/features/alerts/acknowledge.server";
import { createSyncWorld, TEST_ACTOR, type SyncWorld } from "@tests/support/sync";
import { alertEvent, createWebhookWorld, type WebhookWorld } from "@tests/support/webhook";

let world: SyncWorld;
let hook: WebhookWorld;
beforeAll(async () => {
  world = await createSyncWorld({ devices: 5, alerts: 0 });
  hook = await createWebhookWorld(world);
});
afterAll(() => world.close());

/** Minutes after noon. */
const noon = (minutes: number) => new Date(Date.UTC(2026, 9, 8, 12, minutes));

/** An incident of a device of its own: Level reported its start at noon, and its end five minutes later. */
function makeIncident(name: string, hasTimes = false) {
  const native = {
    id: `alert-${name} ${hasTimes}`,
    device_id: `device-${name} ${hasTimes}`,
    name: "Low disk space",
    started_at: noon(0).toISOString(),
  };
  const template = (event: "alert.triggered" | "alert.resolved") => ({
    ...(JSON.parse(automationTemplate(event)) as object),
    name: native.name,
    severity: "warning",
    device_id: native.device_id,
    hostname: "HLD-FRONT-03",
    occurred_at: hasTimes ? noon(event === "alert.triggered" ? 1 : 4).toISOString() : "{{level_time}}",
  });
  const messages = {
    active: () => hook.signed(alertEvent("alert_active", 0, native)),
    resolved: () => hook.signed(alertEvent("alert_resolved", 5, native)),
    trigger: () => hook.automation(template("alert.triggered")),
    end: () => hook.automation(template("alert.resolved")),
  };
  /** Delivers messages one by one, a minute apart. */
  const hear = async (order: (keyof typeof messages)[], from = 6) => {
    for (const [index, message] of order.entries()) {
      world.setNow(noon(from + index));
      expect([200, 202]).toContain((await messages[message]()).status);
    }
  };
  const alerts = async () =>
    (await hook.alerts()).filter(({ externalDeviceId }) => externalDeviceId === native.device_id);
  const open = async () => (await alerts()).filter(({ status }) => status === "active");
  return { native, hear, alerts, open };
}
type Message = Parameters<ReturnType<typeof makeIncident>["hear"]>[0][number];

function permutations<T>(items: T[]): T[][] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}
const ordersOf = (...messages: Message[]) =>
  permutations(messages).map((order) => [order.join(", "), order] as const);

describe.each([
  ["when it sent", true],
  ["no time", false],
])("an incident that Level and an automation without ids both report, which says %s,", (_, hasTimes) => {
  it.each(ordersOf("active", "trigger"))("is one open alert: %s", async (name, order) => {
    const { hear, open, alerts, native } = makeIncident(name, hasTimes);
    await hear(order);
    expect(await open()).toMatchObject([{ externalAlertId: native.id, severity: "major" }]);
    expect(await alerts()).toHaveLength(1);
  });

  it.each(ordersOf("active", "trigger", "resolved"))(
    "ends when Level reports the end: %s",
    async (name, order) => {
      const { hear, alerts, native } = makeIncident(name, hasTimes);
      await hear(order);
      expect(await alerts()).toMatchObject([{ externalAlertId: native.id, status: "resolved" }]);
    },
  );

  it.each(ordersOf("active", "trigger", "end"))(
    "ends when the automation reports it at last: %s",
    async (name, order) => {
      const { hear, open } = makeIncident(name, hasTimes);
      await hear(order);
      await hear(["resolved"], 9);
      expect(await open()).toEqual([]);
    },
  );

  it.each(ordersOf("active", "trigger", "resolved", "end"))("is over: %s", async (name, order) => {
    const { hear, open } = makeIncident(name, hasTimes);
    await hear(order);
    expect(await open()).toEqual([]);
  });
});

describe("an incident that Level and an automation without ids both report", () => {
  it("recurs under an id of its own, and ends again, in exactly the same words of the automation", async () => {
    const { hear, open, native } = makeIncident("twice");
    await hear(["trigger", "active", "end", "resolved"]);
    for (const id of ["second", "third"]) {
      const from = id === "second" ? 40 : 55;
      const again = { ...native, id, started_at: noon(from).toISOString() };
      world.setNow(noon(from));
      await hook.signed(alertEvent("alert_active", from, again));
      await hear(["trigger"], from + 1);
      expect(await open()).toMatchObject([{ externalAlertId: id }]);
      await hear(["end"], from + 2);
      expect(await open()).toEqual([]);
    }
  });

  it("keeps what a person did, and everything received about it, when Level reports it", async () => {
    const { hear, alerts } = makeIncident("acknowledged");
    await hear(["trigger"]);
    const [placeholder] = await alerts();
    const { tenantId } = world;
    await acknowledgeAlert(world.deps, { tenantId, alertId: placeholder!.id }, true, TEST_ACTOR);
    await hear(["active"], 7);
    const [alert] = await alerts();
    expect(alert).toMatchObject({ id: placeholder!.id, acknowledgedAt: expect.any(Date) as Date });
    const history = (await hook.deliveries()).filter(({ alertId }) => alertId === alert!.id);
    expect(history).toHaveLength(2);
  });

  it("treats a trigger as the next occurrence if only automations report alerts", async () => {
    const { hear, open } = makeIncident("automations");
    await hear(["trigger", "end", "trigger"]);
    expect(await open()).toHaveLength(1);
  });
});

it("an automation that sends only the hostname reports the alert that Level has reported since, and its end", async () => {
  const native = {
    id: "by-hostname",
    started_at: noon(0).toISOString(),
    device_id: "device-by-hostname",
    device_hostname: "HOST-7",
    name: "Disk",
  };
  const tell = (event: string, minute: number) => {
    world.setNow(noon(minute));
    return hook.automation({ event, alert_id: "", device_id: "", hostname: "HOST-7", name: "Disk" });
  };
  const alerts = async () =>
    (await hook.alerts()).filter(({ deviceHostname }) => deviceHostname === "HOST-7");
  await tell("alert.triggered", 1);
  await hook.signed(alertEvent("alert_active", 0, native));
  expect((await tell("alert.triggered", 3)).status).toBe(200);
  expect(await alerts()).toMatchObject([{ externalAlertId: native.id, status: "active" }]);
  await tell("alert.resolved", 5);
  expect(await alerts()).toMatchObject([{ externalAlertId: native.id, status: "resolved" }]);
});

describe("an incident that both report by its id", () => {
  const said = (event: string) => ({ event, alert_id: "by-id", device_id: "device-by-id", name: "By hand" });
  const native = { id: "by-id", device_id: "device-by-id", name: "Low disk space" };
  const received = (minute: number) => world.setNow(noon(minute));

  it("ends when Level reports it, although the trigger arrived after its end", async () => {
    received(10);
    await hook.automation(said("alert.triggered"));
    received(12);
    expect((await hook.signed(alertEvent("alert_resolved", 9, native))).status).toBe(202);
    const alert = async () =>
      (await hook.alerts()).find(({ externalAlertId }) => externalAlertId === "by-id");
    expect(await alert()).toMatchObject({ status: "resolved", name: "Low disk space" });
    received(13);
    await hook.automation({ ...said("alert.triggered"), description: "again" });
    expect(await alert()).toMatchObject({ status: "resolved" });
    expect((await hook.deliveries()).at(-1)).toMatchObject({ outcome: "stale" });
  });
});
