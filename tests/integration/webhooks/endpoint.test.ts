import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { deleteSecrets, putSecret } from "@db/queries/connections/secrets";
import { rmmIntegrations } from "@db/schema";
import { connect } from "~/features/connections/connect.server";
import { revealWebhookSecret, rotateWebhookSecret } from "~/features/connections/secrets.server";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";
import { createSyncWorld, TEST_ACTOR, type SyncWorld } from "@tests/support/sync";
import { alertEvent, createWebhookWorld, type WebhookWorld } from "@tests/support/webhook";

import { signWebhook, webhookEvent } from "../../level-simulator";

let world: SyncWorld;
let hook: WebhookWorld;
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  world = await createSyncWorld({ database, devices: 5, alerts: 0 });
  hook = await createWebhookWorld(world);
});
afterEach(() => world.simulator.close());
afterAll(() => database.close());

const json = { "content-type": "application/json" };
const nothingWritten = async () => {
  expect(await hook.deliveries()).toEqual([]);
  expect(await hook.alerts()).toEqual([]);
  expect((await hook.events()).filter(({ name }) => name.startsWith("RMM_WEBHOOK"))).toEqual([]);
};

describe("a signed event of Level", () => {
  it("becomes an alert, is published, and refreshes its device", async () => {
    const answer = await hook.signed(alertEvent("alert_active", 0));
    expect(answer.status).toBe(202);
    const [alert] = await hook.alerts();
    expect(alert).toMatchObject({
      externalAlertId: "alert-1",
      externalDeviceId: "device-1",
      assetId: null,
      name: "Low disk space (C:)",
      severity: "major",
      providerSeverity: "critical",
      status: "active",
      observedVia: "webhook",
      observedAt: new Date("2026-10-08T12:00:00Z"),
    });
    const [delivery] = await hook.deliveries();
    expect(delivery).toMatchObject({
      scheme: "signed",
      secretUsed: "current",
      eventType: "alert_active",
      outcome: "accepted",
      responseStatus: 202,
      alertId: alert!.id,
      duplicates: 0,
    });
    expect(await hook.events()).toEqual([
      { name: "RMM_ALERT_TRIGGERED", data: expect.objectContaining({ alertId: alert!.id }) },
      { name: "RMM_WEBHOOK_RECEIVED", data: expect.objectContaining({ deliveryId: delivery!.id }) },
      { name: "rmm/device.sync.requested", data: expect.objectContaining({ externalDeviceId: "device-1" }) },
    ]);
  });

  it("is accepted with the signature of the documented check value", async () => {
    const body =
      '{"event_type":"device_deleted","event_id":"1a2b3c05-5b1e-4c0a-9f37-2d6f00a13c05",' +
      '"occurred_at":"2026-10-08T15:55:00.001Z","data":{"id":"Z2lkOi8vbGV2ZWwvRGV2aWNlLzMxODM3Nw"}}';
    // The documented secret replaces the connection's own.
    const owner = { tenantId: world.tenantId, connectionId: world.connectionId, name: "webhook_secret" };
    const sealed = world.deps.vault.seal("example-secret-not-real", owner);
    await putSecret(world.database.db as never, { ...owner, ...sealed });
    const answer = await hook.request({
      body,
      headers: {
        ...json,
        "x-level-signature": "sha256=3bd40bef5e530b9873974c02242771597449bfd5ccd5b32635d72e92c29ff0b2",
      },
    });
    expect(answer.status).toBe(202);
    expect((await hook.events()).map(({ name }) => name)).toContain("rmm/device.sync.requested");
  });

  it("that arrives again changes nothing and is counted", async () => {
    const event = alertEvent("alert_active", 0);
    await hook.signed(event);
    const before = await hook.alerts();
    const again = await hook.signed(event);
    expect(again.status).toBe(200);
    expect(await again.json()).toMatchObject({ outcome: "duplicate" });
    expect(await hook.alerts()).toEqual(before);
    expect(await hook.deliveries()).toMatchObject([{ duplicates: 1 }]);
    expect((await hook.events()).filter(({ name }) => name === "RMM_WEBHOOK_RECEIVED")).toHaveLength(1);
  });

  it("that arrives twice at the same moment is stored once", async () => {
    const event = alertEvent("alert_active", 0);
    const answers = await Promise.all(Array.from({ length: 8 }, () => hook.signed(event)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 202]);
    expect(await hook.deliveries()).toMatchObject([{ duplicates: 7 }]);
  });

  it("of an unknown type is kept as ignored", async () => {
    const answer = await hook.signed(webhookEvent("ticket_opened", { id: "t1" }));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ outcome: "ignored" });
    expect(await hook.deliveries()).toMatchObject([{ eventType: "ticket_opened", outcome: "ignored" }]);
    expect(await hook.alerts()).toEqual([]);
  });

  it.each([
    ["no JSON", "not json at all", "the body is not JSON"],
    ["a list", "[]", "the body is not an object"],
    [
      "no event_id",
      '{"event_type":"alert_active","occurred_at":"2026-10-08T12:00:00Z","data":{}}',
      "event_id",
    ],
    ["an alert without id", JSON.stringify(alertEvent("alert_active", 0, { id: "" })), "data.id"],
    ["a device without id", JSON.stringify(webhookEvent("device_updated", {})), "data.id"],
  ])("with %s is answered 400 and kept with the reason", async (_, body, reason) => {
    const answer = await hook.signed(body);
    expect(answer.status).toBe(400);
    expect(await hook.deliveries()).toMatchObject([
      { outcome: "unreadable", reason: expect.stringContaining(reason), body },
    ]);
    expect((await hook.signed(body)).status).toBe(400);
    expect(await hook.deliveries()).toMatchObject([{ duplicates: 1 }]);
    expect(await hook.alerts()).toEqual([]);
  });

  it.each(["group_created", "group_updated", "group_deleted"] as const)(
    "%s refreshes the group",
    async (type) => {
      expect((await hook.signed(webhookEvent(type, { id: "g1" }))).status).toBe(202);
      expect((await hook.events()).map(({ name }) => name)).toEqual([
        "RMM_WEBHOOK_RECEIVED",
        "rmm/group.sync.requested",
      ]);
    },
  );
});

