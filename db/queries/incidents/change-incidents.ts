import { sql, type SQL } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import { uuidArray } from "../shared/arrays";

/** A person's action on incidents. */
export type IncidentAct =
  | { kind: "acknowledged" }
  | { kind: "reopened" }
  | { kind: "snoozed"; until: Date }
  | { kind: "owned" }
  | { kind: "disowned" }
  | { kind: "resolved" };

export interface ChangedIncident {
  id: string;
  name: string;
  connectionId: string;
}

/**
 * Changes incidents, and for a storm also the incidents in it. Skips those that the action would not change; one
 * statement.
 * @returns the changed incidents
 */
export async function changeIncidents(
  tx: TenantDb,
  tenantId: string,
  ids: readonly string[],
  act: IncidentAct,
  by: { at: Date; userId: string | null },
): Promise<ChangedIncident[]> {
  const { set, where } = statementOf(act, by);
  const chosen = uuidArray(ids);
  return queryRows<ChangedIncident>(
    tx,
    sql`update incidents i set ${set}, updated_at = ${by.at.toISOString()}
        where i.tenant_id = ${tenantId} and i.merged_into_id is null
          and (i.id = any(${chosen}) or i.storm_id = any(${chosen})) and ${where}
        returning i.id, i.name, i.integration_id as "connectionId"`,
  );
}

function statementOf(act: IncidentAct, by: { at: Date; userId: string | null }): { set: SQL; where: SQL } {
  const at = sql`${by.at.toISOString()}::timestamptz`;
  switch (act.kind) {
    case "acknowledged":
      return {
        set: sql`state = 'acknowledged', acknowledged_at = ${at}, acknowledged_by = ${by.userId}::uuid, snoozed_until = null`,
        where: sql`i.state in ('open', 'snoozed')`,
      };
    case "reopened":
      return {
        set: sql`state = 'open', acknowledged_at = null, acknowledged_by = null, snoozed_until = null,
          resolved_at = null, closed_by_person_at = null`,
        // Without an active alert, the next pass would resolve the incident again.
        where: sql`(i.state in ('acknowledged', 'snoozed') or (i.state = 'resolved' and i.active_count > 0))`,
      };
    case "snoozed":
      return {
        set: sql`state = 'snoozed', snoozed_until = ${act.until.toISOString()}::timestamptz`,
        where: sql`i.state <> 'resolved'`,
      };
    case "owned":
      return {
        set: sql`owner_id = ${by.userId}::uuid`,
        where: sql`i.owner_id is distinct from ${by.userId}::uuid`,
      };
    case "disowned":
      return { set: sql`owner_id = null`, where: sql`i.owner_id is not null` };
    case "resolved":
      return {
        set: sql`state = 'resolved', resolved_at = ${at}, closed_by_person_at = ${at}, snoozed_until = null`,
        where: sql`i.state <> 'resolved'`,
      };
  }
}

/** Sets who acknowledged the active alerts of incidents, or, with null, removes the acknowledgements. */
export async function acknowledgeAlertsOf(
  tx: TenantDb,
  tenantId: string,
  incidentIds: readonly string[],
  by: { at: Date; userId: string | null } | null,
): Promise<void> {
  const chosen = sql`a.tenant_id = ${tenantId} and a.incident_id = any(${uuidArray(incidentIds)}) and a.status = 'active'`;
  await tx.execute(sql`
    with locked as (
      select a.id from rmm_alerts a where ${chosen} order by a.integration_id, a.external_alert_id for update
    )
    update rmm_alerts a set acknowledged_at = ${by?.at.toISOString() ?? null}::timestamptz,
      acknowledged_by = ${by?.userId ?? null}::uuid
    from locked where a.id = locked.id and (a.acknowledged_at is null) = ${by !== null}`);
}
