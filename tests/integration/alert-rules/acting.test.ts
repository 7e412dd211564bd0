import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { alertRules, maintenanceWindows } from "@db/schema";
import { anyAlert, type AlertConditions } from "@domain/alert-conditions";
import { MAX_HITS_AN_HOUR, noActions, type RuleActions } from "@domain/alert-rules";
import type { AlertSnapshot } from "@domain/snapshots";

import { createTestDatabase, type TestDatabase } from "../../support/database";
import { createIntegration, createTenant, createUser } from "../../support/factories";
import { reportAndForm } from "../../support/reported-alerts";

const NOON = Date.UTC(2026, 5, 10, 12);
const minute = (n: number) => new Date(NOON + n * 60_000);

let database: TestDatabase;
let place: { tenantId: string; connectionId: string };
let userId: string;
let now = minute(0);

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  const tenantId = (await createTenant(database.db)).id;
  place = { tenantId, connectionId: (await createIntegration(database.db, { tenantId })).id };
  const admin = { tenantId, role: "admin" as const, email: "ann@example.com", passwordHash: "x" };
  userId = (await createUser(database.db, admin)).id;
  now = minute(0);
});

let places = 0;
async function rule(
  name: string,
  actions: Partial<RuleActions>,
  conditions: Partial<AlertConditions> = {},
  other: Partial<typeof alertRules.$inferInsert> = {},
): Promise<string> {
  const [row] = await database.db
    .insert(alertRules)
    .values({
      tenantId: place.tenantId,
      name,
      position: places++,
      conditions: { ...anyAlert, ...conditions },
      actions: { ...noActions, ...actions },
      stops: false,
      isEnabled: true,
      enabledAt: minute(-60),
      ...other,
    })
    .returning();
  return row!.id;
}

async function pass(at: number, ...alerts: AlertSnapshot[]): Promise<void> {
  now = minute(at);
  await reportAndForm(database.db, place, now, alerts);
}

const alert = (
  name: string,
  from: number,
  {
    to = null,
    device = "pc",
    severity = "major",
  }: Partial<{ to: number | null; device: string; severity: AlertSnapshot["severity"] }> = {},
): AlertSnapshot => ({
  externalId: `${device} ${name} ${from}`,
  externalDeviceId: device,
  deviceHostname: device,
  name,
  description: null,
  payload: null,
  severity,
  providerSeverity: null,
  status: to === null ? "active" : "resolved",
  startedAt: minute(from),
  resolvedAt: to === null ? null : minute(to),
});

const incidents = () =>
  queryRows<{ name: string; state: string; severity: string; owner: string | null }>(
    database.db,
    sql`select name, state, severity, owner_id as owner from incidents
        where tenant_id = ${place.tenantId} and kind = 'condition' and merged_into_id is null order by opened_at, name`,
  );
const rules = () =>
  queryRows<{ name: string; hits: number; on: boolean; stopped: boolean }>(
    database.db,
    sql`select name, hits, is_enabled as on, stopped_at is not null as stopped from alert_rules
        where tenant_id = ${place.tenantId} order by position`,
  );
const mails = async () =>
  (
    await queryRows<{ subject: string }>(
      database.db,
      sql`select subject from notifications where tenant_id = ${place.tenantId} order by id`,
    )
  ).map(({ subject }) => subject);
const count = async (from: string) =>
  (
    await queryRows<{ n: number }>(
      database.db,
      sql`select count(*)::int as n from ${sql.identifier(from)} where tenant_id = ${place.tenantId}`,
    )
  )[0]!.n;

it("a rule gives an incident its severity and an owner, and each later pass keeps them", async () => {
  await rule("Backups", { severity: "critical", ownerId: userId }, { name: "backup*" });
  await pass(1, alert("Backup failed", 0, { severity: "minor" }), alert("Disk full", 0));
  await pass(2, alert("Backup failed", 1, { severity: "minor", device: "nas" }));
  expect(await incidents()).toMatchObject([
    { name: "Backup failed", severity: "critical", owner: userId },
    { name: "Disk full", severity: "major", owner: null },
  ]);
  expect(await rules()).toMatchObject([{ hits: 1 }]);
});

it("a rule acts once on an incident, however often it is looked at", async () => {
  await rule("Tell", { mails: true });
  for (let n = 0; n < 5; n++) await pass(n * 2 + 1, alert("Flapping", n * 2, { to: n * 2 + 1 }));
  await pass(12, alert("Flapping", 12));
  expect(await mails()).toEqual(["Flapping: pc"]);
  expect(await rules()).toMatchObject([{ hits: 1 }]);
});

