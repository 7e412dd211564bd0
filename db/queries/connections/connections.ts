import { and, asc, eq, isNull, ne, sql, type SQL } from "drizzle-orm";

import type { ConnectionRef } from "@domain/refs";

import { queryRows, type Db, type TenantDb } from "../../client";
import { rmmIntegrations, tenants, type SyncStatus } from "../../schema";
import { byName } from "../shared/by-name";

export type IntegrationRow = typeof rmmIntegrations.$inferSelect;

/** The tenant's connection with this id, or undefined. */
export async function getIntegration(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
): Promise<IntegrationRow | undefined> {
  const [row] = await tx
    .select()
    .from(rmmIntegrations)
    .where(and(eq(rmmIntegrations.tenantId, tenantId), eq(rmmIntegrations.id, connectionId)));
  return row;
}

/**
 * The connection, locked until the transaction ends, so that pages of its runs are written either before or after it.
 */
export const lockIntegration = (
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
): Promise<IntegrationRow | undefined> => lockOne(tx, tenantId, connectionId);

/** Does the same without waiting: returns undefined while another transaction holds the lock. */
export const lockIdleIntegration = (
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
): Promise<IntegrationRow | undefined> => lockOne(tx, tenantId, connectionId, { skipLocked: true });

async function lockOne(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  how?: { skipLocked: true },
): Promise<IntegrationRow | undefined> {
  const [row] = await tx
    .select()
    .from(rmmIntegrations)
    .where(and(eq(rmmIntegrations.tenantId, tenantId), eq(rmmIntegrations.id, connectionId)))
    .for("no key update", how);
  return row;
}

/**
 * Locks several connections in the order of their ids, so that two callers cannot deadlock. Call it before locking any
 * row that pages write, because pages lock in that order too.
 */
export async function lockIntegrations(
  tx: TenantDb,
  tenantId: string,
  connectionIds: Iterable<string>,
): Promise<void> {
  for (const id of [...new Set(connectionIds)].sort()) await lockIntegration(tx, tenantId, id);
}

/**
 * Locks all connections of a tenant, so that each of their pages is written either before or after this transaction.
 */
export async function lockAllIntegrations(tx: TenantDb, tenantId: string): Promise<void> {
  const all = await listIntegrations(tx, tenantId);
  await lockIntegrations(
    tx,
    tenantId,
    all.map((integration) => integration.id),
  );
}

/** The tenant's connections, oldest first. */
export async function listIntegrations(tx: TenantDb, tenantId: string): Promise<IntegrationRow[]> {
  return tx
    .select()
    .from(rmmIntegrations)
    .where(eq(rmmIntegrations.tenantId, tenantId))
    .orderBy(asc(rmmIntegrations.createdAt), asc(rmmIntegrations.id));
}

/** Inserts a connection. Returns the row. */
export async function insertIntegration(
  tx: TenantDb,
  row: typeof rmmIntegrations.$inferInsert,
): Promise<IntegrationRow> {
  const [inserted] = await tx.insert(rmmIntegrations).values(row).returning();
  return inserted!;
}

/** Sets columns of a connection; does nothing if the tenant has no such connection. */
export async function updateIntegration(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  set: Partial<IntegrationRow>,
): Promise<void> {
  await tx
    .update(rmmIntegrations)
    .set({ updatedAt: sql`now()`, ...set })
    .where(and(eq(rmmIntegrations.tenantId, tenantId), eq(rmmIntegrations.id, connectionId)));
}

/**
 * Records a failed run on its connection. A refused key sets the connection to `needs_attention`. Returns how many runs
 * of the schedule have failed in a row; undefined if this failure does not count, or the schedule is switched off and
 * cannot be paused.
 * @param schedule the schedule that the run belongs to, if any
 */
export async function noteFailureOnIntegration(
  tx: TenantDb,
  run: ConnectionRef,
  schedule: "full" | "alerts" | null,
  failure: { code: string; message: string; hint: string },
): Promise<number | undefined> {
  const keyIsRefused = failure.code === "invalid_api_key";
  const [isFull, isAlerts] = [schedule === "full", schedule === "alerts"];
  if (schedule === null && !keyIsRefused) return undefined;
  // A run that nobody executed says nothing about the account.
  const counts = schedule !== null && !lostCodes.includes(failure.code);
  const { consecutiveFailures, alertsFailures } = rmmIntegrations;
  const oneMore = counts ? 1 : 0;
  const [after] = await tx
    .update(rmmIntegrations)
    .set({
      updatedAt: sql`now()`,
      ...(isFull || keyIsRefused ? { lastSyncError: failure.message, lastSyncHint: failure.hint } : {}),
      ...(isFull
        ? {
            consecutiveFailures: sql`${consecutiveFailures} + ${oneMore}::int`,
          }
        : {}),
      ...(isAlerts ? { alertsFailures: sql`${alertsFailures} + ${oneMore}::int` } : {}),
      ...(keyIsRefused ? { status: "needs_attention" as const, statusReason: failure.hint } : {}),
    })
    .where(
      and(
        eq(rmmIntegrations.tenantId, run.tenantId),
        eq(rmmIntegrations.id, run.connectionId),
        ne(rmmIntegrations.status, "disconnected"),
      ),
    )
    .returning({
      failures: isAlerts ? alertsFailures : consecutiveFailures,
      fullSyncEnabled: rmmIntegrations.fullSyncEnabled,
    });
  return counts && (isAlerts || after?.fullSyncEnabled === true) ? after?.failures : undefined;
}

