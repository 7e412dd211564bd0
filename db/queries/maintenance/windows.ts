import { and, eq, isNull, sql } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import { maintenanceWindows, tenants } from "../../schema";

export type WindowRow = typeof maintenanceWindows.$inferSelect;
export type WindowWrite = Omit<typeof maintenanceWindows.$inferInsert, "tenantId" | "createdAt" | "id">;

/** The most maintenance windows that a tenant may have. */
const MAX_WINDOWS = 200;

/** The tenant's maintenance windows, ordered by name; numbers in names compare as numbers. */
export const listWindows = (tx: TenantDb, tenantId: string): Promise<WindowRow[]> =>
  tx
    .select()
    .from(maintenanceWindows)
    .where(eq(maintenanceWindows.tenantId, tenantId))
    .orderBy(sql`natural_key(${maintenanceWindows.name}) collate "C"`, maintenanceWindows.id);

/** The tenant's maintenance windows that are not paused. */
export const listActiveWindows = (tx: TenantDb, tenantId: string): Promise<WindowRow[]> =>
  tx
    .select()
    .from(maintenanceWindows)
    .where(and(eq(maintenanceWindows.tenantId, tenantId), isNull(maintenanceWindows.pausedAt)));

const isWindow = (tenantId: string, id: string) =>
  and(eq(maintenanceWindows.tenantId, tenantId), eq(maintenanceWindows.id, id));

/** The tenant's maintenance window with this id, or undefined. */
export async function getWindow(tx: TenantDb, tenantId: string, id: string): Promise<WindowRow | undefined> {
  const [row] = await tx.select().from(maintenanceWindows).where(isWindow(tenantId, id));
  return row;
}

/**
 * Adds a maintenance window.
 * @returns its id; null if the tenant already has the most it may have
 */
export async function insertWindow(
  tx: TenantDb,
  tenantId: string,
  write: WindowWrite,
): Promise<string | null> {
  const [counted] = await queryRows<{ n: number }>(
    tx,
    sql`select count(*)::int as n from maintenance_windows where tenant_id = ${tenantId}`,
  );
  if ((counted?.n ?? 0) >= MAX_WINDOWS) return null;
  const [row] = await tx
    .insert(maintenanceWindows)
    .values({ ...write, tenantId })
    .returning({ id: maintenanceWindows.id });
  return row!.id;
}

/** A maintenance window, locked until the transaction ends; undefined if the tenant has no such window. */
export async function lockWindow(tx: TenantDb, tenantId: string, id: string): Promise<WindowRow | undefined> {
  const [row] = await tx.select().from(maintenanceWindows).where(isWindow(tenantId, id)).for("update");
  return row;
}

/** Changes a maintenance window; does nothing if the tenant has no such window. */
export async function updateWindow(
  tx: TenantDb,
  tenantId: string,
  id: string,
  write: Partial<WindowWrite>,
  now: Date,
): Promise<void> {
  await tx
    .update(maintenanceWindows)
    .set({ ...write, updatedAt: now })
    .where(isWindow(tenantId, id));
}

/** Deletes a maintenance window; does nothing if the tenant has no such window. */
export async function deleteWindow(tx: TenantDb, tenantId: string, id: string): Promise<void> {
  await tx.delete(maintenanceWindows).where(isWindow(tenantId, id));
}

/** The time zone of a tenant's windows and rules, an IANA name. */
export async function getTimeZone(tx: TenantDb, tenantId: string): Promise<string> {
  const [row] = await tx.select({ timeZone: tenants.timeZone }).from(tenants).where(eq(tenants.id, tenantId));
  return row?.timeZone ?? "UTC";
}

/** Sets the tenant's time zone, an IANA name such as `Europe/Berlin`. */
export async function setTimeZone(tx: TenantDb, tenantId: string, timeZone: string): Promise<void> {
  await tx.update(tenants).set({ timeZone }).where(eq(tenants.id, tenantId));
}
