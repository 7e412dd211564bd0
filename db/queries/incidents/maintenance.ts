import { sql } from "drizzle-orm";

import type { Cover } from "@domain/maintenance-windows";

import type { AlertSeverity } from "@domain/alert-words";

import { queryRows, type Db, type TenantDb } from "../../client";
import { uuidArray } from "../shared/arrays";

/**
 * Incidents whose maintenance has ended: the window is over, or the RMM has taken one of the devices out of
 * maintenance.
 */
const isDue = (now: Date) => sql`i.state <> 'resolved' and (i.notices_suppressed or i.tickets_suppressed)
  and i.active_count > 0 and i.kind = 'condition'
  and case when i.maintenance_until is not null then i.maintenance_until <= ${now.toISOString()}::timestamptz
    else exists (select from rmm_alerts a left join asset_details d on d.asset_id = a.asset_id
      where a.incident_id = i.id and a.status = 'active'
        and (d.system_info ->> 'maintenanceMode') is distinct from 'true') end`;

/** The ids of tenants with an open incident whose maintenance has ended. */
export async function listTenantsOutOfMaintenance(db: Db, now: Date): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    db,
    sql`select distinct i.tenant_id as id from incidents i where ${isDue(now)}`,
  );
  return rows.map(({ id }) => id);
}

/** Ids of the tenant's open incidents whose maintenance has ended, at most `limit`. */
export async function listOutOfMaintenance(
  tx: TenantDb,
  tenantId: string,
  now: Date,
  limit: number,
): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    tx,
    sql`select i.id from incidents i where i.tenant_id = ${tenantId} and ${isDue(now)} limit ${limit}`,
  );
  return rows.map(({ id }) => id);
}

/** The maintenance that covers an incident; null if none does. */
export interface MaintenanceWrite {
  incidentId: string;
  cover: Cover | null;
}

export interface FormerMaintenance {
  incidentId: string;
  wasSuppressed: boolean;
  windowId: string | null;
  activeCount: number;
}

/** The maintenance of incidents as last written. */
export const listMaintenanceOf = (
  tx: TenantDb,
  tenantId: string,
  ids: readonly string[],
): Promise<FormerMaintenance[]> =>
  queryRows<FormerMaintenance>(
    tx,
    sql`select id as "incidentId", notices_suppressed as "wasSuppressed", maintenance_window_id as "windowId",
          active_count as "activeCount"
        from incidents where tenant_id = ${tenantId} and id = any(${uuidArray(ids)}) and kind = 'condition'`,
  );

/** Writes the maintenance of incidents; one statement. */
export async function writeMaintenance(
  tx: TenantDb,
  tenantId: string,
  writes: readonly MaintenanceWrite[],
): Promise<void> {
  if (writes.length === 0) return;
  const rows = writes.map(({ incidentId, cover }) => ({
    id: incidentId,
    notices: cover?.suppressesNotices ?? false,
    tickets: cover?.suppressesTickets ?? false,
    windowId: cover?.windowId ?? null,
    until: cover === null || cover.untilMs === null ? null : new Date(cover.untilMs).toISOString(),
  }));
  await tx.execute(sql`
    update incidents i set notices_suppressed = r.notices, tickets_suppressed = r.tickets,
      maintenance_window_id = r."windowId", maintenance_until = r.until
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as r(id uuid, notices boolean, tickets boolean, "windowId" uuid, until timestamptz)
    where i.tenant_id = ${tenantId} and i.id = r.id and i.kind = 'condition'
      and (i.notices_suppressed, i.tickets_suppressed, i.maintenance_window_id, i.maintenance_until)
        is distinct from (r.notices, r.tickets, r."windowId", r.until)`);
}

/** Makes the open incidents of a window due for another look, because the window was changed or deleted. */
export async function lookAgainAt(
  tx: TenantDb,
  tenantId: string,
  windowId: string,
  now: Date,
): Promise<void> {
  await tx.execute(sql`
    update incidents set maintenance_until = ${now.toISOString()}::timestamptz
    where tenant_id = ${tenantId} and maintenance_window_id = ${windowId} and state <> 'resolved'`);
}

export interface OpenIncidentRow {
  id: string;
  name: string;
  severity: AlertSeverity;
  client: string | null;
  clientId: string | null;
  device: string | null;
  devices: number;
}

/**
 * The open incidents among these as the inbox shows them, with a storm in place of its incidents; most severe first.
 */
export const listOpenNames = (
  tx: TenantDb,
  tenantId: string,
  ids: readonly string[],
): Promise<OpenIncidentRow[]> =>
  queryRows(
    tx,
    sql`select i.id, i.name, i.severity, c.name as client, i.client_id as "clientId", i.device, i.device_count as devices
        from incidents i left join clients c on c.id = i.client_id
        where i.tenant_id = ${tenantId} and i.state <> 'resolved' and i.merged_into_id is null
          and i.id in (select coalesce(storm_id, id) from incidents
            where tenant_id = ${tenantId} and id = any(${uuidArray(ids)}))
        order by i.severity_rank, i.opened_at, i.id`,
  );