/** The error codes of runs that nobody executed, or that nobody finished. */
export const lostCodes: readonly string[] = ["no_heartbeat", "not_started"];

/** Pauses a schedule of a connection until somebody resumes it. Returns whether the schedule was running before. */
export async function pauseSchedule(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  kind: "full" | "alerts",
  pause: { at: Date; reason: string },
): Promise<boolean> {
  const [pausedAt, set] =
    kind === "full"
      ? [rmmIntegrations.pausedAt, { pausedAt: pause.at, pausedReason: pause.reason }]
      : [rmmIntegrations.alertsPausedAt, { alertsPausedAt: pause.at, alertsPausedReason: pause.reason }];
  const paused = await tx
    .update(rmmIntegrations)
    .set({ ...set, updatedAt: sql`now()` })
    .where(
      and(eq(rmmIntegrations.tenantId, tenantId), eq(rmmIntegrations.id, connectionId), isNull(pausedAt)),
    )
    .returning({ id: rmmIntegrations.id });
  return paused.length > 0;
}

/** Records that the provider accepted the key. Returns the connection if its key counted as refused before. */
export async function noteKeyAccepted(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
): Promise<IntegrationRow | undefined> {
  const [goesOn] = await tx
    .update(rmmIntegrations)
    .set({ status: "active", statusReason: null })
    .where(
      and(
        eq(rmmIntegrations.tenantId, tenantId),
        eq(rmmIntegrations.id, connectionId),
        eq(rmmIntegrations.status, "needs_attention"),
      ),
    )
    .returning();
  return goesOn;
}

/** The overall status: that of the last full sync, unless the last sync of another kind failed. */
const overallStatus = (of: Record<"full" | "groups" | "alerts", SQL>): SQL =>
  sql`case when ${of.full} = 'syncing' then 'syncing'
    when 'failed' in (${of.full}, ${of.groups}, ${of.alerts}) then 'failed' else ${of.full} end`;

/** Stores the results of syncs by kind, and derives the connection's overall status; one statement. */
export async function setSyncStatus(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  set: Partial<Record<"full" | "groups" | "alerts", SyncStatus>>,
): Promise<void> {
  const of = (kind: "full" | "groups" | "alerts") =>
    set[kind] === undefined ? sql.identifier(`${kind}_sync_status`) : sql`${set[kind]}::text`;
  const [full, groups, alerts] = [of("full"), of("groups"), of("alerts")].map((value) => sql`${value}`);
  await tx.execute(sql`
    update rmm_integrations set full_sync_status = ${full}, groups_sync_status = ${groups},
      alerts_sync_status = ${alerts}, sync_status = ${overallStatus({ full: full!, groups: groups!, alerts: alerts! })}
    where tenant_id = ${tenantId} and id = ${connectionId}`);
}

/** Restores the status of the last sync that ended. For a cancelled sync, which says nothing about the account. */
export async function restoreSyncStatus(tx: TenantDb, tenantId: string, connectionId: string): Promise<void> {
  await tx.execute(sql`
    update rmm_integrations i set full_sync_status = last.status, sync_status = ${overallStatus({
      full: sql`last.status`,
      groups: sql`i.groups_sync_status`,
      alerts: sql`i.alerts_sync_status`,
    })}
    from (select coalesce(
      (select status from rmm_sync_runs
       where tenant_id = ${tenantId} and integration_id = ${connectionId} and type = 'full'
         and status in ('completed', 'completed_with_errors', 'failed')
       order by ended_at desc limit 1), 'never') as status) last
    where i.tenant_id = ${tenantId} and i.id = ${connectionId} and i.full_sync_status = 'syncing'`);
}

export interface DueIntegration {
  id: string;
  tenantId: string;
}

/**
 * Connections of all tenants with a due schedule: its next time has come, was never set, or lies further ahead than an
 * interval because the clock was set back. Those overdue longest come first, at most `limit`.
 */
export async function listDueIntegrations(db: Db, now: Date, limit: number): Promise<DueIntegration[]> {
  const at = sql`${now.toISOString()}::timestamptz`;
  return queryRows<DueIntegration>(
    db,
    sql`select id, tenant_id as "tenantId" from rmm_integrations
        where status = 'active' and (
          (full_sync_enabled and paused_at is null and (next_full_sync_at is null or next_full_sync_at <= ${at}
            or next_full_sync_at > ${at} + make_interval(mins => full_sync_interval_minutes)))
          or (alerts_paused_at is null and (next_alerts_sync_at is null or next_alerts_sync_at <= ${at}
            or next_alerts_sync_at > ${at} + make_interval(mins => alerts_sync_interval_minutes))))
        order by least(next_full_sync_at, next_alerts_sync_at) nulls first, id limit ${limit}`,
  );
}

/** All tenants of the installation, oldest first. Only for jobs of the whole installation and the command line. */
export async function listTenants(db: Db): Promise<{ id: string; slug: string; name: string }[]> {
  return db
    .select({ id: tenants.id, slug: tenants.slug, name: tenants.name })
    .from(tenants)
    .orderBy(tenants.createdAt);
}

/** The labels of the tenant's connections, including disconnected ones, ordered by label. */
export const listConnectionLabels = (
  tx: TenantDb,
  tenantId: string,
): Promise<{ id: string; label: string; provider: string }[]> =>
  tx
    .select({ id: rmmIntegrations.id, label: rmmIntegrations.label, provider: rmmIntegrations.provider })
    .from(rmmIntegrations)
    .where(eq(rmmIntegrations.tenantId, tenantId))
    .orderBy(byName(rmmIntegrations.label), rmmIntegrations.id);
