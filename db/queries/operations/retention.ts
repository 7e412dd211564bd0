import { sql, type SQL } from "drizzle-orm";

import { queryRows, type Db } from "../../client";

/**
 * Deletes old rows. Each function deletes at most `limit` rows that ended before `before`, over all tenants, and
 * returns how many. Fewer than `limit` means that none are left.
 */

interface Batch {
  limit: number;
  skip?: number;
}

async function countPruned(db: Db, statement: SQL): Promise<number> {
  const [row] = await queryRows<{ pruned: number }>(db, statement);
  return row?.pruned ?? 0;
}

/**
 * Deletes resolved incidents with their alerts. Keeps incidents that a person took, acknowledged, closed, commented on
 * or opened a ticket for, and those with alerts that wait to be grouped. Deletes a storm only after its incidents.
 */
export const pruneResolvedIncidents = (db: Db, before: Date, { limit, skip = 0 }: Batch): Promise<number> =>
  countPruned(
    db,
    sql`with touched as materialized (
          select coalesce(i.merged_into_id, i.id) as id from incidents i
          where i.acknowledged_by is not null or i.owner_id is not null or i.closed_by_person_at is not null
            or exists (select from incident_entries e where e.incident_id = i.id and e.actor is not null)
            or exists (select from tickets t where t.incident_id = i.id)
            or exists (select from rmm_alerts a where a.incident_id = i.id and (
              a.status <> 'resolved' or a.resolved_at is null or a.resolved_at >= ${before.toISOString()}
              or a.acknowledged_by is not null or a.observed_via = 'person' or a.grouping_due > 0))
        ), old as (
          select i.id from incidents i
          where i.state = 'resolved' and i.resolved_at < ${before.toISOString()} and i.merged_into_id is null
            and not exists (select from touched t where t.id = i.id)
            and not exists (select from incidents part where part.storm_id = i.id)
          order by i.id limit ${limit} offset ${skip}
        ), alerts as (
          delete from rmm_alerts where incident_id in (
            select id from incidents where id in (select id from old) or merged_into_id in (select id from old))
        ), gone as (
          delete from incidents where id in (select id from old)
        )
        select count(*)::int as pruned from old`,
  );

/** Deletes the first rows, ordered by `id`, that meet the condition. */
const pruneWhere = (db: Db, table: SQL, condition: SQL, { limit, skip = 0 }: Batch): Promise<number> =>
  countPruned(
    db,
    sql`with old as (
          select id from ${table} where ${condition} order by id limit ${limit} offset ${skip}
        ), gone as (
          delete from ${table} where id in (select id from old)
        )
        select count(*)::int as pruned from old`,
  );

/**
 * Deletes updates that were installed or withdrawn, with their intervals. A person never decides on one device's
 * update.
 */
export const pruneClosedUpdates = (db: Db, before: Date, batch: Batch): Promise<number> =>
  pruneWhere(
    db,
    sql`rmm_device_updates`,
    sql`not is_available and ended_at < ${before.toISOString()}`,
    batch,
  );

/** Deletes earlier intervals of updates that are available again. */
export const pruneUpdateIntervals = (db: Db, before: Date, batch: Batch): Promise<number> =>
  pruneWhere(db, sql`rmm_update_intervals`, sql`ended_at < ${before.toISOString()}`, batch);

/** Deletes entries of the audit log. */
export const pruneAuditLog = (db: Db, before: Date, batch: Batch): Promise<number> =>
  pruneWhere(db, sql`audit_log`, sql`created_at < ${before.toISOString()}`, batch);

/**
 * Deletes the ids that the pages of ended runs listed, which are most of a run's size. A run needs them until its sweep
 * is concluded, and a person needs them to approve held removals, so those of connections with held changes stay.
 */
export const pruneSeenIds = (db: Db, before: Date, { limit, skip = 0 }: Batch): Promise<number> =>
  countPruned(
    db,
    sql`with old as (
          select r.id from rmm_sync_runs r
          where r.ended_at < ${before.toISOString()}
            and exists (select from rmm_sync_run_pages p where p.run_id = r.id and p.ids_seen <> '{}')
            and not exists (select from rmm_held_changes h
              where h.tenant_id = r.tenant_id and h.integration_id = r.integration_id)
          order by r.id limit ${limit} offset ${skip}
        ), cleared as (
          update rmm_sync_run_pages set ids_seen = '{}' where run_id in (select id from old) and ids_seen <> '{}'
        )
        select count(*)::int as pruned from old`,
  );
