import { and, asc, eq } from "drizzle-orm";

import type { TenantDb } from "../../client";
import { tickets, ticketSystems } from "../../schema";

export type TicketSystemRow = typeof ticketSystems.$inferSelect;

/** The tenant's ticket systems, oldest first. */
export const listTicketSystems = (tx: TenantDb, tenantId: string): Promise<TicketSystemRow[]> =>
  tx
    .select()
    .from(ticketSystems)
    .where(eq(ticketSystems.tenantId, tenantId))
    .orderBy(asc(ticketSystems.createdAt), asc(ticketSystems.id));

const isSystem = (tenantId: string, id: string) =>
  and(eq(ticketSystems.tenantId, tenantId), eq(ticketSystems.id, id));

/** The tenant's ticket system with this id, or undefined. */
export async function getTicketSystem(
  tx: TenantDb,
  tenantId: string,
  id: string,
): Promise<TicketSystemRow | undefined> {
  const [row] = await tx.select().from(ticketSystems).where(isSystem(tenantId, id));
  return row;
}

/** Inserts a ticket system. Returns the row. */
export async function insertTicketSystem(
  tx: TenantDb,
  row: typeof ticketSystems.$inferInsert,
): Promise<TicketSystemRow> {
  const [inserted] = await tx.insert(ticketSystems).values(row).returning();
  return inserted!;
}

/** Changes a ticket system. Returns the changed row; undefined if there is none. */
export async function updateTicketSystem(
  tx: TenantDb,
  tenantId: string,
  id: string,
  set: Partial<TicketSystemRow>,
  now: Date,
): Promise<TicketSystemRow | undefined> {
  const [row] = await tx
    .update(ticketSystems)
    .set({ ...set, updatedAt: now })
    .where(isSystem(tenantId, id))
    .returning();
  return row;
}

/**
 * Deletes a ticket system and its tickets that were never opened. Opened tickets keep their numbers and links. Returns
 * the system; undefined if there is none.
 */
export async function deleteTicketSystem(
  tx: TenantDb,
  tenantId: string,
  id: string,
): Promise<TicketSystemRow | undefined> {
  await tx
    .delete(tickets)
    .where(
      and(
        eq(tickets.tenantId, tenantId),
        eq(tickets.systemId, id),
        eq(tickets.status, "pending"),
        eq(tickets.isUnconfirmed, false),
      ),
    );
  const [row] = await tx.delete(ticketSystems).where(isSystem(tenantId, id)).returning();
  return row;
}
