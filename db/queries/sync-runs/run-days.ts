import { sql } from "drizzle-orm";

import { queryRows, type Db, type TenantDb } from "../../client";

/**
 * Adds runs that ended before an instant to the totals of their days, and deletes them. Over all tenants, at most
 * `limit`. Keeps the latest run of each kind and the latest completed one, which show the connection's state, and runs
 * with held changes. Returns how many; fewer than `limit` means that none are left.
 */
export async function summariseRuns(
  db: Db,
  before: Date,
  { limit, skip = 0 }: { limit: number; skip?: number },
): Promise<number> {
  const [row] = await queryRows<{ summarised: number }>(
    db,
    sql`with old as materialized (
          select r.*, r.started_at is not null and r.status <> 'cancelled' as counts from rmm_sync_runs r
          where r.ended_at < ${before.toISOString()}
            and exists (select from rmm_sync_runs later
              where later.tenant_id = r.tenant_id and later.integration_id = r.integration_id
                and later.type = r.type and later.requested_at > r.requested_at
                and (r.status not in ('completed', 'completed_with_errors')
                  or later.status in ('completed', 'completed_with_errors')))
            and not exists (select from rmm_held_changes h where h.run_id = r.id)
          order by r.id limit ${limit} offset ${skip}
        ),
        days as (
          insert into rmm_sync_run_days as d (tenant_id, integration_id, type, day, runs, failed, cancelled, started,
            duration_ms, items_seen, items_created, items_updated, items_gone, items_failed, pages, requests)
          select tenant_id, integration_id, type, (ended_at at time zone 'UTC')::date, count(*),
            count(*) filter (where status = 'failed'), count(*) filter (where status = 'cancelled'),
            count(*) filter (where counts),
            coalesce(sum(greatest(0, extract(epoch from ended_at - started_at) * 1000)) filter (where counts), 0),
            coalesce(sum(items_seen) filter (where counts), 0),
            sum(items_created), sum(items_updated), sum(items_gone), sum(items_failed), sum(pages), sum(requests)
          from old group by 1, 2, 3, 4
          on conflict (tenant_id, integration_id, type, day) do update set
            runs = d.runs + excluded.runs, failed = d.failed + excluded.failed,
            cancelled = d.cancelled + excluded.cancelled, started = d.started + excluded.started,
            duration_ms = d.duration_ms + excluded.duration_ms, items_seen = d.items_seen + excluded.items_seen,
            items_created = d.items_created + excluded.items_created,
            items_updated = d.items_updated + excluded.items_updated,
            items_gone = d.items_gone + excluded.items_gone, items_failed = d.items_failed + excluded.items_failed,
            pages = d.pages + excluded.pages, requests = d.requests + excluded.requests
        ),
        gone as (delete from rmm_sync_runs where id in (select id from old))
        select count(*)::int as summarised from old`,
  );
  return row?.summarised ?? 0;
}

export interface Span {
  /** The first instant of a UTC day or week, in ms since 1970. */
  startMs: number;
  /** The number of full syncs that were not cancelled. */
  runs: number;
  failed: number;
  /** The average of a full sync. */
  durationMs: number;
  seen: number;
  /** The sum over all of them. */
  changed: number;
}

/**
 * The full syncs of a connection since an instant, by day or week, oldest first. Leaves out days or weeks without any.
 */
export async function listSpans(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  { since, unit }: { since: Date; unit: "day" | "week" },
): Promise<Span[]> {
  const day = since.toISOString().slice(0, 10);
  return queryRows<Span>(
    tx,
    sql`with runs as (
          select (ended_at at time zone 'UTC')::date as day, 1 as runs, (status = 'failed')::int as failed,
            (started_at is not null)::int as started,
            greatest(0, extract(epoch from ended_at - started_at) * 1000) as duration_ms,
            items_seen, items_created + items_updated + items_gone as changed
          from rmm_sync_runs
          where tenant_id = ${tenantId} and integration_id = ${connectionId} and type = 'full'
            and status in ('completed', 'completed_with_errors', 'failed')
            and ended_at >= ${day}::date at time zone 'UTC'
          union all
          select day, runs - cancelled, failed, started, duration_ms, items_seen,
            items_created + items_updated + items_gone
          from rmm_sync_run_days
          where tenant_id = ${tenantId} and integration_id = ${connectionId} and type = 'full' and day >= ${day}::date
        )
        select (extract(epoch from date_trunc(${unit}, day::timestamp)) * 1000)::float8 as "startMs",
          sum(runs)::int as runs, sum(failed)::int as failed,
          coalesce(sum(duration_ms) / nullif(sum(started), 0), 0)::float8 as "durationMs",
          coalesce(sum(items_seen) / nullif(sum(started), 0), 0)::float8 as seen,
          sum(changed)::float8 as changed
        from runs group by 1 having sum(runs) > 0 order by 1`,
  );
}
