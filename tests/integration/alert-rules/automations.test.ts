import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { claimAutomationStarts } from "@db/queries/alert-rules/automation-starts";
import { listRules } from "@db/queries/alert-rules/rules";
import { rmmIntegrations } from "@db/schema";
import { anyAlert, type AlertConditions } from "@domain/alert-conditions";
import { noActions } from "@domain/alert-rules";
import { changeRule, createRule, moveRule, switchRule } from "~/features/alert-rules/change-rule.server";
import { previewRule } from "~/features/alert-rules/rules.page.server";
import { startDueAutomations } from "~/features/alert-rules/start-automations.server";
import { sentenceOf } from "~/features/audit/audit-sentences";
import { readCallBudget } from "~/features/connections/call-budget.server";
import { disconnect } from "~/features/connections/disconnect.server";
import { changeSettings } from "~/features/connections/connection-settings.server";
import { formIncidents } from "~/features/incidents/form-incidents";
import { createUser } from "@tests/support/factories";
import { createSyncWorld, TEST_ACTOR, type SyncWorld } from "@tests/support/sync";

const TOKEN = "Wh-secret_7kQ2";
const HOUR = 3_600_000;

let world: SyncWorld;
let now: Date;
beforeEach(async () => {
  world = await createSyncWorld({ devices: 6, alerts: 0 });
  await world.sync("organizations");
  await world.mapAll();
  await world.sync("full");
  world.simulator.account.automations.add(TOKEN);
  await createUser(world.database.db, {
    tenantId: world.tenantId,
    role: "admin",
    email: "ann@example.com",
    passwordHash: "x",
  });
  now = world.simulator.account.now();
  world.setNow(now);
});
afterEach(() => world.close());

const starts = () => world.simulator.account.automations.starts;
const ref = () => ({ tenantId: world.tenantId, connectionId: world.connectionId });
const allow = (rulesStartAutomations: boolean) =>
  changeSettings(world.deps, ref(), { rulesStartAutomations }, TEST_ACTOR);
const saveOf = (name: string, conditions: Partial<AlertConditions> = {}, sendsKey = false) => ({
  write: {
    name,
    conditions: { ...anyAlert, ...conditions },
    hours: null,
    actions: { ...noActions, automation: { connectionId: world.connectionId, sendsKey } },
    stops: false,
  },
  token: TOKEN,
});

/** A switched-on rule with an automation. */
async function rule(
  name: string,
  conditions?: Partial<AlertConditions>,
  sendsKey?: boolean,
): Promise<string> {
  const id = await createRule(world.deps, world.tenantId, saveOf(name, conditions, sendsKey), TEST_ACTOR);
  const its = { tenantId: world.tenantId, ruleId: id!, mayManageAutomations: true };
  expect(await switchRule(world.deps, its, true, TEST_ACTOR)).toBe("changed");
  return id!;
}

/** Opens alerts of one name on devices, and does what is due. */
async function alerts(name: string, devices: number): Promise<void> {
  const { account } = world.simulator;
  for (const device of [...account.devices].slice(0, devices)) account.openAlert(device.id, { name });
  await pass(1);
}

async function pass(minutes: number): Promise<void> {
  now = new Date(now.getTime() + minutes * 60_000);
  world.setNow(now);
  await world.sync("alerts");
  await formIncidents(world.deps);
  await startDueAutomations(world.deps);
}

const timeline = async () =>
  (
    await queryRows<{ kind: string }>(
      world.database.db,
      sql`select kind from incident_entries where tenant_id = ${world.tenantId} and kind like 'automation%' order by at, id`,
    )
  ).map(({ kind }) => kind);
const audited = () =>
  queryRows<{ actor: string; details: unknown }>(
    world.database.db,
    sql`select actor, details from audit_log where tenant_id = ${world.tenantId}
        and action = 'incident.automation_attempted' order by id`,
  );
const mails = async () =>
  (
    await queryRows<{ subject: string }>(
      world.database.db,
      sql`select subject from notifications where tenant_id = ${world.tenantId} and kind = 'automation_not_started'`,
    )
  ).map(({ subject }) => subject);

it("a rule starts its automation once on the devices of an incident, and the timeline and the audit log say so", async () => {
  await allow(true);
  await rule("Clean up", { name: "disk" });
  await alerts("Disk full", 1);
  await alerts("Disk full", 1);
  await pass(5);
  const [device] = world.simulator.account.devices;
  expect(starts()).toEqual([{ token: TOKEN, deviceIds: [device!.id] }]);
  expect(await timeline()).toEqual(["automation_started"]);
  expect(await audited()).toEqual([{ actor: "rule Clean up", details: { outcome: "started", devices: 1 } }]);
  expect(await mails()).toEqual([]);
});

