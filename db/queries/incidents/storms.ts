import { sql } from "drizzle-orm";

import type { IncidentStart, StormKind } from "@domain/incident-storms";

import { queryRows, type TenantDb } from "../../client";
import { textArray, uuidArray } from "../shared/arrays";

/** The incidents of a connection that began at or after an instant, each with its storm. */
export const listStarts = (
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  sinceMs: number,
): Promise<IncidentStart[]> =>
  queryRows<IncidentStart>(
    tx,
    sql`select i.id as "incidentId", i.name, i.client_id as "clientId", i.storm_id as "stormId", s.kind as "stormKind",
          (extract(epoch from i.opened_at) * 1000)::float8 as "openedMs"
        from incidents i left join incidents s on s.id = i.storm_id
        where i.tenant_id = ${tenantId} and i.integration_id = ${connectionId} and i.kind = 'condition'
          and i.merged_into_id is null and i.opened_at >= ${new Date(sinceMs).toISOString()}::timestamptz`,
  );

export interface NewStorm {
  id: string;
  kind: StormKind;
  clientId: string | null;
  openedAt: Date;
}

/** Inserts storms, and moves incidents into them or out of them. */
export async function putIntoStorms(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  created: readonly NewStorm[],
  moves: readonly { id: string; stormId: string | null }[],
): Promise<void> {
  if (created.length > 0) {
    await tx.execute(sql`
      insert into incidents (id, tenant_id, integration_id, client_id, kind, name, severity, severity_rank, opened_at, last_alert_at)
      select r.id, ${tenantId}, ${connectionId}, r."clientId", r.kind, 'Alert storm', 'none', 4, r."openedAt", r."openedAt"
      from jsonb_to_recordset(${JSON.stringify(created)}::text::jsonb)
        as r(id uuid, kind text, "clientId" uuid, "openedAt" timestamptz)`);
  }
  if (moves.length > 0) {
    await tx.execute(sql`
      update incidents i set storm_id = r."stormId"
      from jsonb_to_recordset(${JSON.stringify(moves)}::text::jsonb) as r(id uuid, "stormId" uuid)
      where i.tenant_id = ${tenantId} and i.id = r.id`);
  }
}

interface StormRow {
  id: string;
  connectionId: string;
  wasNew: boolean;
  stateBefore: string;
  state: string;
}

/**
 * Updates storms from their incidents: the named storms, and those of the changed incidents. A storm is resolved once
 * all its incidents are, and opens again when one of them does. A storm without incidents is resolved and hidden.
 * @returns the storms that opened and those that were resolved
 */
export async function refreshStorms(
  tx: TenantDb,
  tenantId: string,
  changed: readonly string[],
  stormIds: readonly string[],
  now: Date,
): Promise<{ opened: StormRow[]; resolved: StormRow[] }> {
  const rows = await queryRows<StormRow>(
    tx,
    sql`with wanted as (
          select storm_id as id from incidents
          where tenant_id = ${tenantId} and id = any(${uuidArray(changed)}) and storm_id is not null
          union select unnest(${uuidArray(stormIds)})
        ), figures as (
          select w.id, count(c.id) as children, min(c.severity_rank) as rank, min(c.opened_at) as opened_at,
            max(c.last_alert_at) as last_alert_at, coalesce(bool_or(c.state <> 'resolved'), false) as is_open,
            max(c.resolved_at) as resolved_at, coalesce(sum(c.alert_count), 0) as alerts,
            bool_and(c.notices_suppressed) filter (where c.state <> 'resolved') as is_quiet,
            bool_and(c.tickets_suppressed) filter (where c.state <> 'resolved') as is_ticketless,
            coalesce(sum(c.active_count), 0) as active, coalesce(sum(c.device_count), 0) as devices
          from wanted w left join incidents c on c.storm_id = w.id and c.merged_into_id is null
          group by w.id
        ), former as (
          select i.id, i.state, i.alert_count = 0 and i.merged_into_id is null as was_new
          from incidents i join wanted w on w.id = i.id
        ), written as (
          update incidents i set
            state = case when not f.is_open then 'resolved' when i.state = 'resolved' then 'open' else i.state end,
            severity = coalesce((${textArray(["critical", "major", "moderate", "minor", "none"])})[f.rank + 1], 'none'),
            severity_rank = coalesce(f.rank, 4), opened_at = coalesce(f.opened_at, i.opened_at),
            last_alert_at = coalesce(f.last_alert_at, i.last_alert_at),
            resolved_at = case when not f.is_open then coalesce(f.resolved_at, ${now.toISOString()}::timestamptz) end,
            alert_count = f.alerts, active_count = f.active, device_count = f.devices,
            notices_suppressed = coalesce(f.is_quiet, i.notices_suppressed),
            tickets_suppressed = coalesce(f.is_ticketless, i.tickets_suppressed),
            merged_into_id = case when f.children = 0 then i.id end, updated_at = ${now.toISOString()}
          from figures f where i.tenant_id = ${tenantId} and i.kind <> 'condition' and i.id = f.id
          returning i.id, i.integration_id, i.state, i.merged_into_id
        )
        select w.id, w.integration_id as "connectionId", f.was_new as "wasNew", f.state as "stateBefore", w.state
        from written w join former f on f.id = w.id`,
  );
  return {
    opened: rows.filter(({ wasNew, state }) => wasNew && state !== "resolved"),
    resolved: rows.filter(
      ({ wasNew, stateBefore, state }) => !wasNew && stateBefore !== "resolved" && state === "resolved",
    ),
  };
}

/** Which of these incidents are part of a storm. */
export async function listStormMembers(
  tx: TenantDb,
  tenantId: string,
  ids: readonly string[],
): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    tx,
    sql`select id from incidents
        where tenant_id = ${tenantId} and id = any(${uuidArray(ids)}) and storm_id is not null`,
  );
  return rows.map(({ id }) => id);
}
