import { and, desc, eq, inArray, sql } from "drizzle-orm";

import { queryRows, type Db, type TenantDb } from "../client";
import { rmmSyncRuns } from "../schema";

export type RunRow = typeof rmmSyncRuns.$inferSelect;
export type RunStatus = RunRow["status"];
export type SyncResource = "groups" | "devices" | "updates" | "alerts";

const inFlight: RunStatus[] = ["queued", "running"];

/** Inserts a queued run, unless one of its kind is in flight: then nothing is inserted and undefined returned. */
export async function insertRun(
  tx: TenantDb,
  row: typeof rmmSyncRuns.$inferInsert,
): Promise<RunRow | undefined> {
  const [inserted] = await tx.insert(rmmSyncRuns).values(row).onConflictDoNothing().returning();
  return inserted;
}

export async function findRunInFlight(
  tx: TenantDb,
  tenantId: string,
  run: Pick<RunRow, "integrationId" | "type" | "targetExternalId">,
): Promise<RunRow | undefined> {
  const [row] = await tx
    .select()
    .from(rmmSyncRuns)
    .where(
      and(
        eq(rmmSyncRuns.tenantId, tenantId),
        eq(rmmSyncRuns.integrationId, run.integrationId),
        eq(rmmSyncRuns.type, run.type),
        eq(rmmSyncRuns.targetExternalId, run.targetExternalId),
        inArray(rmmSyncRuns.status, inFlight),
      ),
    );
  return row;
}

/** The runs of an integration that have not ended. */
export async function listOpenRuns(tx: TenantDb, tenantId: string, integrationId: string): Promise<RunRow[]> {
  return tx
    .select()
    .from(rmmSyncRuns)
    .where(
      and(
        eq(rmmSyncRuns.tenantId, tenantId),
        eq(rmmSyncRuns.integrationId, integrationId),
        inArray(rmmSyncRuns.status, inFlight),
      ),
    );
}

export async function getRun(tx: TenantDb, tenantId: string, runId: string): Promise<RunRow | undefined> {
  const [row] = await tx
    .select()
    .from(rmmSyncRuns)
    .where(and(eq(rmmSyncRuns.tenantId, tenantId), eq(rmmSyncRuns.id, runId)));
  return row;
}

/** Changes a run that has not ended. Returns it, or undefined when it has. */
export async function updateOpenRun(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  set: Partial<RunRow>,
): Promise<RunRow | undefined> {
  const [row] = await tx
    .update(rmmSyncRuns)
    .set(set)
    .where(
      and(
        eq(rmmSyncRuns.tenantId, tenantId),
        eq(rmmSyncRuns.id, runId),
        inArray(rmmSyncRuns.status, inFlight),
      ),
    )
    .returning();
  return row;
}

export interface LockedRun extends Record<string, unknown> {
  status: RunStatus;
  cancel_requested: boolean;
  integration_active: boolean;
}

/**
 * First statement of every page's transaction: locks the run and its integration, so that pages of a full sync and
 * device syncs of one account are written one after the other and never race for the same device.
 */
export async function lockRun(tx: TenantDb, tenantId: string, runId: string): Promise<LockedRun | undefined> {
  const [row] = await queryRows<LockedRun>(
    tx,
    sql`select r.status, r.cancel_requested_at is not null as cancel_requested,
               i.status <> 'disconnected' as integration_active
        from rmm_sync_runs r join rmm_integrations i on i.id = r.integration_id
        where r.tenant_id = ${tenantId} and r.id = ${runId}
        for no key update of i, r`,
  );
  return row;
}

export interface PageCheckpoint {
  resource: SyncResource;
  walk: number;
  sequence: number;
  cursorAfter: string | null;
  idsSeen: string[];
  seen: number;
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  failed: number;
  /** Whether these counts are the run's own headline (devices of a full sync, groups of a groups sync, …). */
  isHeadline: boolean;
  requests: number;
  retries: number;
  rateLimitedMs: number;
}