it("only the devices that match the rule are sent", async () => {
  await allow(true);
  const { account } = world.simulator;
  const asset = await queryRows<{ id: string; external: string }>(
    world.database.db,
    sql`select asset_id as id, external_id as external from tenant_external_entity_mappings
        where tenant_id = ${world.tenantId} and asset_id is not null order by external_id limit 1`,
  );
  await rule("One", { assetIds: [asset[0]!.id] });
  for (const device of account.devices) account.openAlert(device.id, { name: "Disk full" });
  await pass(1);
  expect(starts().map(({ deviceIds }) => deviceIds)).toEqual([[asset[0]!.external]]);
});

it("unless the connection allows it nothing is called, even if it was allowed when the rule acted", async () => {
  await rule("Clean up");
  await alerts("Disk full", 1);
  expect(await timeline()).toEqual(["automation_refused"]);
  await allow(true);
  await pass(1);
  expect(starts()).toEqual([]);
  world.simulator.account.openAlert([...world.simulator.account.devices][0]!.id, { name: "Memory" });
  await world.sync("alerts");
  await formIncidents(world.deps);
  await allow(false);
  await pass(1);
  expect(starts()).toEqual([]);
  expect(await timeline()).toEqual(["automation_refused", "automation_refused"]);
  expect(world.simulator.stats.byResource.automations).toBeUndefined();
});

it("if a trigger requires a key or is gone, people get an e-mail and the call is not repeated", async () => {
  await allow(true);
  world.simulator.account.automations.add(TOKEN, { requiresAuthorization: true });
  const id = await rule("Clean up");
  await alerts("Disk full", 1);
  expect(await timeline()).toEqual(["automation_refused"]);
  const its = { tenantId: world.tenantId, ruleId: id, mayManageAutomations: true };
  await changeRule(world.deps, its, { ...saveOf("Clean up", {}, true), token: null }, TEST_ACTOR);
  await alerts("Memory", 1);
  expect(starts()).toHaveLength(1);
  world.simulator.account.automations.clear();
  await alerts("Reboot", 1);
  await pass(5);
  expect(await timeline()).toEqual(["automation_refused", "automation_started", "automation_refused"]);
  expect(await mails()).toEqual([
    "An automation was not started: Disk full",
    "An automation was not started: Reboot",
  ]);
  expect(world.simulator.stats.byResource.automations).toBe(3);
});

it("if an answer is lost, people get an e-mail and the automation is not started twice", async () => {
  await allow(true);
  await rule("Clean up");
  world.simulator.faults.add({ kind: "reset", resource: "automations", times: 1 });
  await alerts("Disk full", 1);
  await pass(5);
  await pass(60);
  expect(starts()).toHaveLength(1);
  expect(await timeline()).toEqual(["automation_unknown"]);
  expect(await mails()).toEqual(["Look whether an automation ran: Disk full"]);
});

it("a server that ended during the call does not repeat it, and people get an e-mail", async () => {
  await allow(true);
  await rule("Clean up");
  const { account } = world.simulator;
  account.openAlert([...account.devices][0]!.id, { name: "Disk full" });
  await world.sync("alerts");
  await formIncidents(world.deps);
  const claimed = await claimAutomationStarts(world.database.db, now, new Date(now.getTime() + 1_000), 10);
  expect(claimed).toHaveLength(1);
  await pass(5);
  expect(starts()).toEqual([]);
  expect(await timeline()).toEqual(["automation_unknown"]);
});

it("a rate limit postpones the start, and what is over by then is not started", async () => {
  await allow(true);
  await rule("Clean up");
  const limit = world.simulator.faults.add({ kind: "rate_limit", retryAfter: 120, resource: "automations" });
  await alerts("Disk full", 1);
  expect(await timeline()).toEqual([]);
  limit.remove();
  await pass(3);
  expect(await timeline()).toEqual(["automation_started"]);
  world.simulator.faults.add({ kind: "rate_limit", retryAfter: 120, resource: "automations", times: 1 });
  await alerts("Memory", 1);
  await queryRows(
    world.database.db,
    sql`update incidents set state = 'resolved' where tenant_id = ${world.tenantId} and name = 'Memory'`,
  );
  now = new Date(now.getTime() + HOUR / 2);
  world.setNow(now);
  await startDueAutomations(world.deps);
  expect(await timeline()).toEqual(["automation_started", "automation_refused"]);
  expect(starts()).toHaveLength(1);
});

