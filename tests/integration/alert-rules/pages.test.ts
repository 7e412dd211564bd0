import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { alertRules, auditLog, incidents } from "@db/schema";
import { createIntegration } from "@tests/support/factories";
import { createWebWorld, type FormFields, type WebWorld } from "@tests/support/web";

type Tenant = Awaited<ReturnType<WebWorld["tenant"]>>;

const HERE = "/settings/rules";
const HOUR = 3_600_000;

let web: WebWorld;
let ours: Tenant;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());
beforeEach(async () => {
  ours = await web.tenant();
});

const rules = () =>
  web.database.db
    .select()
    .from(alertRules)
    .where(sql`tenant_id = ${ours.id}`)
    .orderBy(alertRules.position);

const names = async () => (await rules()).map(({ name }) => name);

async function make(fields: FormFields): Promise<string> {
  const response = await ours.as.admin.post(`${HERE}/new`, { intent: "save", ...fields });
  expect(response.status).toBe(303);
  return (await rules()).at(-1)!.id;
}

async function preview(path: string, route: string, fields: FormFields) {
  const response = await ours.as.admin.post(`${path}?_data=${encodeURIComponent(route)}`, {
    intent: "preview",
    ...fields,
  });
  expect(response.status).toBe(200);
  const { preview: found } = (await response.json()) as {
    preview: { found: number; keptByEarlier: number; of: number; mostAnHour: number };
  };
  return found;
}

it("an administrator makes a rule, which is off at first, changes it and switches it on, and its page says who did", async () => {
  const { admin, technician } = ours.as;
  expect((await technician.get(`${HERE}/new`)).status).toBe(403);
  const id = await make({
    name: "Backups",
    pattern: "backup*",
    severity: ["critical", "major"],
    setSeverity: "critical",
    owner: ours.users.admin.id,
    hours: "on",
    day: ["SA"],
    from: "22:00",
    to: "06:00",
    stops: "on",
  });
  expect((await rules())[0]).toMatchObject({
    name: "Backups",
    isEnabled: false,
    stops: true,
    hours: { days: ["SA"], from: "22:00", to: "06:00" },
    conditions: { name: "backup*", severities: ["critical", "major"] },
    actions: { severity: "critical", ownerId: ours.users.admin.id, mails: false },
  });
  await admin.post(`${HERE}/${id}`, { intent: "save", name: "Backups", pattern: "backup*", mails: "on" });
  await admin.post(`${HERE}?index`, { intent: "enable", rule: id });
  expect((await rules())[0]).toMatchObject({
    isEnabled: true,
    stops: false,
    actions: { severity: null, mails: true },
  });
  const page = await (await admin.get(`${HERE}/${id}`)).text();
  for (const did of ["made the rule", "changed the rule", "switched the rule"])
    expect(page.includes(did)).toBe(true);
  await admin.post(`${HERE}?index`, { intent: "disable", rule: id });
  await admin.post(`${HERE}?index`, { intent: "delete", rule: id });
  expect(await rules()).toEqual([]);
  const log = await web.database.db
    .select()
    .from(auditLog)
    .where(sql`tenant_id = ${ours.id} and action like 'rule.%'`)
    .orderBy(auditLog.id);
  expect(log.map(({ action }) => action)).toEqual([
    "rule.created",
    "rule.changed",
    "rule.enabled",
    "rule.disabled",
    "rule.deleted",
  ]);
});

it("a rule that does nothing, or names a missing record, is refused with what was typed", async () => {
  for (const fields of [
    { name: "Idle" },
    { mails: "on" },
    { name: "Foreign", owner: "01890000-0000-7000-8000-000000000000" },
    { name: "Hours", mails: "on", hours: "on", from: "25:00", to: "06:00" },
  ] as FormFields[]) {
    expect((await ours.as.admin.post(`${HERE}/new`, { intent: "save", ...fields })).status).toBe(422);
  }
  expect(await rules()).toEqual([]);
});

