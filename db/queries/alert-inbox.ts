import { and, eq, isNotNull, isNull } from "drizzle-orm";

import type { TenantDb } from "../client";
import { rmmAlerts } from "../schema";

export type AlertRow = typeof rmmAlerts.$inferSelect;

export async function getAlert(
  tx: TenantDb,
  tenantId: string,
  alertId: string,
): Promise<AlertRow | undefined> {
  const [row] = await tx
    .select()
    .from(rmmAlerts)
    .where(and(eq(rmmAlerts.tenantId, tenantId), eq(rmmAlerts.id, alertId)));
  return row;
}

/** Notes who has seen an alert, or takes that back. Returns whether this call changed it. */
export async function setAcknowledged(
  tx: TenantDb,
  tenantId: string,
  alertId: string,
  by: { at: Date; userId: string | null } | null,
): Promise<boolean> {
  const rows = await tx
    .update(rmmAlerts)
    .set({ acknowledgedAt: by?.at ?? null, acknowledgedBy: by?.userId ?? null })
    .where(
      and(
        eq(rmmAlerts.tenantId, tenantId),
        eq(rmmAlerts.id, alertId),
        by === null ? isNotNull(rmmAlerts.acknowledgedAt) : isNull(rmmAlerts.acknowledgedAt),
      ),
    )
    .returning({ id: rmmAlerts.id });
  return rows.length > 0;
}
