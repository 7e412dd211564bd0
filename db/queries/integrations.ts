import { and, asc, eq, ne, sql } from "drizzle-orm";

import { queryRows, type Db, type TenantDb } from "../client";
import { rmmIntegrations, tenants } from "../schema";

export type IntegrationRow = typeof rmmIntegrations.$inferSelect;

export async function getIntegration(
  tx: TenantDb,
  tenantId: string,
  integrationId: string,
): Promise<IntegrationRow | undefined> {
  const [row] = await tx
    .select()
    .from(rmmIntegrations)
    .where(and(eq(rmmIntegrations.tenantId, tenantId), eq(rmmIntegrations.id, integrationId)));
  return row;
}

/** The integration, locked until the transaction ends: pages of its runs are written before it or after it. */
export async function lockIntegration(
  tx: TenantDb,
  tenantId: string,
  integrationId: string,
): Promise<IntegrationRow | undefined> {
  const [row] = await tx
    .select()
    .from(rmmIntegrations)
    .where(and(eq(rmmIntegrations.tenantId, tenantId), eq(rmmIntegrations.id, integrationId)))
    .for("no key update");
  return row;
}

export async function listIntegrations(tx: TenantDb, tenantId: string): Promise<IntegrationRow[]> {
  return tx
    .select()
    .from(rmmIntegrations)
    .where(eq(rmmIntegrations.tenantId, tenantId))
    .orderBy(asc(rmmIntegrations.createdAt), asc(rmmIntegrations.id));
}

export async function insertIntegration(
  tx: TenantDb,
  row: typeof rmmIntegrations.$inferInsert,
): Promise<IntegrationRow> {
  const [inserted] = await tx.insert(rmmIntegrations).values(row).returning();
  return inserted!;
}

export async function updateIntegration(
  tx: TenantDb,
  tenantId: string,
  integrationId: string,
  set: Partial<IntegrationRow>,
): Promise<void> {
  await tx
    .update(rmmIntegrations)
    .set({ updatedAt: sql`now()`, ...set })
    .where(and(eq(rmmIntegrations.tenantId, tenantId), eq(rmmIntegrations.id, integrationId)));
}

/** What a failed run means for its connection: a refused key needs a person, a failed full sync shows as failed. */
export async function noteFailureOnIntegration(
  tx: TenantDb,
  run: { tenantId: string; integrationId: string; type: string },
  failure: { code: string; message: string; hint: string },
): Promise<void> {
  const keyIsRefused = failure.code === "invalid_api_key";
  if (run.type !== "full" && !keyIsRefused) return;
  await tx
    .update(rmmIntegrations)
    .set({
      lastSyncError: failure.message,
      lastSyncHint: failure.hint,
      updatedAt: sql`now()`,
      ...(run.type === "full"
        ? {
            syncStatus: "failed" as const,
            consecutiveFailures: sql`${rmmIntegrations.consecutiveFailures} + 1`,
          }
        : {}),
      ...(keyIsRefused ? { status: "needs_attention" as const, statusReason: failure.hint } : {}),
    })
    .where(
      and(
        eq(rmmIntegrations.tenantId, run.tenantId),
        eq(rmmIntegrations.id, run.integrationId),
        ne(rmmIntegrations.status, "disconnected"),
      ),
    );
}

/** A run got its answers: the key is good, whatever was said of it before. */
export async function noteKeyAccepted(tx: TenantDb, tenantId: string, integrationId: string): Promise<void> {
  await tx
    .update(rmmIntegrations)
    .set({ status: "active", statusReason: null })
    .where(
      and(
        eq(rmmIntegrations.tenantId, tenantId),
        eq(rmmIntegrations.id, integrationId),
        eq(rmmIntegrations.status, "needs_attention"),
      ),
    );
}

/** After a cancelled sync, which says nothing about the account: show again what the last ended one said. */
export async function restoreSyncStatus(
  tx: TenantDb,
  tenantId: string,
  integrationId: string,
): Promise<void> {
  await tx.execute(sql`
    update rmm_integrations set sync_status = coalesce(
      (select status from rmm_sync_runs
       where tenant_id = ${tenantId} and integration_id = ${integrationId} and type = 'full'
         and status in ('completed', 'completed_with_errors', 'failed')
       order by ended_at desc limit 1), 'never')
    where tenant_id = ${tenantId} and id = ${integrationId} and sync_status = 'syncing'`);
}

export interface DueIntegration extends Record<string, unknown> {
  id: string;
  tenantId: string;
  fullSyncIntervalMinutes: number;
  nextFullSyncMs: number | null;
}

/** Connections whose full sync is due, over all tenants, for the scheduler. The longest overdue come first. */
export async function listDueFullSyncs(db: Db, now: Date, limit: number): Promise<DueIntegration[]> {
  return queryRows<DueIntegration>(
    db,
    sql`select id, tenant_id as "tenantId", full_sync_interval_minutes as "fullSyncIntervalMinutes",
          (extract(epoch from next_full_sync_at) * 1000)::float8 as "nextFullSyncMs"
        from rmm_integrations
        where status = 'active' and full_sync_enabled and paused_at is null
          and (next_full_sync_at is null or next_full_sync_at <= ${now.toISOString()})
        order by next_full_sync_at nulls first limit ${limit}`,
  );
}

export async function listTenants(db: Db): Promise<{ id: string; slug: string; name: string }[]> {
  return db
    .select({ id: tenants.id, slug: tenants.slug, name: tenants.name })
    .from(tenants)
    .orderBy(tenants.createdAt);
}