it("a rule that matches only once the severity has risen acts then", async () => {
  await rule("Critical", { mails: true }, { severities: ["critical"] });
  await pass(1, alert("Disk", 0));
  expect(await mails()).toEqual([]);
  await pass(2, alert("Disk", 1, { severity: "critical", device: "nas" }));
  expect(await mails()).toHaveLength(1);
});

it("an ignored incident is snoozed for its hours, and sends no notices", async () => {
  await database.db.execute(sql`
    insert into outgoing_subscriptions (id, tenant_id, url, event_names)
    values (gen_random_uuid(), ${place.tenantId}, 'https://example.com/hook', array['INCIDENT_OPENED', 'INCIDENT_UPDATED'])`);
  await rule("Ignore", { ignoreHours: 2 }, { name: "noise" });
  await pass(1, alert("Noise", 0));
  expect(await incidents()).toMatchObject([{ state: "snoozed" }]);
  expect(await count("outgoing_deliveries")).toBe(0);
  await pass(122);
  expect(await incidents()).toMatchObject([{ state: "open" }]);
  expect(await count("outgoing_deliveries")).toBe(1);
});

it("a rule notifies the channel that it names, whatever events the channel subscribes to", async () => {
  const [channel] = await queryRows<{ id: string }>(
    database.db,
    sql`insert into outgoing_subscriptions (id, tenant_id, url, format, event_names)
        values (gen_random_uuid(), ${place.tenantId}, 'https://hooks.example.com/', 'slack', array['INCIDENT_RESOLVED'])
        returning id`,
  );
  await rule("Post", { channelIds: [channel!.id] });
  await pass(1, alert("Disk", 0));
  await pass(2, alert("Disk", 1, { device: "nas" }));
  expect(await count("outgoing_deliveries")).toBe(1);
});

it("a rule opens a ticket, or during maintenance opens it when that ends", async () => {
  const [system] = await queryRows<{ id: string }>(
    database.db,
    sql`insert into ticket_systems (id, tenant_id, label, kind, config, automatic_since)
        values (gen_random_uuid(), ${place.tenantId}, 'Desk', 'http', '{}', now()) returning id`,
  );
  await rule("Ticket", { ticketSystemId: system!.id });
  await pass(1, alert("Disk", 0));
  expect(await count("tickets")).toBe(1);
  await database.db.insert(maintenanceWindows).values({
    tenantId: place.tenantId,
    name: "Now",
    conditions: anyAlert,
    startsAt: "2026-06-10T12:30",
    endsAt: "2026-06-10T13:30",
    suppressesNotices: false,
    suppressesTickets: true,
  });
  await pass(41, alert("Reboot", 40), alert("Short", 40, { to: 41 }));
  expect(await count("tickets")).toBe(1);
  await pass(90);
  await pass(91);
  expect(await count("tickets")).toBe(2);
});

it("a rule that says stop keeps later rules from an incident", async () => {
  await rule("First", { severity: "minor" }, { name: "disk" }, { stops: true });
  await rule("Second", { severity: "critical" });
  await pass(1, alert("Disk", 0), alert("Memory", 0));
  expect((await incidents()).map(({ severity }) => severity)).toEqual(["minor", "critical"]);
});

it("a rule leaves alone an incident that opened before it was switched on, or is over by then", async () => {
  await pass(1, alert("Old", 0));
  await rule("New", { mails: true }, {}, { enabledAt: minute(5) });
  await pass(20, alert("Old", 10), alert("Over", 8, { to: 9 }));
  expect(await mails()).toEqual([]);
  await pass(40, alert("Fresh", 40));
  expect(await mails()).toEqual(["Fresh: pc"]);
});

it("a rule that matches more than 50 incidents within an hour stops itself, and says so", async () => {
  await rule("Too wide", { severity: "minor" });
  for (let n = 0; n < 6; n++)
    await pass(n * 11, ...Array.from({ length: 10 }, (_, i) => alert(`Condition ${n} ${i}`, n * 11)));
  const limit = { hits: MAX_HITS_AN_HOUR, on: false, stopped: true };
  expect(await rules()).toEqual([{ name: "Too wide", ...limit }]);
  expect(await mails()).toEqual(["The rule “Too wide” has stopped itself"]);
  const log = await queryRows<{ action: string; actor: string }>(
    database.db,
    sql`select action, actor from audit_log where tenant_id = ${place.tenantId}`,
  );
  expect(log).toEqual([{ action: "rule.stopped", actor: "rules" }]);
});

it("a rule asks the RMM to resolve the alerts it matches", async () => {
  await rule("Resolve", { resolvesInRmm: true }, { name: "noise" });
  await pass(1, alert("Noise", 0), alert("Disk", 0));
  await pass(2);
  expect(await count("incident_resolutions")).toBe(1);
});