it("rules move up and down, and stay at either end", async () => {
  await make({ name: "A", mails: "on" });
  await make({ name: "B", mails: "on" });
  const third = await make({ name: "C", mails: "on" });
  const move = (intent: string, rule: string) => ours.as.admin.post(`${HERE}?index`, { intent, rule });
  await move("up", third);
  expect(await names()).toEqual(["A", "C", "B"]);
  await move("up", third);
  await move("up", third);
  expect(await names()).toEqual(["C", "A", "B"]);
  await move("down", third);
  expect(await names()).toEqual(["A", "C", "B"]);
});

it("says before saving on which incidents of the last 30 days it would have acted, with the rules above it", async () => {
  const { db } = web.database;
  const connectionId = (await createIntegration(db, { tenantId: ours.id })).id;
  const latest = Date.now();
  const opened = ["Disk full", "Disk full", "Backup failed", "Reboot"];
  for (const [n, name] of opened.entries()) {
    const openedAt = new Date(latest - (n + 1) * HOUR);
    await db.insert(incidents).values({
      tenantId: ours.id,
      connectionId,
      name,
      severity: n === 0 ? "critical" : "major",
      severityRank: n === 0 ? 0 : 1,
      openedAt,
      lastAlertAt: openedAt,
    });
  }
  const asNew = (fields: FormFields) =>
    preview(`${HERE}/new`, "routes/_app.settings.rules.new", { name: "x", mails: "on", ...fields });
  expect(await asNew({})).toMatchObject({ found: 4, keptByEarlier: 0, of: 4, mostAnHour: 1 });
  expect(await asNew({ pattern: "disk*" })).toMatchObject({ found: 2 });
  expect(await asNew({ severity: "critical" })).toMatchObject({ found: 1 });
  const first = await make({ name: "First", pattern: "disk", stops: "on", mails: "on" });
  expect(await asNew({})).toMatchObject({ found: 4 });
  await ours.as.admin.post(`${HERE}?index`, { intent: "enable", rule: first });
  expect(await asNew({})).toMatchObject({ found: 2, keptByEarlier: 2 });
  const route = "routes/_app.settings.rules.$ruleId";
  expect(await preview(`${HERE}/${first}`, route, { name: "First", mails: "on" })).toMatchObject({
    found: 4,
  });
  const hits = await queryRows(db, sql`select from alert_rule_hits where tenant_id = ${ours.id}`);
  expect(hits).toEqual([]);
});

it("a rule that starts an automation keeps the trigger's address, and no page shows it again", async () => {
  const { db } = web.database;
  const { admin } = ours.as;
  const connectionId = (await createIntegration(db, { tenantId: ours.id })).id;
  const settings = `/settings/integrations/levelio/${connectionId}`;
  expect((await admin.post(`${settings}?index`, { intent: "automations", allowed: "true" })).status).toBe(
    303,
  );
  const fields = { name: "Clean up", automation: connectionId, sendsKey: "on" };
  const save = (path: string, more: FormFields) => admin.post(path, { intent: "save", ...fields, ...more });
  expect((await save(`${HERE}/new`, {})).status).toBe(422);
  expect((await save(`${HERE}/new`, { trigger: "https://example.com/elsewhere" })).status).toBe(422);
  const address = "https://api.level.io/v2/automations/webhooks/Wh-secret_7kQ2";
  expect((await save(`${HERE}/new`, { trigger: address })).status).toBe(303);
  const id = (await rules())[0]!.id;
  expect((await save(`${HERE}/${id}`, { name: "Clean up more" })).status).toBe(303);
  expect((await rules())[0]).toMatchObject({
    name: "Clean up more",
    actions: { automation: { connectionId, sendsKey: true } },
  });
  const pages = await Promise.all(
    [`${HERE}/${id}`, HERE, "/settings/audit"].map(async (path) => (await admin.get(path)).text()),
  );
  for (const page of pages) expect(page.includes("Wh-secret")).toBe(false);
  expect(pages[0]).toContain("Leave empty to keep it");
  const { technician } = ours.as;
  const off = await technician.post(`${settings}?index`, { intent: "automations", allowed: "false" });
  expect(off.status).toBe(403);
});
