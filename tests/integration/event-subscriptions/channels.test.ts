import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { auditLog, maintenanceWindows, outgoingSubscriptions, rmmAlerts, tenantSecrets } from "@db/schema";
import { anyAlert } from "@domain/alert-conditions";
import { deliverOutgoing, type OutgoingDeps } from "~/features/event-subscriptions/deliver";
import { addChannel } from "~/features/event-subscriptions/subscriptions.server";
import { testSubscription } from "~/features/event-subscriptions/test-subscription.server";
import { formIncidents } from "~/features/incidents/form-incidents";
import { createPost } from "~/platform/outgoing/post";
import { createVault } from "~/platform/vault.server";

import { startChatChannel, type ChatChannel } from "../../support/chat-channel";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { createAsset, createClient, createIntegration, createTenant } from "../../support/factories";
import { TEST_ACTOR, TEST_APP_SECRET } from "../../support/sync";

const MINUTE = 60_000;

let database: TestDatabase;
let channel: ChatChannel;
let deps: OutgoingDeps & { nudge: () => void };
let now: Date;
let tenantId: string;

beforeEach(async () => {
  database = await createTestDatabase();
  channel = await startChatChannel();
  now = new Date("2026-11-23T10:00:00Z");
  deps = {
    db: database.db,
    clock: () => now,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    vault: createVault(TEST_APP_SECRET),
    post: createPost({ allowPrivate: true }),
    publicUrl: "https://plumbline.example.com",
    nudge() {},
  };
  tenantId = (await createTenant(database.db)).id;
});
afterEach(async () => {
  await channel.close();
  await database.close();
});

async function postTo(format: "slack" | "teams", eventNames = ["INCIDENT_OPENED", "INCIDENT_RESOLVED"]) {
  const outcome = await addChannel(deps, {
    tenantId,
    url: channel.url,
    format,
    eventNames,
    allowPrivate: true,
    actor: TEST_ACTOR,
  });
  if (outcome.state !== "subscribed") throw new Error(outcome.reason);
  return outcome.id;
}

/** Equal alerts, each on a device of its own, of one client. */
async function alertsBegin(devices: number, conditions = 1) {
  const { id: connectionId } = await createIntegration(database.db, { tenantId });
  const { id: clientId } = await createClient(database.db, { tenantId, name: "Harborlight" });
  for (let n = 0; n < devices; n++) {
    const { id: assetId } = await createAsset(database.db, { tenantId, clientId, name: `HRB-${n}` });
    await database.db.insert(rmmAlerts).values(
      Array.from({ length: conditions }, (_, c) => ({
        tenantId,
        connectionId,
        assetId,
        externalAlertId: `a${n}-${c}`,
        externalDeviceId: `d${n}`,
        name: conditions === 1 ? "Low disk space" : `Condition ${c}`,
        severity: "critical" as const,
        status: "active" as const,
        startedAt: now,
        observedAt: now,
        observedVia: "webhook" as const,
        contentHash: "x",
      })),
    );
  }
  await formIncidents(deps);
}

const deliver = async (afterMinutes = 0) => {
  now = new Date(now.getTime() + afterMinutes * MINUTE);
  await deliverOutgoing(deps);
};

it.each(["slack", "teams"] as const)(
  "200 alerts make one message in %s, and their end another",
  async (format) => {
    await postTo(format);
    await alertsBegin(200);
    await deliver();
    expect(channel.messages).toHaveLength(1);
    const [incident] = await queryRows<{ id: string }>(database.db, sql`select id from incidents`);
    const text = JSON.stringify(channel.messages[0]);
    for (const part of [
      "Critical: Low disk space",
      "Harborlight",
      "200 devices",
      `https://plumbline.example.com/alerts/incidents/${incident!.id}`,
    ])
      expect(text).toContain(part);

    await database.db.execute(
      sql`update rmm_alerts set status = 'resolved', resolved_at = ${now.toISOString()}`,
    );
    now = new Date(now.getTime() + 10 * MINUTE);
    await formIncidents(deps);
    await deliver();
    expect(channel.messages).toHaveLength(2);
    expect(JSON.stringify(channel.messages[1])).toContain("Resolved: Low disk space");
  },
);

it("a flood of conditions makes a message for each that stands alone and one for the rest", async () => {
  await postTo("slack", ["INCIDENT_OPENED"]);
  await alertsBegin(1, 60);
  await deliver();
  expect(channel.messages).toHaveLength(21);
  expect(JSON.stringify(channel.messages)).toContain("Alert storm at Harborlight");
});

/** The one alert of the one device ends, or begins again. */
async function alertIs(status: "active" | "resolved") {
  await database.db.update(rmmAlerts).set({
    status,
    startedAt: status === "active" ? now : undefined,
    resolvedAt: status === "active" ? null : now,
  });
  await formIncidents(deps);
}

it("an alert that flaps every minute for 3 hours makes one message", async () => {
  await postTo("slack");
  await alertsBegin(1);
  for (let minute = 0; minute < 180; minute++) {
    await deliver(1);
    await alertIs(minute % 2 === 0 ? "resolved" : "active");
  }
  expect(channel.messages).toHaveLength(1);
});

