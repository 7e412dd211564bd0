import { and, eq, sql } from "drizzle-orm";

import { MAX_ATTEMPTS, UNRECORDED } from "@domain/back-off";
import type { TicketAction, TicketNews, TicketStatus, TicketSystemKind } from "@domain/tickets";

import { queryRows, type Db, type TenantDb } from "../../client";
import { incidents, rmmAlerts, ticketAttempts, tickets, ticketSystems } from "../../schema";

export interface ClaimedTicket {
  id: string;
  tenantId: string;
  incidentId: string;
  systemId: string;
  action: TicketAction;
  /** The number of attempts, including this one. */
  attempts: number;
  /** Whether an earlier attempt may have opened the ticket. */
  wasUnconfirmed: boolean;
  externalId: string | null;
  saidState: TicketNews["state"] | null;
  saidSeverity: TicketNews["severity"] | null;
  saidDevices: number | null;
  kind: TicketSystemKind;
  config: Record<string, unknown>;
  /** Changes with the settings of the system. */
  version: string;
  /** The system's failures in a row before this attempt. */
  failures: number;
}

/**
 * Claims tickets with work due, over all tenants, longest overdue first, and counts the attempt. An attempt to open a
 * ticket marks it unconfirmed until the outcome is recorded, so that the mark stays if the process ends. A ticket without
 * an outcome after its last attempt is given up.
 */
export async function claimTickets(
  db: Db,
  now: Date,
  until: Date,
  { total, perSystem, inHand }: { total: number; perSystem: number; inHand: readonly string[] },
): Promise<ClaimedTicket[]> {
  const at = now.toISOString();
  return queryRows<ClaimedTicket>(
    db,
    sql`with busy as (
          select value::uuid as system_id, count(*)::int as n
          from jsonb_array_elements_text(${JSON.stringify(inHand)}::text::jsonb) group by 1
        ),
        due as (
          select d.id, d.is_unsettled from ticket_systems s
          left join busy on busy.system_id = s.id
          cross join lateral (
            select id, is_unsettled, next_attempt_at from tickets
            where system_id = s.id and action is not null and not is_given_up and next_attempt_at <= ${at}
            order by next_attempt_at
            limit greatest(0, case when s.failures > 0 then 1 else ${perSystem}::int end - coalesce(busy.n, 0))
            for update skip locked
          ) d
          where s.is_enabled and (s.rests_until is null or s.rests_until <= ${at})
          order by d.next_attempt_at limit ${total}
        ),
        given_up as (
          update tickets t set is_given_up = true, last_error = ${UNRECORDED}
          from due where t.id = due.id and t.attempts >= ${MAX_ATTEMPTS}
        )
        update tickets t set attempts = t.attempts + 1, next_attempt_at = ${until.toISOString()},
          is_unsettled = t.action = 'open'
        from due, ticket_systems s
        where t.id = due.id and s.id = t.system_id and t.attempts < ${MAX_ATTEMPTS}
        returning t.id, t.tenant_id as "tenantId", t.incident_id as "incidentId", s.id as "systemId", t.action, t.attempts,
          due.is_unsettled as "wasUnconfirmed", t.external_id as "externalId", t.said_state as "saidState",
          t.said_severity as "saidSeverity", t.said_devices as "saidDevices", s.kind, s.config, s.failures,
          extract(epoch from s.updated_at)::text as version`,
  );
}

/** The result of an attempt. */
export interface TicketResult {
  status: TicketStatus;
  action: TicketAction | null;
  attempts: number;
  nextAttemptAt: Date;
  isUnconfirmed: boolean;
  isGivenUp: boolean;
  error: string | null;
  outcome: "done" | "refused" | "unknown";
  /** What the ticket states from now on; null if that has not changed. */
  said: TicketNews | null;
  opened: { externalId: string; number: string | null; url: string | null } | null;
  failures: number;
  restsUntil: Date | null;
}

/**
 * Records the result of an attempt on the ticket, its log and its system. Does nothing if the claim expired and another
 * attempt has begun. Returns whether it recorded it.
 */
export async function recordTicketAttempt(
  tx: TenantDb,
  ticket: Pick<ClaimedTicket, "id" | "tenantId" | "systemId" | "attempts" | "action">,
  result: TicketResult,
  now: Date,
): Promise<boolean> {
  const { tenantId, id, systemId } = ticket;
  const isDone = result.outcome === "done";
  const rows = await tx
    .update(tickets)
    .set({
      status: result.status,
      action: result.action,
      attempts: result.attempts,
      nextAttemptAt: result.nextAttemptAt,
      isUnconfirmed: result.isUnconfirmed,
      isGivenUp: result.isGivenUp,
      lastError: result.error,
      updatedAt: now,
      ...(result.said !== null && {
        saidState: result.said.state,
        saidSeverity: result.said.severity,
        saidDevices: result.said.devices,
        saidAt: now,
      }),
      ...(result.opened !== null && { ...result.opened, openedAt: now }),
    })
    .where(
      and(
        eq(tickets.tenantId, tenantId),
        eq(tickets.id, id),
        eq(tickets.action, ticket.action),
        eq(tickets.attempts, ticket.attempts),
      ),
    )
    .returning({ id: tickets.id });
  if (rows.length === 0) return false;
  const { outcome, error } = result;
  await tx
    .insert(ticketAttempts)
    .values({ tenantId, ticketId: id, action: ticket.action, outcome, error, at: now });
  await tx
    .update(ticketSystems)
    .set({
      lastError: error,
      failures: result.failures,
      restsUntil: result.restsUntil,
      ...(isDone ? { lastSucceededAt: now } : {}),
    })
    .where(and(eq(ticketSystems.tenantId, tenantId), eq(ticketSystems.id, systemId)));
  return true;
}

export interface FirstTicket {
  incidentId: string;
  number: string | null;
  url: string | null;
}

/**
 * The ticket of the incident into which this one was merged, following further merges: that of the last incident that
 * has one. Undefined if none has.
 */
export async function findFirstTicket(
  tx: TenantDb,
  tenantId: string,
  incidentId: string,
): Promise<FirstTicket | undefined> {
  const [row] = await queryRows<FirstTicket>(
    tx,
    sql`with recursive into_which as (
          select id, merged_into_id, 0 as depth from incidents where tenant_id = ${tenantId} and id = ${incidentId}
          union all
          select i.id, i.merged_into_id, w.depth + 1 from into_which w
          join incidents i on i.id = w.merged_into_id and i.id <> w.id
        )
        select w.id as "incidentId", coalesce(t.number, t.external_id) as number, t.url
        from into_which w join tickets t on t.incident_id = w.id
        where w.depth > 0 order by w.depth desc limit 1`,
  );
  return row;
}

/** The names of some devices of an incident, or of a storm's incidents, at most `limit`. */
export async function listDeviceNames(
  tx: TenantDb,
  tenantId: string,
  incidentId: string,
  limit: number,
): Promise<string[]> {
  const rows = await tx
    .selectDistinct({ name: rmmAlerts.deviceHostname })
    .from(rmmAlerts)
    .innerJoin(incidents, eq(incidents.id, rmmAlerts.incidentId))
    .where(
      and(
        eq(rmmAlerts.tenantId, tenantId),
        sql`(${incidents.id} = ${incidentId} or ${incidents.stormId} = ${incidentId})`,
        sql`${rmmAlerts.deviceHostname} is not null`,
      ),
    )
    .orderBy(rmmAlerts.deviceHostname)
    .limit(limit);
  return rows.map(({ name }) => name!);
}
