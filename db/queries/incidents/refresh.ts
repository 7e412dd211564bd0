import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";

import { alertSeverities, type AlertSeverity } from "@domain/alert-words";
import type { IncidentFacts, IncidentStatus } from "@domain/incident-state";
import type { IncidentState } from "@domain/incidents";

import { queryRows, type TenantDb } from "../../client";
import { textArray, uuidArray } from "../shared/arrays";

/** A stored incident, and the facts that follow from its alerts now. */
export interface IncidentToRefresh {
  id: string;
  connectionId: string;
  before: IncidentStatus;
  openedBefore: Date;
  clientBefore: string | null;
  stormId: string | null;
  /** Null if it has no alerts left. A severity that a rule set overrides that of the alerts. */
  facts: (IncidentFacts & { device: string | null }) | null;
}

type Row = Record<
  keyof Omit<IncidentFacts, "openedAt" | "lastAlertAt" | "quietSince" | "severity">,
  number
> & {
  id: string;
  connectionId: string;
  openedBeforeMs: number;
  clientBefore: string | null;
  stormId: string | null;
  state: IncidentState;
  oldSeverity: AlertSeverity;
  oldDevices: number;
  severitySet: AlertSeverity | null;
  snoozedMs: number | null;
  closedMs: number | null;
  severityPlace: number | null;
  openedMs: number;
  lastAlertMs: number;
  quietMs: number | null;
  device: string | null;
};

/** Reads incidents with the facts that follow from their alerts; one statement. */
export async function readIncidentFacts(
  tx: TenantDb,
  tenantId: string,
  ids: readonly string[],
): Promise<IncidentToRefresh[]> {
  if (ids.length === 0) return [];
  const rows = await queryRows<Row>(
    tx,
    sql`select i.id, i.integration_id as "connectionId", i.state, i.severity as "oldSeverity",
          (extract(epoch from i.opened_at) * 1000)::float8 as "openedBeforeMs", i.client_id as "clientBefore",
          i.storm_id as "stormId",
          i.device_count as "oldDevices", i.severity_set as "severitySet", (extract(epoch from i.snoozed_until) * 1000)::float8 as "snoozedMs",
          (extract(epoch from i.closed_by_person_at) * 1000)::float8 as "closedMs",
          f."severityPlace", f."openedMs", f."lastAlertMs", f."quietMs", f.alerts, f."activeAlerts", f.devices, f.device
        from incidents i
        left join lateral (
          select min(array_position(${textArray([...alertSeverities])}, a.severity))::int as "severityPlace",
            (extract(epoch from min(coalesce(a.started_at, a.created_at))) * 1000)::float8 as "openedMs",
            (extract(epoch from max(coalesce(a.started_at, a.created_at))) * 1000)::float8 as "lastAlertMs",
            (extract(epoch from case when not bool_or(a.status = 'active') then
              max(greatest(coalesce(a.resolved_at, a.observed_at), coalesce(a.started_at, a.created_at))) end) * 1000)::float8
              as "quietMs",
            count(*)::int as alerts, (count(*) filter (where a.status = 'active'))::int as "activeAlerts",
            count(distinct coalesce(nullif(a.external_device_id, ''), a.device_hostname, ''))::int as devices,
            min(coalesce(s.name, a.device_hostname)) as device
          from rmm_alerts a left join assets s on s.id = a.asset_id
          where a.incident_id = i.id
        ) f on true
        where i.tenant_id = ${tenantId} and i.kind = 'condition' and i.id = any(${uuidArray(ids)})
        order by i.opened_at, i.id`,
  );
  return rows.map((row) => ({
    id: row.id,
    connectionId: row.connectionId,
    before: {
      state: row.state,
      severity: row.oldSeverity,
      devices: row.oldDevices,
      snoozedUntil: dateOf(row.snoozedMs),
      closedByPersonAt: dateOf(row.closedMs),
    },
    openedBefore: new Date(row.openedBeforeMs),
    clientBefore: row.clientBefore,
    stormId: row.stormId,
    facts:
      row.severityPlace === null
        ? null
        : {
            severity: row.severitySet ?? alertSeverities[row.severityPlace - 1]!,
            openedAt: new Date(row.openedMs),
            lastAlertAt: new Date(row.lastAlertMs),
            quietSince: dateOf(row.quietMs),
            alerts: row.alerts,
            activeAlerts: row.activeAlerts,
            devices: row.devices,
            device: row.device,
          },
  }));
}

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

export interface IncidentWrite {
  id: string;
  clientId: string | null | undefined;
  state: IncidentState;
  severity: AlertSeverity;
  severityRank: number;
  openedAt: Date;
  lastAlertAt: Date;
  quietSince: Date | null;
  resolvedAt: Date | null;
  snoozedUntil: Date | null;
  alertCount: number;
  activeCount: number;
  deviceCount: number;
  device: string | null;
  /** Whether it was resolved and is open again. The person who acknowledged it before has not seen this. */
  isReopened: boolean;
}

