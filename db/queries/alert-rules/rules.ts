import { and, asc, eq, sql } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import { alertRules } from "../../schema";
import { uuidArray } from "../shared/arrays";

export type RuleRow = typeof alertRules.$inferSelect;
export type RuleWrite = Pick<RuleRow, "name" | "conditions" | "hours" | "actions" | "stops">;

/** The most rules that a tenant may have. */
export const MAX_RULES = 100;

/** All rules of a tenant, in their order. */
export const listRules = (tx: TenantDb, tenantId: string): Promise<RuleRow[]> =>
  tx
    .select()
    .from(alertRules)
    .where(eq(alertRules.tenantId, tenantId))
    .orderBy(asc(alertRules.position), asc(alertRules.id));

const isRule = (tenantId: string, id: string) =>
  and(eq(alertRules.tenantId, tenantId), eq(alertRules.id, id));

/** Returns a rule and locks it until the transaction ends; undefined if the tenant has no such rule. */
export async function lockRule(tx: TenantDb, tenantId: string, id: string): Promise<RuleRow | undefined> {
  const [row] = await tx.select().from(alertRules).where(isRule(tenantId, id)).for("update");
  return row;
}

/** Adds a rule after the others, disabled. Returns its id. */
export async function insertRule(
  tx: TenantDb,
  tenantId: string,
  write: RuleWrite,
  now: Date,
): Promise<string> {
  const [row] = await tx
    .insert(alertRules)
    .values({
      ...write,
      tenantId,
      isEnabled: false,
      enabledAt: now,
      position: sql`(select coalesce(max(position), 0) + 1 from alert_rules where tenant_id = ${tenantId})`,
    })
    .returning({ id: alertRules.id });
  return row!.id;
}

/** Sets columns of a rule; does nothing if the tenant has no such rule. */
export async function updateRule(
  tx: TenantDb,
  tenantId: string,
  id: string,
  set: Partial<Omit<RuleRow, "id" | "tenantId">>,
): Promise<void> {
  await tx.update(alertRules).set(set).where(isRule(tenantId, id));
}

/** Deletes a rule; does nothing if the tenant has no such rule. */
export async function deleteRule(tx: TenantDb, tenantId: string, id: string): Promise<void> {
  await tx.delete(alertRules).where(isRule(tenantId, id));
}

/** Puts rules in the order of the given ids; one statement. */
export async function orderRules(tx: TenantDb, tenantId: string, ids: readonly string[]): Promise<void> {
  await tx.execute(sql`
    update alert_rules r set position = o.position
    from unnest(${uuidArray(ids)}) with ordinality as o(id, position)
    where r.tenant_id = ${tenantId} and r.id = o.id`);
}

export interface RuleHit {
  ruleId: string;
  incidentId: string;
  ticketWaits: boolean;
}

/** What rules have done about the given incidents. */
export const listHits = (
  tx: TenantDb,
  tenantId: string,
  incidentIds: readonly string[],
): Promise<RuleHit[]> =>
  queryRows<RuleHit>(
    tx,
    sql`select rule_id as "ruleId", incident_id as "incidentId", ticket_waits as "ticketWaits" from alert_rule_hits
        where tenant_id = ${tenantId} and incident_id = any(${uuidArray(incidentIds)})`,
  );

/** By rule: the number of incidents it has acted on since an instant. */
export async function countHitsSince(
  tx: TenantDb,
  tenantId: string,
  since: Date,
): Promise<Map<string, number>> {
  const rows = await queryRows<{ ruleId: string; n: number }>(
    tx,
    sql`select rule_id as "ruleId", count(*)::int as n from alert_rule_hits
        where tenant_id = ${tenantId} and at > ${since.toISOString()}::timestamptz group by rule_id`,
  );
  return new Map(rows.map(({ ruleId, n }) => [ruleId, n]));
}

/** Records that rules have acted, and raises their counts; two statements. */
export async function insertHits(
  tx: TenantDb,
  tenantId: string,
  hits: readonly RuleHit[],
  now: Date,
): Promise<void> {
  if (hits.length === 0) return;
  await tx.execute(sql`
    insert into alert_rule_hits (tenant_id, rule_id, incident_id, at, ticket_waits)
    select ${tenantId}, r."ruleId", r."incidentId", ${now.toISOString()}, r."ticketWaits"
    from jsonb_to_recordset(${JSON.stringify(hits)}::text::jsonb)
      as r("ruleId" uuid, "incidentId" uuid, "ticketWaits" boolean)`);
  await tx.execute(sql`
    update alert_rules r set hits = r.hits + h.n, last_hit_at = ${now.toISOString()}
    from (select id, count(*)::int as n from unnest(${uuidArray(hits.map(({ ruleId }) => ruleId))}) as u(id) group by id) h
    where r.tenant_id = ${tenantId} and r.id = h.id`);
}

/** Records that the ticket of a rule need not wait any longer. */
export async function endTicketWait(
  tx: TenantDb,
  tenantId: string,
  { ruleId, incidentId }: Pick<RuleHit, "ruleId" | "incidentId">,
): Promise<void> {
  await tx.execute(sql`
    update alert_rule_hits set ticket_waits = false
    where tenant_id = ${tenantId} and rule_id = ${ruleId} and incident_id = ${incidentId}`);
}
