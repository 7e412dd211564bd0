import { and, asc, eq, gt, lt, sql } from "drizzle-orm";

import type { TenantDb } from "../client";
import { rmmAlerts } from "../schema";

/**
 * Alerts that are active here and that the run was not told of: told before it began, and on none of its pages.
 * In order of their id, behind `after`. Those that are known by device and name alone cannot be asked for, and are
 * left out.
 */
export async function listDoubtfulAlerts(
  tx: TenantDb,
  run: { id: string; tenantId: string; integrationId: string; startedAt: Date | null },
  after: string,
  limit: number,
) {
  const a = rmmAlerts;
  const rows = await tx
    .select({
      externalId: a.externalAlertId,
      externalDeviceId: sql<string>`coalesce(${a.externalDeviceId}, '')`,
      deviceHostname: a.deviceHostname,
      name: a.name,
      description: a.description,
      payload: a.payload,
      severity: a.severity,
      providerSeverity: a.providerSeverity,
      startedAt: a.startedAt,
    })
    .from(a)
    .where(
      and(
        eq(a.tenantId, run.tenantId),
        eq(a.integrationId, run.integrationId),
        eq(a.status, "active"),
        gt(a.externalAlertId, after),
        run.startedAt === null ? undefined : lt(a.observedAt, run.startedAt),
        sql`${a.externalAlertId} not like 'automation:%'`,
        sql`${a.externalAlertId} not in (
          select unnest(ids_seen) from rmm_sync_run_pages where run_id = ${run.id} and resource = 'alerts')`,
      ),
    )
    .orderBy(asc(a.externalAlertId))
    .limit(limit);
  return rows;
}

/** Adds to what a reconciliation found that nobody had told. */
export async function countUntold(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  found: number,
): Promise<void> {
  await tx.execute(sql`
    update rmm_sync_runs set items_untold = coalesce(items_untold, 0) + ${found}::int
    where tenant_id = ${tenantId} and id = ${runId}`);
}