it("an incident that closes and reopens all the time makes a message an hour, and the last one is true", async () => {
  await postTo("teams");
  await alertsBegin(1);
  await deliver();
  const texts = () => channel.messages.map((message) => JSON.stringify(message));
  for (let round = 0; round < 12; round++) {
    await alertIs("resolved");
    await deliver(6);
    await formIncidents(deps);
    await deliver();
    await deliver(1);
    await alertIs("active");
    await deliver(8);
  }
  // Three hours: the first message, the first change at once, and one change in each full hour after it.
  expect(channel.messages.length).toBeLessThanOrEqual(4);
  expect(texts()[1]).toContain("Resolved: Low disk space");
  await alertIs("resolved");
  now = new Date(now.getTime() + 6 * MINUTE);
  await formIncidents(deps);
  await deliver(60);
  expect(texts().at(-1)).toContain("Resolved: Low disk space");
});

it("an incident that got worse is posted again", async () => {
  await postTo("slack", ["INCIDENT_OPENED"]);
  await alertsBegin(1);
  await database.db.update(rmmAlerts).set({ severity: "moderate" });
  await database.db.execute(sql`update incidents set severity = 'moderate', severity_rank = 2`);
  await deliver();
  await database.db.update(rmmAlerts).set({ severity: "critical" });
  await formIncidents(deps);
  await deliver(1);
  expect(channel.messages.map((message) => message["text"])).toEqual([
    "Moderate: Low disk space",
    "Critical: Low disk space",
  ]);
});

it("a channel that comes back gets one message about the incident as it is then", async () => {
  await postTo("slack");
  await alertsBegin(1);
  channel.answers.push(500);
  await deliver();
  await alertIs("resolved");
  now = new Date(now.getTime() + 6 * MINUTE);
  await formIncidents(deps);
  await deliver(30);
  await deliver(30);
  expect(channel.messages.map((message) => message["text"])).toEqual(["Resolved: Low disk space"]);
});

it("a message whose answer was lost may be posted twice, and never more often than it was tried", async () => {
  await postTo("slack", ["INCIDENT_OPENED"]);
  channel.answers.push("lost");
  await alertsBegin(1);
  await deliver();
  await deliver(30);
  await deliver(30);
  expect(channel.messages).toHaveLength(2);
});

it.each([429, 500, 503])("a channel that answers %i gets the message later, once", async (status) => {
  await postTo("slack", ["INCIDENT_OPENED"]);
  channel.answers.push(status);
  await alertsBegin(1);
  await deliver();
  expect(channel.messages).toHaveLength(0);
  await deliver(30);
  await deliver(30);
  expect(channel.messages).toHaveLength(1);
});

it("the address is sealed, and in no column, log or audit entry", async () => {
  const id = await postTo("slack");
  const rows = JSON.stringify([
    await database.db.select().from(outgoingSubscriptions),
    await database.db.select().from(auditLog),
    await database.db.select().from(tenantSecrets),
  ]);
  expect(rows).toContain(id);
  expect(rows).not.toContain("a-secret-address");
  expect(await testSubscription(deps, { tenantId, id }, TEST_ACTOR)).toMatchObject({ isTaken: true });
  expect(JSON.stringify(channel.messages)).toContain("Plumbline can post to this channel");
});

it("a private address is refused, as for every webhook", async () => {
  const request = { tenantId, format: "slack", eventNames: ["INCIDENT_OPENED"], actor: TEST_ACTOR } as const;
  for (const url of [
    "http://127.0.0.1/x",
    "https://169.254.169.254/latest",
    "https://localhost/x",
    "ftp://x",
  ]) {
    const outcome = await addChannel(deps, {
      ...request,
      eventNames: [...request.eventNames],
      url,
      allowPrivate: false,
    });
    expect(outcome.state, url).toBe("refused");
  }
});

it.each(["slack", "teams"] as const)(
  "the end of maintenance posts one summary of what is still open to %s, and no message for each",
  async (format) => {
    await postTo(format);
    await database.db.insert(maintenanceWindows).values({
      tenantId,
      name: "Patch <night>",
      conditions: anyAlert,
      startsAt: "2026-11-23T09:00",
      endsAt: "2026-11-23T11:00",
      suppressesNotices: true,
      suppressesTickets: true,
    });
    await alertsBegin(2, 12);
    await deliver();
    expect(channel.messages).toEqual([]);
    await database.db.execute(sql`
      update rmm_alerts set status = 'resolved', resolved_at = ${now.toISOString()} where name = 'Condition 0'`);
    now = new Date(now.getTime() + 60 * MINUTE);
    for (let n = 0; n < 3; n++) {
      await formIncidents(deps);
      await deliver();
    }
    expect(channel.messages).toHaveLength(1);
    const text = JSON.stringify(channel.messages[0]);
    for (const part of [
      "11 incidents are still open",
      "Condition",
      "2 devices, Harborlight",
      "And 1 more",
      "/alerts",
    ])
      expect(text).toContain(part);
    expect(text).toContain(format === "slack" ? "Patch &lt;night&gt;" : "Patch <night>");
    expect(text).not.toContain("Condition 0,");
  },
);

it("the end of maintenance with nothing open posts nothing", async () => {
  await postTo("slack");
  await database.db.insert(maintenanceWindows).values({
    tenantId,
    name: "Patch night",
    conditions: anyAlert,
    startsAt: "2026-11-23T09:00",
    endsAt: "2026-11-23T11:00",
    suppressesNotices: true,
    suppressesTickets: true,
  });
  await alertsBegin(1);
  await database.db.execute(
    sql`update rmm_alerts set status = 'resolved', resolved_at = ${now.toISOString()}`,
  );
  now = new Date(now.getTime() + 60 * MINUTE);
  await formIncidents(deps);
  await deliver();
  expect(channel.messages).toEqual([]);
});
