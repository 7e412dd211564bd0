import { sql } from "drizzle-orm";

import { queryRows, type Db, type TenantDb } from "../client";

/** Ids of the devices that a run could not take over, each once, in order; one more than `limit` tells of a rest. */
export async function listFailedDevices(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  limit: number,
): Promise<string[]> {
  const rows = await queryRows<{ externalId: string }>(
    tx,
    sql`select distinct external_id as "externalId" from rmm_sync_run_errors
        where tenant_id = ${tenantId} and run_id = ${runId} and resource = 'devices' and severity = 'record'
          and external_id is not null
        order by 1 limit ${limit}`,
  );
  return rows.map(({ externalId }) => externalId);
}

export interface TrendPoint extends Record<string, unknown> {
  id: string;
  status: string;
  endedMs: number;
  durationMs: number;
  seen: number;
  changed: number;
  failed: number;
}

/** The last full syncs that ended by themselves, the oldest first. */
export async function listRunTrend(
  tx: TenantDb,
  tenantId: string,
  integrationId: string | undefined,
  limit: number,
): Promise<TrendPoint[]> {
  const ofConnection = integrationId === undefined ? sql`` : sql`and integration_id = ${integrationId}`;
  const rows = await queryRows<TrendPoint>(
    tx,
    sql`select id, status, (extract(epoch from ended_at) * 1000)::float8 as "endedMs",
          greatest(0, extract(epoch from ended_at - started_at) * 1000)::float8 as "durationMs",
          items_seen as seen, items_created + items_updated + items_gone as changed, items_failed as failed
        from rmm_sync_runs
        where tenant_id = ${tenantId} and type = 'full' and started_at is not null
          and status in ('completed', 'completed_with_errors', 'failed') ${ofConnection}
        order by requested_at desc, id desc limit ${limit}`,
  );
  return rows.reverse();
}

/**
 * Removes pages and single errors of runs that ended before `before`, of at most so many runs at once; the runs stay,
 * with their sums. Over all tenants. Returns the runs that lost something: 0 when nothing is left to do.
 */
export async function pruneRunDetails(db: Db, before: Date, runs: number): Promise<number> {
  const [row] = await queryRows<{ pruned: number }>(
    db,
    sql`with old as (
          select r.id from rmm_sync_runs r
          where r.ended_at < ${before.toISOString()}
            and (exists (select from rmm_sync_run_pages p where p.run_id = r.id)
              or exists (select from rmm_sync_run_errors e where e.tenant_id = r.tenant_id and e.run_id = r.id))
          order by r.id limit ${runs}
        ),
        pages as (delete from rmm_sync_run_pages where run_id in (select id from old)),
        errors as (delete from rmm_sync_run_errors where run_id in (select id from old))
        select count(*)::int as pruned from old`,
  );
  return row?.pruned ?? 0;
}

/** Removes events that were passed on and happened before `before`, at most so many at once. Over all tenants. */
export async function pruneEvents(db: Db, before: Date, limit: number): Promise<number> {
  const [row] = await queryRows<{ pruned: number }>(
    db,
    sql`with old as (
          select e.id from rmm_events e
          where e.relayed_at is not null and e.occurred_at < ${before.toISOString()}
            and not exists (select from outgoing_deliveries d where d.event_id = e.id and d.status = 'pending')
          order by e.id limit ${limit}
        ),
        gone as (delete from rmm_events where id in (select id from old))
        select count(*)::int as pruned from old`,
  );
  return row?.pruned ?? 0;
}