/** Writes the facts and states of incidents; one statement. */
export async function writeIncidents(
  tx: TenantDb,
  tenantId: string,
  rows: readonly IncidentWrite[],
  now: Date,
): Promise<void> {
  if (rows.length === 0) return;
  const withFlags = rows.map((row) => ({ ...row, hasClient: row.clientId !== undefined }));
  await tx.execute(sql`
    update incidents i set state = r.state, severity = r.severity, severity_rank = r."severityRank",
      opened_at = r."openedAt", last_alert_at = r."lastAlertAt", quiet_since = r."quietSince",
      resolved_at = r."resolvedAt", snoozed_until = r."snoozedUntil", alert_count = r."alertCount",
      active_count = r."activeCount", device_count = r."deviceCount", device = r.device,
      client_id = case when r."hasClient" then r."clientId" else i.client_id end,
      acknowledged_at = case when not r."isReopened" then i.acknowledged_at end,
      acknowledged_by = case when not r."isReopened" then i.acknowledged_by end,
      closed_by_person_at = case when not r."isReopened" then i.closed_by_person_at end,
      updated_at = ${now.toISOString()}
    from jsonb_to_recordset(${JSON.stringify(withFlags)}::text::jsonb) as r(
      id uuid, "hasClient" boolean, "clientId" uuid, state text, severity text, "severityRank" integer,
      "openedAt" timestamptz, "lastAlertAt" timestamptz, "quietSince" timestamptz, "resolvedAt" timestamptz,
      "snoozedUntil" timestamptz, "alertCount" integer, "activeCount" integer, "deviceCount" integer, device text,
      "isReopened" boolean)
    where i.tenant_id = ${tenantId} and i.id = r.id`);
}

/**
 * Marks incidents without alerts as merged into those that took their alerts, and moves people's comments there too.
 */
export async function mergeIncidents(
  tx: TenantDb,
  tenantId: string,
  merges: readonly { id: string; intoId: string | null }[],
  now: Date,
): Promise<void> {
  if (merges.length === 0) return;
  const recordset = sql`jsonb_to_recordset(${JSON.stringify(merges)}::text::jsonb) as r(id uuid, "intoId" uuid)`;
  await tx.execute(sql`
    update incident_entries e set incident_id = r."intoId" from ${recordset}
    where e.tenant_id = ${tenantId} and e.incident_id = r.id and e.actor is not null and r."intoId" is not null`);
  await tx.execute(sql`
    update incidents i set state = 'resolved', resolved_at = coalesce(i.resolved_at, ${now.toISOString()}::timestamptz),
      quiet_since = coalesce(i.quiet_since, ${now.toISOString()}::timestamptz), alert_count = 0, active_count = 0,
      device_count = 0, storm_id = null, merged_into_id = coalesce(r."intoId", i.id), snoozed_until = null
    from ${recordset} where i.tenant_id = ${tenantId} and i.id = r.id`);
}

export interface IncidentEntryInsert {
  incidentId: string;
  kind: string;
  actorUserId?: string | null;
  actor?: string;
  text?: string;
  details?: Record<string, unknown>;
}

/** Adds entries to the timelines of incidents; one statement. */
export async function insertIncidentEntries(
  tx: TenantDb,
  tenantId: string,
  entries: readonly IncidentEntryInsert[],
  at: Date,
): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map((entry) => ({ id: uuidv7(), details: {}, ...entry }));
  await tx.execute(sql`
    insert into incident_entries (id, tenant_id, incident_id, kind, actor_user_id, actor, text, details, at)
    select r.id, ${tenantId}, r."incidentId", r.kind, r."actorUserId", r.actor, r.text, r.details, ${at.toISOString()}
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(
      id uuid, "incidentId" uuid, kind text, "actorUserId" uuid, actor text, text text, details jsonb)`);
}

/** The ids of incidents that close, or wake from a snooze, because time has passed; at most `limit` of each. */
export async function listIncidentsOfTime(
  tx: TenantDb,
  tenantId: string,
  { now, quietBefore, limit }: { now: Date; quietBefore: Date; limit: number },
): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    tx,
    sql`(select id from incidents where tenant_id = ${tenantId} and state <> 'resolved'
          and quiet_since <= ${quietBefore.toISOString()}::timestamptz limit ${limit})
        union
        (select id from incidents where tenant_id = ${tenantId} and state = 'snoozed'
          and snoozed_until <= ${now.toISOString()}::timestamptz limit ${limit})`,
  );
  return rows.map(({ id }) => id);
}
