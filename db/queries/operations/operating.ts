import { asc, eq, getTableColumns, ne, sql } from "drizzle-orm";

import { queryRows, type Db } from "../../client";
import { rmmIntegrations, tenants } from "../../schema";

/** Numbers about the state of the installation, over all tenants: counts and ids, never records. */

export interface OpenRuns {
  type: string;
  status: "queued" | "running";
  runs: number;
}

/** The number of open runs, over all tenants, by type and status. */
export async function countOpenRuns(db: Db): Promise<OpenRuns[]> {
  return queryRows<OpenRuns>(
    db,
    sql`select type, status, count(*)::int as runs from rmm_sync_runs
        where status in ('queued', 'running') group by type, status`,
  );
}

export interface OutboxDepth {
  waiting: number;
  /** The age of the oldest waiting event, in seconds; 0 if none waits. */
  oldestSeconds: number;
}

/** The number of events that wait for the relay, and the age of the oldest, over all tenants. */
export async function measureOutbox(db: Db, now: Date): Promise<OutboxDepth> {
  const [row] = await queryRows<OutboxDepth>(
    db,
    sql`select count(*)::int as waiting,
          greatest(0, coalesce(extract(epoch from ${now.toISOString()}::timestamptz - min(occurred_at)), 0))::float8
            as "oldestSeconds"
        from rmm_events where relayed_at is null`,
  );
  return row ?? { waiting: 0, oldestSeconds: 0 };
}

/** The number of the embedded runner's open runs, by status. */
export async function countRunnerQueue(db: Db): Promise<{ status: string; runs: number }[]> {
  return queryRows<{ status: string; runs: number }>(
    db,
    sql`select status, count(*)::int as runs from runner.runs where ended_at is null group by status`,
  );
}

/** The connections of all tenants that are not disconnected, with the state of their schedules. */
export async function listConnections(db: Db) {
  return db
    .select({ ...getTableColumns(rmmIntegrations), tenant: tenants.slug })
    .from(rmmIntegrations)
    .innerJoin(tenants, eq(tenants.id, rmmIntegrations.tenantId))
    .where(ne(rmmIntegrations.status, "disconnected"))
    .orderBy(asc(rmmIntegrations.id));
}

/** The database server's major version and its clock, in ms since 1970. */
export async function readServer(db: Db): Promise<{ version: number; nowMs: number }> {
  const [row] = await queryRows<{ version: number; nowMs: number }>(
    db,
    sql`select current_setting('server_version_num')::int / 10000 as version,
          (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs"`,
  );
  return row!;
}
