import { sql, and, eq, inArray, isNotNull, desc } from "drizzle-orm";

import type { SyncResource } from "@domain/sync-words";

import { queryRows, type TenantDb } from "../../client";
import { rmmSyncRuns } from "../../schema";
import type { RunRow } from "./runs";

/**
 * Facts about earlier runs. A run whose time lies after `credibleUntil` was written by a clock that ran ahead; it does
 * not count as the last one until that time has come.
 */

type OneRun = Pick<RunRow, "id" | "tenantId" | "connectionId" | "type">;

/**
 * The loss that the previous run of the same type noted for a resource: how many known records its list lacked. Null if
 * it noted none.
 */
export async function lossNotedInRunBefore(
  tx: TenantDb,
  run: OneRun,
  resource: SyncResource,
  credibleUntil: Date,
): Promise<{ known: number; absent: number } | null> {
  const [row] = await queryRows<{ loss: { known: number; absent: number } | null }>(
    tx,
    sql`select (select n->'loss' from jsonb_array_elements(degraded) n
                where n->>'resource' = ${resource} and n->>'kind' = 'absent') as loss
        from rmm_sync_runs
        where tenant_id = ${run.tenantId} and integration_id = ${run.connectionId} and type = ${run.type}
          and status in ('completed', 'completed_with_errors') and id <> ${run.id}
        order by ended_at > ${credibleUntil.toISOString()}, ended_at desc limit 1`,
  );
  return row?.loss ?? null;
}

/** Whether any run has ever read a complete list of the account's updates. */
export async function wereUpdatesCounted(
  tx: TenantDb,
  { tenantId, connectionId }: Pick<OneRun, "tenantId" | "connectionId">,
): Promise<boolean> {
  const [row] = await queryRows<{ counted: boolean }>(
    tx,
    sql`select exists (
          select from rmm_sync_runs
          where tenant_id = ${tenantId} and integration_id = ${connectionId} and type = 'full'
            and pending_patches is not null) as counted`,
  );
  return row!.counted;
}

/**
 * When the last complete sweep (other than the run `id`) began, in milliseconds since 1970; null if there was none. If
 * no run has a credible time, it returns `now`: then nothing done since counts, and doubtful changes are held for a
 * person.
 */
export async function lastCompleteStartMs(
  tx: TenantDb,
  run: Pick<OneRun, "tenantId" | "connectionId"> & { id?: string },
  { now, credibleUntil }: { now: Date; credibleUntil: Date },
): Promise<number | null> {
  const [row] = await queryRows<{ ms: number | null }>(
    tx,
    sql`select (extract(epoch from coalesce(
            max(started_at) filter (where started_at <= ${credibleUntil.toISOString()}),
            min(least(started_at, ${now.toISOString()})))) * 1000)::float8 as ms
        from rmm_sync_runs
        where tenant_id = ${run.tenantId} and integration_id = ${run.connectionId} and type = 'full'
          and status in ('completed', 'completed_with_errors') and id is distinct from ${run.id ?? null}::uuid`,
  );
  return row?.ms ?? null;
}

/**
 * The changes of device runs that have ended since an instant; one statement. Leaves out removals that the provider
 * reported itself, because the report and the 404 have confirmed each of them twice.
 */
export async function sumDeviceRuns(
  tx: TenantDb,
  { tenantId, connectionId }: Pick<OneRun, "tenantId" | "connectionId">,
  since: Date,
): Promise<{ moves: number; renames: number; removals: number }> {
  const [row] = await queryRows<{ moves: number; renames: number; removals: number }>(
    tx,
    sql`select coalesce(sum(items_moved), 0)::int as moves, coalesce(sum(items_renamed), 0)::int as renames,
          coalesce(sum(items_gone) filter (where not is_told_gone), 0)::int as removals
        from rmm_sync_runs
        where tenant_id = ${tenantId} and integration_id = ${connectionId} and type = 'device'
          and requested_at > ${since.toISOString()}::timestamptz - interval '1 day'
          and (ended_at is null or ended_at > ${since.toISOString()})`,
  );
  return row!;
}

/** The last comparison of alerts that reached its end; undefined if there was none. */
export async function findLastComparison(tx: TenantDb, tenantId: string, connectionId: string) {
  const [comparison] = await tx
    .select({
      runId: rmmSyncRuns.id,
      startedAt: rmmSyncRuns.startedAt,
      endedAt: rmmSyncRuns.endedAt,
      missed: rmmSyncRuns.itemsMissed,
      degraded: rmmSyncRuns.degraded,
    })
    .from(rmmSyncRuns)
    .where(
      and(
        eq(rmmSyncRuns.tenantId, tenantId),
        eq(rmmSyncRuns.connectionId, connectionId),
        eq(rmmSyncRuns.type, "alerts"),
        inArray(rmmSyncRuns.status, ["completed", "completed_with_errors"]),
        isNotNull(rmmSyncRuns.itemsMissed),
      ),
    )
    .orderBy(desc(rmmSyncRuns.requestedAt))
    .limit(1);
  return comparison;
}
