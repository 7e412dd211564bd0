import { sql, type SQL } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";

import type { AlertSeverity } from "@domain/alert-words";
import { alertSeverities } from "@domain/alert-words";
import type { TicketAction, TicketResolution } from "@domain/tickets";

import { queryRows, type Db, type TenantDb } from "../../client";
import { textArray } from "../shared/arrays";

const severityArray = textArray(alertSeverities);

/**
 * The parts of a tenant's pass, each as what follows `select … from`. `tenant` is the tenant's id, or a column that
 * holds it.
 */
const toMove = (tenant: SQL | string): SQL => sql`tickets t join incidents i on i.id = t.incident_id
  where t.tenant_id = ${tenant} and i.merged_into_id is not null and i.merged_into_id <> i.id
    and t.id = (select o.id from tickets o join incidents oi on oi.id = o.incident_id
      where oi.merged_into_id = i.merged_into_id order by o.created_at, o.id limit 1)
    and not exists (select from tickets o where o.incident_id = i.merged_into_id)`;

const duplicates = (tenant: SQL | string): SQL => sql`tickets t join incidents i on i.id = t.incident_id
  where t.tenant_id = ${tenant} and i.merged_into_id is not null and i.merged_into_id <> i.id and not t.is_given_up`;

const isUnasked = sql`t.status = 'pending' and t.action = 'open' and not t.is_unsettled`;
const isUntold = sql`t.status = 'open' and t.action is null`;

const toOpen = (tenant: SQL | string, now: Date): SQL => sql`ticket_systems s
  join incidents i on i.tenant_id = ${tenant} and i.state <> 'resolved'
    and i.storm_id is null and i.merged_into_id is null and i.state <> 'snoozed' and not i.tickets_suppressed
    and i.severity_rank <= array_position(${severityArray}, s.automatic_from) - 1
    and i.opened_at >= s.automatic_since
    and i.opened_at <= ${now.toISOString()}::timestamptz - s.wait_minutes * interval '1 minute'
  where s.tenant_id = ${tenant} and s.is_enabled and s.automatic_from is not null
    and not exists (select from tickets t where t.incident_id = i.id)`;

const toTell = (tenant: SQL | string, now: Date): SQL => sql`tickets t
  join incidents i on i.id = t.incident_id and i.merged_into_id is null join ticket_systems s on s.id = t.system_id
  where t.tenant_id = ${tenant} and t.status = 'open' and t.action is null
    and (i.state = 'resolved' or i.severity_rank < array_position(${severityArray}, t.said_severity) - 1
      or i.device_count > t.said_devices)
    and (i.state = 'resolved' or t.next_attempt_at <= ${now.toISOString()} and not i.tickets_suppressed)`;

const toReopen = (tenant: SQL | string, now: Date): SQL => sql`incidents i
  join tickets t on t.incident_id = i.id join ticket_systems s on s.id = t.system_id
  where i.tenant_id = ${tenant} and i.state <> 'resolved' and i.merged_into_id is null
    and not i.tickets_suppressed and t.status = 'closed' and t.action is null and t.next_attempt_at <= ${now.toISOString()}`;

/** The ids of tenants for which a pass would change something; one statement for any number of tenants. */
export async function listTenantsToPlan(db: Db, now: Date): Promise<string[]> {
  const tenant = sql`n.id`;
  const rows = await queryRows<{ id: string }>(
    db,
    sql`select n.id from tenants n
        where exists (select from ticket_systems s where s.tenant_id = n.id)
          and (exists (select from ${toMove(tenant)})
            or exists (select from ${duplicates(tenant)} and (${isUnasked} or ${isUntold}))
            or exists (select from ${toOpen(tenant, now)})
            or exists (select from ${toTell(tenant, now)})
            or exists (select from ${toReopen(tenant, now)}))
        order by n.id`,
  );
  return rows.map(({ id }) => id);
}

/**
 * Moves tickets to the incidents into which theirs were merged. A ticket stays if that incident already has another
 * one.
 */
export async function followMerges(tx: TenantDb, tenantId: string): Promise<void> {
  await tx.execute(sql`
    update tickets set incident_id = found.into_id
    from (select t.id as ticket_id, i.merged_into_id as into_id from ${toMove(tenantId)}) found
    where tickets.tenant_id = ${tenantId} and tickets.id = found.ticket_id`);
}

/**
 * Ends tickets whose incident was merged into one that has its own ticket. Call it after `followMerges`. Deletes those
 * that were never requested from the ticket system; an open one gets a comment, or is closed.
 */