describe("the order of events", () => {
  it("decides, not the order of arrival", async () => {
    await hook.signed(alertEvent("alert_resolved", 20));
    const late = await hook.signed(alertEvent("alert_active", 10));
    expect(late.status).toBe(202);
    expect(await hook.alerts()).toMatchObject([
      { status: "resolved", observedAt: new Date("2026-10-08T12:20:00Z") },
    ]);
    expect((await hook.deliveries()).map(({ outcome }) => outcome)).toEqual(["accepted", "stale"]);
  });

  it("with the same time gives the same end, whichever arrives first", async () => {
    const pairs = [
      [alertEvent("alert_active", 5), alertEvent("alert_resolved", 5)],
      [alertEvent("alert_active", 5, { name: "One" }), alertEvent("alert_active", 5, { name: "Other" })],
    ].map((pair, index) =>
      pair.map((event) => ({ ...event, data: { ...(event.data as object), id: `pair-${index}` } })),
    );
    const ends = [];
    for (const inOrder of [true, false]) {
      const other = await createSyncWorld({ database, devices: 5, alerts: 0 });
      try {
        const there = await createWebhookWorld(other);
        for (const [first, second] of pairs) {
          await there.signed(inOrder ? first : second);
          await there.signed(inOrder ? second : first);
        }
        ends.push((await there.alerts()).map(({ status, name }) => ({ status, name })));
      } finally {
        await other.simulator.close();
      }
    }
    expect(ends[0]).toEqual(ends[1]);
    expect(ends[0]?.[0]).toMatchObject({ status: "resolved" });
  });

  it("holds even if the newest event repeats the oldest", async () => {
    await hook.signed(alertEvent("alert_active", 1, { severity: "critical" }));
    await hook.signed(alertEvent("alert_active", 3, { severity: "critical" }));
    await hook.signed(alertEvent("alert_active", 2, { severity: "warning" }));
    expect(await hook.alerts()).toMatchObject([{ severity: "major" }]);
  });

  it("does not matter if an event says little: text of another one stays", async () => {
    const sparse = { ...alertEvent("alert_resolved", 9), data: { id: "alert-1" } };
    const { data } = alertEvent("alert_active", 0);
    for (const [id, order] of [
      ["alert-in-order", [alertEvent("alert_active", 0), sparse]],
      ["alert-out-of-order", [sparse, alertEvent("alert_active", 0)]],
    ] as const) {
      for (const event of order) {
        const about = {
          ...event,
          event_id: `${id} ${event.event_type}`,
          data: { ...(event.data as object), id },
        };
        expect((await hook.signed(about)).status).toBe(202);
      }
    }
    const { name, description, device_id: externalDeviceId } = data as Record<string, string>;
    const known = { name, description, externalDeviceId, severity: "major", status: "resolved" };
    expect(await hook.alerts()).toMatchObject([known, known]);
  });

  it("decides even if our clock is some minutes slow", async () => {
    world.setNow(new Date("2026-10-08T11:58:00Z"));
    await hook.signed(alertEvent("alert_resolved", 1));
    world.setNow(new Date("2026-10-08T11:59:40Z"));
    await hook.signed(alertEvent("alert_active", 0));
    expect(await hook.alerts()).toMatchObject([{ status: "resolved" }]);
  });

  it("treats an event dated far ahead as of its arrival", async () => {
    world.setNow(new Date("2026-10-08T12:00:00Z"));
    await hook.signed(alertEvent("alert_active", 50));
    expect(await hook.alerts()).toMatchObject([{ observedAt: new Date("2026-10-08T12:00:00Z") }]);
  });
});