/** Last statement of every page's transaction: the page's checkpoint and the run's progress, at once. */
export async function insertPageCheckpoint(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  page: PageCheckpoint,
  now: Date,
): Promise<void> {
  const headline = page.isHeadline ? 1 : 0;
  await tx.execute(sql`
    with page as (
      insert into rmm_sync_run_pages (tenant_id, run_id, resource, walk, sequence, cursor_after, is_last, ids_seen,
        seen, created, updated, unchanged, skipped, failed, committed_at)
      values (${tenantId}, ${runId}, ${page.resource}, ${page.walk}, ${page.sequence}, ${page.cursorAfter},
        ${page.cursorAfter === null},
        array(select jsonb_array_elements_text(${JSON.stringify(page.idsSeen)}::text::jsonb)),
        ${page.seen}, ${page.created}, ${page.updated}, ${page.unchanged}, ${page.skipped}, ${page.failed},
        ${now.toISOString()})
    )
    update rmm_sync_runs set
      heartbeat_at = ${now.toISOString()}, waiting_until = null, waiting_reason = null,
      stage = ${page.resource}, pages = pages + 1,
      items_seen = items_seen + ${headline * page.seen}::int,
      items_created = items_created + ${headline * page.created}::int,
      items_updated = items_updated + ${headline * page.updated}::int,
      items_unchanged = items_unchanged + ${headline * page.unchanged}::int,
      items_skipped = items_skipped + ${headline * page.skipped}::int,
      items_failed = items_failed + ${page.failed}::int,
      requests = requests + ${page.requests}::int,
      retries = retries + ${page.retries}::int,
      rate_limited_ms = rate_limited_ms + ${Math.round(page.rateLimitedMs)}::int
    where tenant_id = ${tenantId} and id = ${runId}`);
}

export interface WalkPosition {
  walk: number;
  /** Sequence of the next page. */
  sequence: number;
  cursor: string | null;
  complete: boolean;
}

/** Where the sweep of a resource stands: behind its last committed page. */
export async function getWalkPosition(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  resource: SyncResource,
): Promise<WalkPosition> {
  const [last] = await queryRows<{
    walk: number;
    sequence: number;
    cursor_after: string | null;
    is_last: boolean;
  }>(
    tx,
    sql`select walk, sequence, cursor_after, is_last from rmm_sync_run_pages
        where tenant_id = ${tenantId} and run_id = ${runId} and resource = ${resource}
        order by walk desc, sequence desc limit 1`,
  );
  if (last === undefined) return { walk: 0, sequence: 0, cursor: null, complete: false };
  return { walk: last.walk, sequence: last.sequence + 1, cursor: last.cursor_after, complete: last.is_last };
}

export interface IssueRow {
  resource: SyncResource;
  severity: "record" | "field";
  externalId: string | null;
  name: string | null;
  field: string | null;
  reason: string;
}

/** Records what could not be taken over, with the reason; one statement. */
export async function insertIssues(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  issues: IssueRow[],
): Promise<void> {
  if (issues.length === 0) return;
  await tx.execute(sql`
    insert into rmm_sync_run_errors (id, tenant_id, run_id, resource, severity, external_id, name, field, reason)
    select gen_random_uuid(), ${tenantId}, ${runId}, r.resource, r.severity, r."externalId", r.name, r.field, r.reason
    from jsonb_to_recordset(${JSON.stringify(issues)}::text::jsonb)
      as r(resource text, severity text, "externalId" text, name text, field text, reason text)`);
}

export interface ResourceTotals extends Record<string, unknown> {
  resource: SyncResource;
  complete: boolean;
  pages: number;
  seen: number;
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  failed: number;
}

/**
 * Sums the pages of a run per resource. After a restarted walk, what was written counts from both walks and what was
 * merely seen from the last.
 */
export async function sumPages(tx: TenantDb, tenantId: string, runId: string): Promise<ResourceTotals[]> {
  return queryRows<ResourceTotals>(
    tx,
    sql`with pages as (
          select *, max(walk) over (partition by resource) as last_walk
          from rmm_sync_run_pages where tenant_id = ${tenantId} and run_id = ${runId}
        )
        select resource, bool_or(is_last and walk = last_walk) as complete, count(*)::int as pages,
          coalesce(sum(seen) filter (where walk = last_walk), 0)::int as seen,
          sum(created)::int as created, sum(updated)::int as updated,
          coalesce(sum(unchanged) filter (where walk = last_walk), 0)::int as unchanged,
          coalesce(sum(skipped) filter (where walk = last_walk), 0)::int as skipped,
          coalesce(sum(failed) filter (where walk = last_walk), 0)::int as failed
        from pages group by resource`,
  );
}

export interface OpenRun extends Record<string, unknown> {
  id: string;
  tenant_id: string;
  status: RunStatus;
}

