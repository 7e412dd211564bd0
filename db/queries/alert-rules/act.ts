import { sql } from "drizzle-orm";

import type { AlertSeverity } from "@domain/alert-words";

import { queryRows, type TenantDb } from "../../client";
import { uuidArray } from "../shared/arrays";

/** An incident to which rules may apply. */
export interface RuledIncident {
  incidentId: string;
  connectionId: string;
  device: string | null;
  client: string | null;
  clientId: string | null;
  deviceCount: number;
  noticesSuppressed: boolean;
  ticketsSuppressed: boolean;
  /** Whether the incident's connection lets rules start automations. */
  mayStartAutomations: boolean;
}

/** Of the given incidents, those that are neither resolved nor part of a storm. */
export const listRuledIncidents = (
  tx: TenantDb,
  tenantId: string,
  ids: readonly string[],
): Promise<RuledIncident[]> =>
  queryRows<RuledIncident>(
    tx,
    sql`select i.id as "incidentId", i.integration_id as "connectionId", i.device, c.name as client, i.client_id as "clientId",
          i.device_count as "deviceCount", i.notices_suppressed as "noticesSuppressed",
          i.tickets_suppressed as "ticketsSuppressed", n.rules_start_automations as "mayStartAutomations"
        from incidents i join rmm_integrations n on n.id = i.integration_id left join clients c on c.id = i.client_id
        where i.tenant_id = ${tenantId} and i.id = any(${uuidArray(ids)}) and i.kind = 'condition'
          and i.state <> 'resolved' and i.storm_id is null and i.merged_into_id is null
        order by i.opened_at, i.id`,
  );

/** What rules change about an incident. Null leaves a value unchanged. */
export interface RuledChange {
  incidentId: string;
  severity: AlertSeverity | null;
  severityRank: number | null;
  ownerId: string | null;
  ignoredUntil: Date | null;
}

/** Changes incidents as rules say, but keeps an owner that an incident already has. One statement. */
export async function changeAsRuled(
  tx: TenantDb,
  tenantId: string,
  changes: readonly RuledChange[],
): Promise<void> {
  if (changes.length === 0) return;
  await tx.execute(sql`
    update incidents i set severity_set = coalesce(r.severity, i.severity_set),
      severity = coalesce(r.severity, i.severity), severity_rank = coalesce(r."severityRank", i.severity_rank),
      owner_id = coalesce(i.owner_id, (select u.id from users u where u.tenant_id = ${tenantId} and u.id = r."ownerId")),
      ignored_until = greatest(i.ignored_until, r."ignoredUntil"),
      state = case when r."ignoredUntil" is null then i.state else 'snoozed' end,
      snoozed_until = greatest(i.snoozed_until, r."ignoredUntil")
    from jsonb_to_recordset(${JSON.stringify(changes)}::text::jsonb) as r(
      "incidentId" uuid, severity text, "severityRank" integer, "ownerId" uuid, "ignoredUntil" timestamptz)
    where i.tenant_id = ${tenantId} and i.id = r."incidentId"`);
}