export async function endDuplicates(tx: TenantDb, tenantId: string, now: Date): Promise<void> {
  await tx.execute(sql`
    delete from tickets where tenant_id = ${tenantId}
      and id in (select t.id from ${duplicates(tenantId)} and ${isUnasked})`);
  await tx.execute(sql`
    update tickets set action = case s.on_resolve when 'close' then 'close' else 'comment' end,
      attempts = 0, next_attempt_at = ${now.toISOString()}
    from ticket_systems s
    where tickets.tenant_id = ${tenantId} and s.id = tickets.system_id
      and tickets.id in (select t.id from ${duplicates(tenantId)} and ${isUntold})`);
}

/**
 * The incidents that get an automatic ticket, and the system for each: the one that was set up first. Leaves out
 * incidents under maintenance that suppresses tickets, until it ends.
 */
export const listIncidentsToOpen = (
  tx: TenantDb,
  tenantId: string,
  now: Date,
  limit: number,
): Promise<{ incidentId: string; systemId: string }[]> =>
  queryRows(
    tx,
    sql`select distinct on (i.id) i.id as "incidentId", s.id as "systemId" from ${toOpen(tenantId, now)}
        order by i.id, s.created_at, s.id
        limit ${limit}`,
  );

/**
 * Requests a ticket for an incident, which may have only one.
 * @returns the id of the new ticket; undefined if the incident already has one, or the incident or system does not
 * exist
 */
export async function insertTicket(
  tx: TenantDb,
  {
    tenantId,
    incidentId,
    systemId,
    requestedBy,
  }: { tenantId: string; incidentId: string; systemId: string; requestedBy: string | null },
  now: Date,
): Promise<string | undefined> {
  const [row] = await queryRows<{ id: string }>(
    tx,
    sql`insert into tickets (id, tenant_id, incident_id, system_id, requested_by, action, next_attempt_at, updated_at)
        select ${uuidv7()}, ${tenantId}, i.id, s.id, ${requestedBy}, 'open', ${now.toISOString()}, ${now.toISOString()}
        from incidents i join ticket_systems s on s.tenant_id = i.tenant_id and s.id = ${systemId}
        where i.tenant_id = ${tenantId} and i.id = ${incidentId} and i.merged_into_id is null
        on conflict (incident_id) do nothing
        returning id`,
  );
  return row?.id;
}

export interface TicketToFollow {
  id: string;
  said: { state: "open" | "resolved"; severity: AlertSeverity; devices: number; saidAt: Date };
  incident: { state: "open" | "resolved"; severity: AlertSeverity; devices: number };
  onResolve: TicketResolution;
}

/** Open tickets that state something else than their incidents. Leaves out those whose next update is not due. */
export async function listTicketsToFollow(
  tx: TenantDb,
  tenantId: string,
  now: Date,
  limit: number,
): Promise<TicketToFollow[]> {
  const columns = sql`t.id, t.said_state as "saidState", t.said_severity as "saidSeverity", t.said_devices as "saidDevices",
    (extract(epoch from t.said_at) * 1000)::float8 as "saidMs",
    case when i.state = 'resolved' then 'resolved' else 'open' end as state, i.severity, i.device_count as devices,
    s.on_resolve as "onResolve"`;
  const rows = await queryRows<{
    id: string;
    saidState: "open" | "resolved";
    saidSeverity: AlertSeverity;
    saidDevices: number;
    saidMs: number;
    state: "open" | "resolved";
    severity: AlertSeverity;
    devices: number;
    onResolve: TicketResolution;
  }>(
    tx,
    sql`select ${columns} from ${toTell(tenantId, now)}
        union all
        select ${columns} from ${toReopen(tenantId, now)}
        limit ${limit}`,
  );
  return rows.map((row) => ({
    id: row.id,
    said: {
      state: row.saidState,
      severity: row.saidSeverity,
      devices: row.saidDevices,
      saidAt: new Date(row.saidMs),
    },
    incident: { state: row.state, severity: row.severity, devices: row.devices },
    onResolve: row.onResolve,
  }));
}

export interface TicketPlan {
  id: string;
  action: TicketAction | null;
  nextAttemptAt: Date;
  /** Marks the ticket as up to date without sending anything. */
  isUpToDate: boolean;
}

/** Stores what to do about tickets; one statement. */
export async function writeTicketPlans(
  tx: TenantDb,
  tenantId: string,
  plans: readonly TicketPlan[],
): Promise<void> {
  if (plans.length === 0) return;
  await tx.execute(sql`
    update tickets t set action = r.action, next_attempt_at = r."nextAttemptAt", attempts = 0,
      status = case when r."isUpToDate" then 'closed' else t.status end,
      said_state = case when r."isUpToDate" then 'resolved' else t.said_state end
    from jsonb_to_recordset(${JSON.stringify(plans)}::text::jsonb)
      as r(id uuid, action text, "nextAttemptAt" timestamptz, "isUpToDate" boolean)
    where t.tenant_id = ${tenantId} and t.id = r.id and t.action is null`);
}