describe("an automation's delivery", () => {
  it("with text that breaks its JSON still becomes an alert, and is marked as repaired", async () => {
    const body = '{"event":"alert.triggered","hostname":"HLD-FRONT-03","name":"Disk "C:\\ " of CORP\\user"}';
    expect((await hook.automation(body, "a guess")).status).toBe(401);
    await nothingWritten();
    expect((await hook.automation(body)).status).toBe(202);
    expect(await hook.alerts()).toMatchObject([{ name: 'Disk "C:\\ " of CORP\\user', status: "active" }]);
    expect(await hook.deliveries()).toMatchObject([{ outcome: "accepted", isRepaired: true, body }]);
    expect((await hook.automation(body)).status).toBe(200);
  });

  it("of form fields becomes an alert, and its secret fields are not kept", async () => {
    const answer = await hook.request({
      body: new URLSearchParams({
        event: "alert.triggered",
        hostname: "HLD-FRONT-03",
        name: 'Disk "C:\\" & more',
        token: "k1",
      }),
      headers: { "x-alga-webhook-secret": hook.secret },
    });
    expect(answer.status).toBe(202);
    expect(await hook.alerts()).toMatchObject([{ name: 'Disk "C:\\" & more' }]);
    const [delivery] = await hook.deliveries();
    expect(delivery).toMatchObject({ outcome: "accepted", isRepaired: false });
    expect(delivery!.body).toMatch(/&token=\[removed\]$/);
  });

  const body = {
    event: "alert.triggered",
    alert_id: "alert-9",
    device_id: "device-9",
    hostname: "SRV-9",
    name: "Service stopped",
    severity: "warning",
    description: "Spooler",
  };

  it("becomes an alert, and its resolve closes it", async () => {
    expect((await hook.automation(body)).status).toBe(202);
    expect(await hook.alerts()).toMatchObject([
      { externalAlertId: "alert-9", status: "active", severity: "moderate", observedVia: "automation" },
    ]);
    expect((await hook.automation({ ...body, event: "alert.resolved" })).status).toBe(202);
    expect(await hook.alerts()).toMatchObject([{ status: "resolved" }]);
    expect((await hook.automation(body)).status).toBe(200);
    expect(await hook.alerts()).toMatchObject([{ status: "resolved" }]);
  });

  it("that triggers after it was resolved leaves it resolved", async () => {
    await hook.automation({ ...body, event: "alert.resolved" });
    expect((await hook.automation(body)).status).toBe(202);
    expect(await hook.alerts()).toMatchObject([{ status: "resolved" }]);
    expect((await hook.deliveries()).map(({ outcome }) => outcome)).toEqual(["accepted", "stale"]);
  });

  it("with blanks keeps the known values", async () => {
    await hook.signed(alertEvent("alert_active", 0, { id: "alert-9" }));
    await hook.automation({
      event: "alert.resolved",
      alert_id: "alert-9",
      name: "{{alert_name}}",
      severity: "",
    });
    expect(await hook.alerts()).toMatchObject([
      { status: "resolved", name: "Low disk space (C:)", severity: "major", externalDeviceId: "device-1" },
    ]);
  });

  it("that names nothing is kept as unreadable", async () => {
    const answer = await hook.automation({ event: "alert.triggered", name: "Something" });
    expect(answer.status).toBe(400);
    expect(await hook.deliveries()).toMatchObject([
      { outcome: "unreadable", reason: expect.stringContaining("alert_id"), eventType: "alert.triggered" },
    ]);
  });
});

