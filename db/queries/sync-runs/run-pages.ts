import { sql } from "drizzle-orm";

import type { SyncResource } from "@domain/sync-words";

import { queryPrepared, queryRows, type TenantDb } from "../../client";

export interface PageCheckpoint {
  resource: SyncResource;
  /** The resource that the run shows as being read. */
  stage: SyncResource;
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
  ignored: number;
  /** Whether these counts are also the run's own: devices of a full sync, groups of a groups sync, and so on. */
  isHeadline: boolean;
  requests: number;
  retries: number;
  rateLimits: number;
  rateLimitedMs: number;
}

/**
 * Writes a page's checkpoint and the run's progress in one statement. Must be the last statement of the page's
 * transaction.
 */
export async function insertPageCheckpoint(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  page: PageCheckpoint,
  now: Date,
): Promise<void> {
  const headline = page.isHeadline ? 1 : 0;
  await queryPrepared(
    tx,
    sql`
    with page as (
      insert into rmm_sync_run_pages (tenant_id, run_id, resource, walk, sequence, cursor_after, is_last, ids_seen,
        seen, created, updated, unchanged, skipped, failed, ignored, committed_at)
      values (${tenantId}, ${runId}, ${page.resource}, ${page.walk}, ${page.sequence}, ${page.cursorAfter},
        ${page.cursorAfter === null},
        array(select jsonb_array_elements_text(${JSON.stringify(page.idsSeen)}::text::jsonb)),
        ${page.seen}, ${page.created}, ${page.updated}, ${page.unchanged}, ${page.skipped}, ${page.failed},
        ${page.ignored}, ${now.toISOString()})
    )
    update rmm_sync_runs set
      heartbeat_at = ${now.toISOString()}, waiting_until = null, waiting_reason = null,
      stage = ${page.stage}, pages = pages + 1,
      items_seen = items_seen + ${headline * page.seen}::int,
      items_created = items_created + ${headline * page.created}::int,
      items_updated = items_updated + ${headline * page.updated}::int,
      items_unchanged = items_unchanged + ${headline * page.unchanged}::int,
      items_skipped = items_skipped + ${headline * page.skipped}::int,
      items_failed = items_failed + ${page.failed}::int,
      items_ignored = items_ignored + ${page.ignored}::int,
      requests = requests + ${page.requests}::int,
      retries = retries + ${page.retries}::int,
      rate_limits = rate_limits + ${page.rateLimits}::int,
      rate_limited_ms = rate_limited_ms + ${Math.round(page.rateLimitedMs)}::int
    where tenant_id = ${tenantId} and id = ${runId}`,
  );
}

/**
 * Deletes the ids that the pages of a run listed, which are most of its size. Once the run is concluded they only serve
 * to confirm held removals, so they stay while the connection has held changes.
 */
export async function forgetSeenIds(
  tx: TenantDb,
  { tenantId, connectionId, id }: { tenantId: string; connectionId: string; id: string },
): Promise<void> {
  await tx.execute(sql`
    update rmm_sync_run_pages set ids_seen = '{}'
    where tenant_id = ${tenantId} and run_id = ${id} and ids_seen <> '{}' and not exists (
      select from rmm_held_changes where tenant_id = ${tenantId} and integration_id = ${connectionId})`);
}

export interface WalkPosition {
  walk: number;
  /** The number of the next page. */
  sequence: number;
  cursor: string | null;
  complete: boolean;
}

/** The position of a sweep that one walk reads: after its last committed page. */
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

/** Whether the run has read all pages of a resource's list. */
export async function isSweepComplete(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  resource: SyncResource,
): Promise<boolean> {
  return (await sumPages(tx, tenantId, runId)).some((total) => total.resource === resource && total.complete);
}

export interface ResourceTotals {
  resource: SyncResource;
  complete: boolean;
  pages: number;
  seen: number;
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  failed: number;
  ignored: number;
}

/**
 * Sums the pages of a run by resource. After a restart, it counts writes of both walks, but records seen of the last
 * walk only; a record that both walks wrote counts as the first write made it. Of a sweep in segments, it counts
 * records seen in segments that were not dropped, and the sweep is complete once its segments are joined.
 */
export async function sumPages(tx: TenantDb, tenantId: string, runId: string): Promise<ResourceTotals[]> {
  return queryRows<ResourceTotals>(
    tx,
    sql`with pages as (
          select p.resource, p.is_last, p.seen, p.created, p.updated, p.skipped, p.failed, p.ignored, s.state,
            case when s.walk is null then p.walk = max(p.walk) over (partition by p.resource)
              else s.state <> 'dropped' end as counts
          from rmm_sync_run_pages p
          left join rmm_sync_run_segments s on s.run_id = p.run_id and s.resource = p.resource and s.walk = p.walk
          where p.tenant_id = ${tenantId} and p.run_id = ${runId}
        ), sums as (
          select resource, bool_or(counts and is_last and (state is null or state = 'joined')) as complete,
            count(*)::int as pages,
            coalesce(sum(seen) filter (where counts), 0)::int as seen,
            sum(created)::int as created, sum(updated)::int as updated,
            coalesce(sum(skipped) filter (where counts), 0)::int as skipped,
            coalesce(sum(failed) filter (where counts), 0)::int as failed,
            coalesce(sum(ignored) filter (where counts), 0)::int as ignored
          from pages group by resource
        )
        select *, greatest(0, seen - created - updated - skipped - failed - ignored) as unchanged from sums`,
  );
}
