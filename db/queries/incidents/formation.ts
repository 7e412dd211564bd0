import { sql, type SQL } from "drizzle-orm";

import type { AlertSpan, OngoingIncident } from "@domain/incidents";
import { REOPEN_MS, SPREAD_MS } from "@domain/incidents";

import { queryRows, type Db, type TenantDb } from "../../client";
import { uuidArray } from "../shared/arrays";

/** A condition whose alerts must be grouped again from an instant on. */
export interface DueCondition {
  connectionId: string;
  name: string;
  sinceMs: number;
}

const LOCK = 7_013;

/**
 * Lets only one transaction at a time change a tenant's incidents, because the rules look at several rows. Lasts until
 * the transaction ends.
 */
export async function lockIncidents(tx: TenantDb, tenantId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${LOCK}, hashtext(${tenantId}))`);
}

/** The ids of tenants with alerts to group, or with incidents that close or wake by time. */
export async function listTenantsToForm(db: Db, now: Date, quietBefore: Date): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    db,
    sql`select t.id from tenants t
        where exists (select from rmm_alerts a where a.tenant_id = t.id and a.grouping_due > 0)
          or exists (select from incidents i where i.tenant_id = t.id and i.state <> 'resolved'
            and i.quiet_since <= ${quietBefore.toISOString()}::timestamptz)
          or exists (select from incidents i where i.tenant_id = t.id and i.state = 'snoozed'
            and i.snoozed_until <= ${now.toISOString()}::timestamptz)
        order by t.id`,
  );
  return rows.map(({ id }) => id);
}

const startOf = sql`coalesce(a.started_at, a.created_at)`;
const endOf = sql`case when a.status = 'resolved'
  then greatest(coalesce(a.resolved_at, a.observed_at), coalesce(a.started_at, a.created_at)) end`;
const deviceOf = sql`coalesce(nullif(a.external_device_id, ''), a.device_hostname, '')`;
const ms = (instant: SQL) => sql`(extract(epoch from ${instant}) * 1000)::float8`;

/**
 * The conditions of alerts that wait to be grouped, oldest first, at most `limit`. Includes both the alerts' present
 * name and the name under which they were last grouped.
 */
export async function listDueConditions(
  tx: TenantDb,
  tenantId: string,
  limit: number,
): Promise<DueCondition[]> {
  return queryRows<DueCondition>(
    tx,
    sql`with due as (
          select a.integration_id, a.name, i.name as former_name, least(a.grouped_from, ${startOf}) as since
          from rmm_alerts a left join incidents i on i.id = a.incident_id
          where a.tenant_id = ${tenantId} and a.grouping_due > 0
        ), conditions as (
          select integration_id, name, since from due
          union all select integration_id, former_name, since from due where former_name <> name
        )
        select integration_id as "connectionId", name, ${ms(sql`min(since)`)} as "sinceMs"
        from conditions group by integration_id, name order by min(since), name limit ${limit}`,
  );
}

/** An alert to group, with its `groupingDue` at the time of reading. */
export interface DueAlert extends AlertSpan {
  groupingDue: number;
  /** Whether its incident has a different name. */
  hasOtherName: boolean;
}

/** A condition's alerts that began at or after its instant, oldest first, at most `limit`. */
export async function listAlertsToGroup(
  tx: TenantDb,
  tenantId: string,
  { connectionId, name, sinceMs }: DueCondition,
  limit: number,
): Promise<DueAlert[]> {
  return queryRows<DueAlert>(
    tx,
    sql`select a.id as "alertId", a.incident_id as "incidentId", a.grouping_due as "groupingDue",
          s.client_id as "clientId", ${deviceOf} as device,
          ${ms(startOf)} as "startedMs", ${ms(endOf)} as "endedMs",
          coalesce(i.name <> ${name}, false) as "hasOtherName", coalesce(i.name <> ${name}, false) and exists (
            select from rmm_alerts o where o.tenant_id = ${tenantId} and o.incident_id = i.id and o.name = i.name
          ) as "isRenamed"
        from rmm_alerts a left join assets s on s.id = a.asset_id left join incidents i on i.id = a.incident_id
        where a.tenant_id = ${tenantId} and a.integration_id = ${connectionId}
          and md5(a.name) = md5(${name}) and a.name = ${name} and ${startOf} >= ${at(sinceMs)}
        order by ${startOf}, a.id limit ${limit}`,
  );
}

/** Marks the condition's alerts that began at or after its instant, so that the next pass groups them. */
export async function leaveToNextPass(
  tx: TenantDb,
  tenantId: string,
  { connectionId, name, sinceMs }: DueCondition,
): Promise<void> {
  await tx.execute(sql`
    update rmm_alerts a set grouping_due = 1
    where a.tenant_id = ${tenantId} and a.integration_id = ${connectionId} and a.grouping_due = 0
      and md5(a.name) = md5(${name}) and a.name = ${name} and ${startOf} >= ${at(sinceMs)}`);
}

/**
 * The condition's incidents that an alert at its instant may join, in the state in which the earlier alerts left them.
 */
export async function listOngoingIncidents(
  tx: TenantDb,
  tenantId: string,
  { connectionId, name, sinceMs }: DueCondition,
): Promise<OngoingIncident[]> {
  const rows = await queryRows<{
    incidentId: string;
    clientId: string | null;
    device: string;
    latestStartMs: number;
    endedMs: number | null;
  }>(
    tx,
    sql`select i.id as "incidentId", i.client_id as "clientId", ${deviceOf} as device,
          ${ms(sql`max(${startOf})`)} as "latestStartMs",
          ${ms(sql`case when not bool_or(a.status = 'active') then max(${endOf}) end`)} as "endedMs"
        from incidents i
        join rmm_alerts a on a.incident_id = i.id and a.name = i.name and ${startOf} < ${at(sinceMs)}
        where i.tenant_id = ${tenantId} and i.integration_id = ${connectionId} and i.kind = 'condition'
          and md5(i.name) = md5(${name}) and i.name = ${name} and i.merged_into_id is null
          and (i.quiet_since is null
            or i.quiet_since >= ${at(sinceMs - Math.max(REOPEN_MS, SPREAD_MS))}
            or i.last_alert_at >= ${at(sinceMs - SPREAD_MS)})
        group by i.id, ${deviceOf}
        order by i.opened_at, i.id`,
  );
  const incidents = new Map<string, OngoingIncident>();
  for (const { incidentId, clientId, device, latestStartMs, endedMs } of rows) {
    const known = incidents.get(incidentId) ?? {
      incidentId,
      clientId,
      latestStartMs,
      endsByDevice: new Map<string, number | null>(),
    };
    known.latestStartMs = Math.max(known.latestStartMs, latestStartMs);
    known.endsByDevice.set(device, endedMs);
    incidents.set(incidentId, known);
  }
  return [...incidents.values()];
}

export interface NewIncident {
  id: string;
  connectionId: string;
  clientId: string | null;
  name: string;
  openedAt: Date;
}

/** Inserts incidents without numbers; `refreshIncidents` sets those. */
export async function insertIncidents(
  tx: TenantDb,
  tenantId: string,
  rows: readonly NewIncident[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute(sql`
    insert into incidents (id, tenant_id, integration_id, client_id, name, severity, severity_rank, opened_at, last_alert_at)
    select r.id, ${tenantId}, r."connectionId", r."clientId", r.name, 'none', 4, r."openedAt", r."openedAt"
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(
      id uuid, "connectionId" uuid, "clientId" uuid, name text, "openedAt" timestamptz)`);
}

/** Renames incidents whose alerts have all been renamed. */
export async function renameIncidents(
  tx: TenantDb,
  tenantId: string,
  incidentIds: readonly string[],
  name: string,
): Promise<void> {
  if (incidentIds.length === 0) return;
  await tx.execute(sql`
    update incidents set name = ${name}
    where tenant_id = ${tenantId} and id = any(${uuidArray(incidentIds)})`);
}

export interface Grouping {
  alertId: string;
  incidentId: string;
  /** The value at the time of reading. If it has changed since, the alert stays due. */
  groupingDue: number;
}

/**
 * Assigns alerts to their incidents. Locks the alerts in the same order as writing alerts does, so that the two cannot
 * deadlock.
 */
export async function writeGroupings(
  tx: TenantDb,
  tenantId: string,
  groupings: readonly Grouping[],
): Promise<void> {
  if (groupings.length === 0) return;
  await tx.execute(sql`
    select a.id from rmm_alerts a
    where a.tenant_id = ${tenantId} and a.id = any(${uuidArray(groupings.map(({ alertId }) => alertId))})
    order by a.integration_id, a.external_alert_id for update`);
  await tx.execute(sql`
    update rmm_alerts a set incident_id = r."incidentId", grouped_from = ${startOf},
      grouping_due = case when a.grouping_due = r."groupingDue" then 0 else a.grouping_due end
    from jsonb_to_recordset(${JSON.stringify(groupings)}::text::jsonb) as r(
      "alertId" uuid, "incidentId" uuid, "groupingDue" integer)
    where a.tenant_id = ${tenantId} and a.id = r."alertId"`);
}

const at = (epochMs: number): SQL => sql`${new Date(epochMs).toISOString()}::timestamptz`;
