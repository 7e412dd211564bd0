import { sql } from "drizzle-orm";

import type { RuleAutomation } from "@domain/rule-automations";

import { queryRows, type Db, type TenantDb } from "../../client";
import { textArray, uuidArray } from "../shared/arrays";

/** The RMM's ids of the devices with active alerts in an incident, ordered by id, at most `limit`. */
export async function listDeviceIdsOfIncident(
  tx: TenantDb,
  tenantId: string,
  incidentId: string,
  /** Which assets to include; `null` among them includes devices without an asset. */
  assetIds: readonly (string | null)[],
  limit: number,
): Promise<string[]> {
  const known = assetIds.filter((id) => id !== null);
  const rows = await queryRows<{ id: string }>(
    tx,
    sql`select distinct external_device_id as id from rmm_alerts
        where tenant_id = ${tenantId} and incident_id = ${incidentId} and status = 'active' and external_device_id <> ''
          and (asset_id = any(${uuidArray(known)}) or (asset_id is null and ${assetIds.length > known.length}))
        order by 1 limit ${limit}`,
  );
  return rows.map(({ id }) => id);
}

/** Requests an automation for an incident. Does nothing if the rule has already requested one for it. */
export async function insertAutomationStart(
  tx: TenantDb,
  tenantId: string,
  start: {
    id: string;
    connectionId: string;
    ruleId: string;
    incidentId: string;
    deviceIds: readonly string[];
  },
  now: Date,
): Promise<void> {
  const at = now.toISOString();
  await tx.execute(sql`
    insert into automation_starts
      (id, tenant_id, integration_id, rule_id, incident_id, device_ids, requested_at, next_attempt_at)
    values (${start.id}, ${tenantId}, ${start.connectionId}, ${start.ruleId}, ${start.incidentId},
      ${textArray(start.deviceIds)}, ${at}, ${at})
    on conflict (rule_id, incident_id) do nothing`);
}

export interface ClaimedStart {
  id: string;
  tenantId: string;
  connectionId: string;
  ruleId: string;
  incidentId: string;
  deviceIds: string[];
  requestedMs: number;
  attempts: number;
  /** Whether an earlier attempt left no outcome: it may have reached the RMM. */
  wasAttempted: boolean;
}

/**
 * Claims due starts of all tenants until `until`, at most `limit`, and marks each as attempted before anything is
 * called.
 */
export const claimAutomationStarts = (
  db: Db,
  now: Date,
  until: Date,
  limit: number,
): Promise<ClaimedStart[]> =>
  queryRows<ClaimedStart>(
    db,
    sql`with due as (
          select id, state from automation_starts where next_attempt_at <= ${now.toISOString()}
          order by next_attempt_at limit ${limit} for update skip locked
        )
        update automation_starts s
        set state = 'attempted', attempts = s.attempts + 1, next_attempt_at = ${until.toISOString()}
        from due where s.id = due.id
        returning s.id, s.tenant_id as "tenantId", s.integration_id as "connectionId", s.rule_id as "ruleId",
          s.incident_id as "incidentId", s.device_ids as "deviceIds", s.attempts,
          (extract(epoch from s.requested_at) * 1000)::float8 as "requestedMs", due.state = 'attempted' as "wasAttempted"`,
  );

/**
 * What decides whether the start may happen, read at the moment of the call, which may be later than the rule's
 * decision.
 */
export interface StartPermission {
  rule: string;
  incident: string;
  clientId: string | null;
  severity: "critical" | "major" | "moderate" | "minor" | "none";
  isOpen: boolean;
  isAllowed: boolean;
  isConnected: boolean;
  /** The automation that the rule now names; null if it names none. */
  automation: RuleAutomation | null;
}

/** Reads what decides on a start. Undefined if the rule or the incident was deleted. */
export async function getStartPermission(
  tx: TenantDb,
  { tenantId, id }: Pick<ClaimedStart, "tenantId" | "id">,
): Promise<StartPermission | undefined> {
  const [row] = await queryRows<StartPermission>(
    tx,
    sql`select r.name as rule, i.name as incident, i.client_id as "clientId", i.severity,
          i.state <> 'resolved' and i.merged_into_id is null as "isOpen",
          c.rules_start_automations as "isAllowed", c.status <> 'disconnected' as "isConnected",
          nullif(r.actions -> 'automation', 'null'::jsonb) as automation
        from automation_starts s join alert_rules r on r.id = s.rule_id join incidents i on i.id = s.incident_id
          join rmm_integrations c on c.id = s.integration_id
        where s.tenant_id = ${tenantId} and s.id = ${id}`,
  );
  return row;
}

/**
 * Records the outcome of a claimed start, or when to try it again.
 * @returns false if another claim has taken the start over; then it changes nothing
 */
export async function recordAutomationStart(
  tx: TenantDb,
  { id, tenantId, attempts }: Pick<ClaimedStart, "id" | "tenantId" | "attempts">,
  outcome: { state: "started" | "refused" | "unknown" } | { state: "pending"; at: Date },
): Promise<boolean> {
  const at = outcome.state === "pending" ? outcome.at.toISOString() : null;
  const rows = await queryRows(
    tx,
    sql`update automation_starts set state = ${outcome.state}, next_attempt_at = ${at}::timestamptz
        where tenant_id = ${tenantId} and id = ${id} and attempts = ${attempts} and state = 'attempted' returning id`,
  );
  return rows.length > 0;
}