/**
 * Runs without a sign of life: running and silent since `silentSince`, or queued since before `queuedSince`.
 * Over all tenants, for the sweeper.
 */
export async function listSilentRuns(db: Db, silentSince: Date, queuedSince: Date): Promise<OpenRun[]> {
  return queryRows<OpenRun>(
    db,
    sql`select id, tenant_id, status from rmm_sync_runs
        where (status = 'running'
               and greatest(heartbeat_at, started_at, waiting_until) < ${silentSince.toISOString()})
           or (status = 'queued' and requested_at < ${queuedSince.toISOString()})
        order by requested_at limit 500`,
  );
}

/** Whether the run of this kind before this one ended with a note on the resource. */
export async function wasNotedInRunBefore(
  tx: TenantDb,
  run: RunRow,
  resource: SyncResource,
): Promise<boolean> {
  const [row] = await queryRows<{ noted: boolean }>(
    tx,
    sql`select degraded @> ${JSON.stringify([{ resource }])}::text::jsonb as noted from rmm_sync_runs
        where tenant_id = ${run.tenantId} and integration_id = ${run.integrationId} and type = ${run.type}
          and status in ('completed', 'completed_with_errors') and id <> ${run.id}
        order by ended_at desc limit 1`,
  );
  return row?.noted ?? false;
}

/** Whether no full run of the integration completed after this one. */
export async function isLatestCompleteRun(tx: TenantDb, run: RunRow): Promise<boolean> {
  const [row] = await queryRows<{ newer: boolean }>(
    tx,
    sql`select exists (select from rmm_sync_runs
          where tenant_id = ${run.tenantId} and integration_id = ${run.integrationId} and type = 'full'
            and status in ('completed', 'completed_with_errors') and ended_at > ${run.endedAt?.toISOString() ?? null}
        ) as newer`,
  );
  return row?.newer === false;
}

/** Writes that the held devices of an ended run were confirmed as gone. */
export async function settleHeld(tx: TenantDb, run: RunRow, gone: number): Promise<void> {
  await tx
    .update(rmmSyncRuns)
    .set({ itemsHeld: 0, itemsGone: run.itemsGone + gone })
    .where(and(eq(rmmSyncRuns.tenantId, run.tenantId), eq(rmmSyncRuns.id, run.id)));
}

/** Devices of the account that are not gone: what the next sweep is expected to list. */
export async function countLiveDevices(
  tx: TenantDb,
  tenantId: string,
  integrationId: string,
): Promise<number> {
  const [row] = await queryRows<{ n: number }>(
    tx,
    sql`select count(*)::int as n from tenant_external_entity_mappings
        where tenant_id = ${tenantId} and integration_id = ${integrationId} and gone_at is null`,
  );
  return row?.n ?? 0;
}

/** A step of the run is over: counts it, with the calls that no page has counted yet, and shows a sign of life. */
export async function countStep(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  step: { requests: number; retries: number; rateLimitedMs: number },
  waiting: { until: Date; reason: string } | null,
  now: Date,
): Promise<void> {
  await tx.execute(sql`
    update rmm_sync_runs set heartbeat_at = ${now.toISOString()}, steps = steps + 1,
      requests = requests + ${step.requests}::int, retries = retries + ${step.retries}::int,
      rate_limited_ms = rate_limited_ms + ${Math.round(step.rateLimitedMs)}::int,
      waiting_until = ${waiting?.until.toISOString() ?? null}, waiting_reason = ${waiting?.reason ?? null}
    where tenant_id = ${tenantId} and id = ${runId} and status = 'running'`);
}

/** Adds to the devices that a run found to be gone. */
export async function countGone(tx: TenantDb, tenantId: string, runId: string, gone: number): Promise<void> {
  await tx.execute(sql`
    update rmm_sync_runs set items_gone = items_gone + ${gone}::int
    where tenant_id = ${tenantId} and id = ${runId} and status = 'running'`);
}

export async function listRecentRuns(tx: TenantDb, tenantId: string, limit: number): Promise<RunRow[]> {
  return tx
    .select()
    .from(rmmSyncRuns)
    .where(eq(rmmSyncRuns.tenantId, tenantId))
    .orderBy(desc(rmmSyncRuns.requestedAt), desc(rmmSyncRuns.id))
    .limit(limit);
}