describe("the endpoint accepts", () => {
  const event = alertEvent("alert_active", 0);

  it.each([
    [
      "a wrong signature",
      { "x-level-signature": signWebhook("other", "other") },
      "signed",
      "wrong_signature",
    ],
    ["a wrong secret", { "x-alga-webhook-secret": "guess" }, "automation", "wrong_secret"],
    ["nothing", {}, "none", "no_credential"],
  ])("no sender with %s: 401, and only a counter changes", async (_, headers, scheme, reason) => {
    const send = () =>
      hook.request({ body: JSON.stringify(event), headers: { ...json, ...(headers as object) } });
    expect((await send()).status).toBe(401);
    expect((await send()).status).toBe(401);
    await nothingWritten();
    expect(await hook.rejections()).toMatchObject([{ scheme, reason, count: 2 }]);
  });

  it("nobody while no secret is set", async () => {
    await deleteSecrets(world.database.db as never, world.tenantId, world.connectionId);
    expect((await hook.signed(event)).status).toBe(401);
    expect((await hook.automation({ event: "alert.triggered", alert_id: "a" }, "")).status).toBe(401);
    await nothingWritten();
  });

  it("nobody once the connection has ended, even if the secret is still cached", async () => {
    expect((await hook.signed(event)).status).toBe(202);
    await world.database.db
      .update(rmmIntegrations)
      .set({ status: "disconnected" })
      .where(eq(rmmIntegrations.id, world.connectionId));
    expect((await hook.signed(alertEvent("alert_resolved", 9))).status).toBe(401);
    expect((await hook.signed(event)).status).toBe(401);
    expect(await hook.alerts()).toMatchObject([{ status: "active" }]);
  });

  it("both secrets for a day after a rotation, then only the new one", async () => {
    world.setNow(new Date("2026-11-02T10:00:00Z"));
    expect((await hook.signed(event)).status).toBe(202);
    const next = await hook.rotate();
    expect((await hook.signed(alertEvent("alert_active", 1), next)).status).toBe(202);
    expect((await hook.signed(alertEvent("alert_active", 2))).status).toBe(202);
    expect((await hook.deliveries()).map(({ secretUsed }) => secretUsed)).toEqual([
      "current",
      "current",
      "previous",
    ]);
    world.setNow(new Date("2026-11-03T10:00:01Z"));
    expect((await hook.signed(alertEvent("alert_active", 3))).status).toBe(401);
    expect((await hook.signed(alertEvent("alert_active", 4), next)).status).toBe(202);
  });

  it("nobody with a secret that was rotated away twice, cached or not", async () => {
    expect((await hook.signed(event)).status).toBe(202);
    await hook.rotate();
    await hook.rotate();
    expect((await hook.signed(alertEvent("alert_active", 1))).status).toBe(401);
  });

  it("the newest two of secrets that were made at the same moment", async () => {
    const { tenantId, connectionId, deps } = world;
    const rotate = () => rotateWebhookSecret(deps, { tenantId, connectionId }, TEST_ACTOR);
    await Promise.all([rotate(), rotate(), rotate()]);
    const revealed = await revealWebhookSecret(deps, { tenantId, connectionId }, TEST_ACTOR);
    if (revealed.state !== "revealed") throw new Error(revealed.state);
    expect((await hook.signed(event, revealed.secret)).status).toBe(202);
    expect((await hook.signed(event)).status).toBe(401);
  });

  it("for each connection of the tenant its own secret", async () => {
    const second = await connect(world.deps, {
      tenantId: world.tenantId,
      provider: "levelio",
      label: "Second",
      apiKey: world.simulator.apiKey,
      actor: TEST_ACTOR,
    });
    if (second.state !== "saved") throw new Error(second.state);
    const owner = { tenantId: world.tenantId, connectionId: second.integration.id };
    const revealed = await revealWebhookSecret(world.deps, owner, TEST_ACTOR);
    if (revealed.state !== "revealed") throw new Error(revealed.state);
    expect((await hook.signed(event, revealed.secret)).status).toBe(202);
    expect(await hook.alerts()).toMatchObject([{ connectionId: second.integration.id }]);
  });

  it("fewer requests after many wrong secrets, without shutting out the right one", async () => {
    const statuses = new Set<number>();
    for (let n = 0; n < 70; n++) {
      const answer = await hook.automation({ event: "alert.triggered", alert_id: "a" }, "guess");
      statuses.add(answer.status);
      if (answer.status === 429) expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect([...statuses]).toEqual([401, 429]);
    expect(await hook.rejections()).toMatchObject([{ count: 60 }]);
    expect((await hook.signed(event)).status).toBe(202);
  });
});

describe("the body that is kept", () => {
  it("has no webhook secret in it, and no member named like one", async () => {
    await hook.automation({
      event: "alert.triggered",
      alert_id: "a",
      api_key: "k1",
      description: `x ${hook.secret}`,
    });
    const [delivery] = await hook.deliveries();
    expect(delivery?.body).toBe(
      '{"event":"alert.triggered","alert_id":"a","api_key":"[removed]","description":"x [removed]"}',
    );
  });

  it("is bounded", async () => {
    await hook.signed(alertEvent("alert_active", 0, { payload: "x".repeat(200_000) }));
    const [delivery] = await hook.deliveries();
    expect(delivery?.body?.length).toBe(64 * 1024);
    expect(delivery?.bodyIsCut).toBe(true);
  });
});