it("calls that start automations count among the connection's calls, including those that met a limit", async () => {
  await allow(true);
  await rule("Clean up");
  const budget = async () => (await readCallBudget(world.deps, ref()))!;
  const before = await budget();
  world.simulator.stats.reset();
  world.simulator.faults.add({ kind: "rate_limit", retryAfter: 60, resource: "automations", times: 2 });
  await alerts("Disk full", 1);
  await pass(2);
  await pass(2);
  expect(starts()).toHaveLength(1);
  const { requests, rateLimited } = world.simulator.stats;
  expect(rateLimited).toBe(2);
  const after = await budget();
  expect(after.rateLimits - before.rateLimits).toBe(2);
  expect(after.otherCalls - before.otherCalls).toBe(requests);
});

it("the preview of a rule counts what it would have matched and starts nothing", async () => {
  await allow(true);
  await alerts("Disk full", 1);
  const { write } = saveOf("Clean up");
  const found = await withTenant(world.database.db, world.tenantId, (tx) =>
    previewRule(tx, world.tenantId, undefined, write, now),
  );
  expect(found.found).toBe(1);
  await pass(5);
  expect(starts()).toEqual([]);
  expect(await queryRows(world.database.db, sql`select from automation_starts`)).toEqual([]);
});

it("the trigger's token is stored sealed, and deleted when the rule stops using it or the connection ends", async () => {
  const id = await rule("Clean up");
  const stored = () =>
    queryRows<{ row: string }>(
      world.database.db,
      sql`select s::text as row from tenant_secrets s where name = ${`rule_automation:${id}`}`,
    );
  expect(await stored()).toHaveLength(1);
  const everywhere = await queryRows<{ row: string }>(
    world.database.db,
    sql`select r::text as row from alert_rules r union all select a::text from audit_log a
        union all select s::text from tenant_secrets s`,
  );
  expect(everywhere.filter(({ row }) => row.includes(TOKEN))).toEqual([]);
  const its = { tenantId: world.tenantId, ruleId: id, mayManageAutomations: true };
  const without = saveOf("Clean up").write;
  const write = { ...without, actions: { ...noActions, mails: true } };
  expect(await changeRule(world.deps, its, { write, token: null }, TEST_ACTOR)).toBe("changed");
  expect(await stored()).toEqual([]);
  await changeRule(world.deps, its, saveOf("Clean up"), TEST_ACTOR);
  expect(await stored()).toHaveLength(1);
  await disconnect(world.deps, { ...ref(), assets: "keep", actor: TEST_ACTOR });
  expect(await stored()).toEqual([]);
});

it("a person who may not manage automations can neither move such a rule nor move another past it", async () => {
  const { write } = saveOf("Mail");
  const plain = { write: { ...write, actions: { ...noActions, mails: true } }, token: null };
  const first = await createRule(world.deps, world.tenantId, plain, TEST_ACTOR);
  const second = await createRule(
    world.deps,
    world.tenantId,
    { ...plain, write: { ...plain.write, name: "Owner" } },
    TEST_ACTOR,
  );
  const third = await rule("Clean up");
  const move = (ruleId: string | null, by: -1 | 1, mayManageAutomations: boolean) =>
    moveRule(world.deps, { tenantId: world.tenantId, ruleId: ruleId!, mayManageAutomations }, by, TEST_ACTOR);
  const order = async () =>
    (await withTenant(world.database.db, world.tenantId, (tx) => listRules(tx, world.tenantId))).map(
      ({ name }) => name,
    );
  expect(await move(third, -1, false)).toBe("forbidden");
  expect(await move(second, 1, false)).toBe("forbidden");
  expect(await order()).toEqual(["Mail", "Owner", "Clean up"]);
  expect(await move(first, 1, false)).toBe("changed");
  expect(await move(first, 1, true)).toBe("changed");
  expect(await order()).toEqual(["Owner", "Clean up", "Mail"]);
  const log = await queryRows<{ details: Record<string, unknown> }>(
    world.database.db,
    sql`select details from audit_log where tenant_id = ${world.tenantId} and action = 'rule.moved' order by id`,
  );
  expect(log.map(({ details }) => sentenceOf("rule.moved", details).join(""))).toEqual([
    "moved the rule “Mail” down, past “Owner”",
    "moved the rule “Mail” down, past “Clean up”",
  ]);
});

it("a person who may not manage automations can neither change such a rule nor switch it on", async () => {
  const id = await rule("Clean up");
  const its = { tenantId: world.tenantId, ruleId: id, mayManageAutomations: false };
  expect(await changeRule(world.deps, its, saveOf("Other"), TEST_ACTOR)).toBe("forbidden");
  expect(await switchRule(world.deps, its, false, TEST_ACTOR)).toBe("changed");
  expect(await switchRule(world.deps, its, true, TEST_ACTOR)).toBe("forbidden");
  const [row] = await world.database.db.select().from(rmmIntegrations);
  expect(row!.rulesStartAutomations).toBe(false);
});
