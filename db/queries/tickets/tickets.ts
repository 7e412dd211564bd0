import { and, asc, desc, eq, or, sql } from "drizzle-orm";

import type { TenantDb } from "../../client";
import { incidents, ticketAttempts, tickets, ticketSystems } from "../../schema";

export type TicketRow = typeof tickets.$inferSelect;

/** The ticket of an incident, locked until the transaction ends; undefined if there is none. */
export async function lockTicketOf(
  tx: TenantDb,
  tenantId: string,
  incidentId: string,
): Promise<TicketRow | undefined> {
  const [row] = await tx
    .select()
    .from(tickets)
    .where(and(eq(tickets.tenantId, tenantId), eq(tickets.incidentId, incidentId)))
    .for("update");
  return row;
}

/** Changes a ticket; does nothing if the tenant has no such ticket. */
export async function updateTicket(
  tx: TenantDb,
  tenantId: string,
  id: string,
  set: Partial<TicketRow>,
): Promise<void> {
  await tx
    .update(tickets)
    .set(set)
    .where(and(eq(tickets.tenantId, tenantId), eq(tickets.id, id)));
}

/**
 * The ticket of an incident with its system and its latest attempts, as the incident's page shows it; null if there is
 * none.
 */
export async function readTicket(tx: TenantDb, tenantId: string, incidentId: string, attempts: number) {
  const [row] = await tx
    .select({
      id: tickets.id,
      status: tickets.status,
      number: tickets.number,
      externalId: tickets.externalId,
      url: tickets.url,
      action: tickets.action,
      isGivenUp: tickets.isGivenUp,
      nextAttemptAt: tickets.nextAttemptAt,
      lastError: tickets.lastError,
      openedAt: tickets.openedAt,
      system: ticketSystems.label,
    })
    .from(tickets)
    .leftJoin(ticketSystems, eq(ticketSystems.id, tickets.systemId))
    .where(and(eq(tickets.tenantId, tenantId), eq(tickets.incidentId, incidentId)));
  if (row === undefined) return null;
  const log = await tx
    .select({
      id: ticketAttempts.id,
      action: ticketAttempts.action,
      outcome: ticketAttempts.outcome,
      error: ticketAttempts.error,
      at: ticketAttempts.at,
    })
    .from(ticketAttempts)
    .where(and(eq(ticketAttempts.tenantId, tenantId), eq(ticketAttempts.ticketId, row.id)))
    .orderBy(desc(ticketAttempts.id))
    .limit(attempts);
  return { ...row, log };
}

/** Tickets that need a person, because the product gave up, or because it is unknown whether they were opened. */
export const listTroubledTickets = (tx: TenantDb, tenantId: string, limit: number) =>
  tx
    .select({
      id: tickets.id,
      incidentId: tickets.incidentId,
      incident: incidents.name,
      status: tickets.status,
      isGivenUp: tickets.isGivenUp,
      lastError: tickets.lastError,
      updatedAt: tickets.updatedAt,
      system: ticketSystems.label,
    })
    .from(tickets)
    .innerJoin(incidents, eq(incidents.id, tickets.incidentId))
    .leftJoin(ticketSystems, eq(ticketSystems.id, tickets.systemId))
    .where(and(eq(tickets.tenantId, tenantId), or(eq(tickets.status, "unknown"), sql`${tickets.isGivenUp}`)))
    .orderBy(asc(tickets.updatedAt))
    .limit(limit);
