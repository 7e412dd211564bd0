import { sql } from "drizzle-orm";

import { queryRows, type Db, type TenantDb } from "../../client";

/** A retry that a run offers: of all groups, of a device, or of an alert. */
export interface FailedRecord {
  kind: "groups" | "device" | "alert";
  /** Empty for groups, because a retry reads all of them. */
  externalId: string;
}

/**
 * The records that a run could not store and that can be read again, each once, ordered; at most `limit`. A retry reads
 * an update together with its device, so updates of unknown devices are left out, as are records without an id.
 */
export async function listFailedRecords(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  limit: number,
): Promise<FailedRecord[]> {
  return queryRows<FailedRecord>(
    tx,
    sql`with failed as (
          select e.resource, e.external_id, r.integration_id
          from rmm_sync_run_errors e join rmm_sync_runs r on r.id = e.run_id
          where e.tenant_id = ${tenantId} and e.run_id = ${runId} and e.severity = 'record' and not e.is_ignored
        )
        select kind, "externalId" from (
          select 'groups' as kind, '' as "externalId", 1 as place from failed where resource = 'groups'
          union
          select 'device', external_id, 2 from failed where resource = 'devices' and external_id is not null
          union
          select 'device', u.external_device_id, 2 from failed f
          join rmm_device_updates u on u.tenant_id = ${tenantId} and u.integration_id = f.integration_id
            and u.external_update_id = f.external_id
          where f.resource = 'updates'
          union
          select 'alert', external_id, 3 from failed where resource = 'alerts' and external_id is not null
        ) records
        order by place, "externalId" limit ${limit}`,
  );
}

export interface TrendRow {
  id: string;
  status: string;
  endedMs: number;
  durationMs: number;
  seen: number;
  changed: number;
  failed: number;
}

/** The last full syncs of a connection that were not cancelled, oldest first, at most `limit`. */
export async function listRunTrend(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  limit: number,
): Promise<TrendRow[]> {
  const rows = await queryRows<TrendRow>(
    tx,
    sql`select id, status, (extract(epoch from ended_at) * 1000)::float8 as "endedMs",
          greatest(0, extract(epoch from ended_at - started_at) * 1000)::float8 as "durationMs",
          items_seen as seen, items_created + items_updated + items_gone as changed, items_failed as failed
        from rmm_sync_runs
        where tenant_id = ${tenantId} and integration_id = ${connectionId} and type = 'full'
          and started_at is not null and status in ('completed', 'completed_with_errors', 'failed')
        order by requested_at desc, id desc limit ${limit}`,
  );
  return rows.reverse();
}

/**
 * Deletes the pages, errors and plans of runs that ended before an instant, over all tenants, for at most `limit` runs.
 * The runs themselves stay, with their totals. Returns how many runs lost something; 0 means that nothing is left to
 * delete.
 */
export async function pruneRunDetails(
  db: Db,
  before: Date,
  { limit, skip = 0 }: { limit: number; skip?: number },
): Promise<number> {
  const [row] = await queryRows<{ pruned: number }>(
    db,
    sql`with old as (
          select r.id from rmm_sync_runs r
          where r.ended_at < ${before.toISOString()}
            and (exists (select from rmm_sync_run_pages p where p.run_id = r.id)
              or exists (select from rmm_sync_run_errors e where e.tenant_id = r.tenant_id and e.run_id = r.id)
              or exists (select from rmm_planned_changes p where p.run_id = r.id))
          order by r.id limit ${limit} offset ${skip}
        ),
        pages as (delete from rmm_sync_run_pages where run_id in (select id from old)),
        segments as (delete from rmm_sync_run_segments where run_id in (select id from old)),
        errors as (delete from rmm_sync_run_errors where run_id in (select id from old)),
        plans as (delete from rmm_planned_changes where run_id in (select id from old)),
        divergences as (delete from rmm_run_divergences where run_id in (select id from old)),
        arrivals as (delete from rmm_sweep_arrivals where run_id in (select id from old))
        select count(*)::int as pruned from old`,
  );
  return row?.pruned ?? 0;
}

/**
 * Deletes relayed events from before an instant that have no pending delivery, over all tenants, at most `limit`.
 * Returns how many.
 */
export async function pruneEvents(
  db: Db,
  before: Date,
  { limit, skip = 0 }: { limit: number; skip?: number },
): Promise<number> {
  const [row] = await queryRows<{ pruned: number }>(
    db,
    sql`with old as (
          select e.id from rmm_events e
          where e.relayed_at is not null and e.occurred_at < ${before.toISOString()}
            and not exists (select from outgoing_deliveries d where d.event_id = e.id and d.status = 'pending')
          order by e.id limit ${limit} offset ${skip}
        ),
        gone as (delete from rmm_events where id in (select id from old))
        select count(*)::int as pruned from old`,
  );
  return row?.pruned ?? 0;
}
