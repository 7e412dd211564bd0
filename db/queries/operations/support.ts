import { desc, sql } from "drizzle-orm";

import { queryRows, type Db } from "../../client";
import { ownTableNames } from "../../own-tables";
import { rmmSyncRuns } from "../../schema";

/** Facts over all tenants for somebody who helps from outside: ids, states, counts and errors, never records. */

/**
 * The server's version, the database's size, and how many of its connections are open, busy for over a minute, or
 * waiting for a lock.
 */
export async function readDatabaseFacts(db: Db): Promise<Record<string, unknown>> {
  const [row] = await queryRows(
    db,
    sql`select version() as version, pg_database_size(current_database())::float8 as bytes,
          current_setting('max_connections')::int as "maxConnections",
          (select count(*)::int from pg_stat_activity where datname = current_database()) as connections,
          (select count(*)::int from pg_stat_activity where datname = current_database()
             and state = 'active' and now() - query_start > interval '1 minute') as "activeForAMinute",
          (select count(*)::int from pg_locks where not granted) as "waitingForLocks"`,
  );
  return row!;
}

/** The size of our tables. `rows` is the planner's estimate; null if it has not analysed the table yet. */
export const readTableSizes = (db: Db): Promise<{ table: string; rows: number | null; bytes: number }[]> =>
  queryRows(
    db,
    sql`select format('%I.%I', n.nspname, c.relname) as "table", nullif(c.reltuples, -1)::float8 as rows,
          pg_total_relation_size(c.oid)::float8 as bytes
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and (n.nspname = 'runner' or n.nspname = 'public' and c.relname in ${ownTableNames})
        order by 3 desc`,
  );

/** How many companies, people, connections and assets there are. */
export async function countThings(db: Db): Promise<Record<string, unknown>> {
  const [row] = await queryRows(
    db,
    sql`select (select count(*)::int from tenants) as tenants, (select count(*)::int from users) as people,
          (select count(*)::int from rmm_integrations) as connections, (select count(*)::int from clients) as clients,
          (select count(*)::int from assets) as assets,
          (select count(*)::int from rmm_alerts where status = 'active') as "activeAlerts"`,
  );
  return row!;
}

const RUNS = 200;

/** The latest runs of all tenants, without the people who asked for them. */
export const listLastRuns = (db: Db) =>
  db
    .select({
      id: rmmSyncRuns.id,
      tenantId: rmmSyncRuns.tenantId,
      connectionId: rmmSyncRuns.connectionId,
      type: rmmSyncRuns.type,
      trigger: rmmSyncRuns.trigger,
      transport: rmmSyncRuns.transport,
      status: rmmSyncRuns.status,
      stage: rmmSyncRuns.stage,
      pages: rmmSyncRuns.pages,
      itemsSeen: rmmSyncRuns.itemsSeen,
      itemsFailed: rmmSyncRuns.itemsFailed,
      requests: rmmSyncRuns.requests,
      retries: rmmSyncRuns.retries,
      rateLimitedMs: rmmSyncRuns.rateLimitedMs,
      degraded: rmmSyncRuns.degraded,
      errorCode: rmmSyncRuns.errorCode,
      errorMessage: rmmSyncRuns.errorMessage,
      requestedAt: rmmSyncRuns.requestedAt,
      startedAt: rmmSyncRuns.startedAt,
      heartbeatAt: rmmSyncRuns.heartbeatAt,
      endedAt: rmmSyncRuns.endedAt,
    })
    .from(rmmSyncRuns)
    .orderBy(desc(rmmSyncRuns.requestedAt))
    .limit(RUNS);

/**
 * How many records and fields of the latest runs could not be stored, by run, resource and field. Leaves out their
 * values.
 */
export const countLastErrors = (db: Db): Promise<Record<string, unknown>[]> =>
  queryRows(
    db,
    sql`select run_id as "runId", resource, field, count(*)::int as records
        from rmm_sync_run_errors
        where run_id in (select id from rmm_sync_runs order by requested_at desc limit ${RUNS})
        group by run_id, resource, field order by records desc limit 500`,
  );

/** The numbers of received deliveries, of events to subscriptions and of the runner's steps, by state. */
export const countQueues = (db: Db): Promise<{ queue: string; state: string; rows: number }[]> =>
  queryRows(
    db,
    sql`select 'webhook deliveries received' as queue, outcome as state, count(*)::int as rows
        from rmm_webhook_deliveries group by outcome
        union all
        select 'events to subscriptions', status, count(*)::int from outgoing_deliveries group by status
        union all
        select 'steps of the embedded runner', state, count(*)::int from runner.steps group by state
        order by 1, 2`,
  );
