import { asc, eq, getTableColumns, ne, sql } from "drizzle-orm";

import { queryRows, type Db } from "../../client";
import { rmmIntegrations, tenants } from "../../schema";

/** Figures over all tenants about the state of the installation. Counts and ids, no records. */

export interface OpenRuns {
  type: string;
  status: "queued" | "running";
  runs: number;
}

/** The numbers of queued and running runs by type, over all tenants. */
export async function countOpenRuns(db: Db): Promise<OpenRuns[]> {
  return queryRows<OpenRuns>(
    db,
    sql`select type, status, count(*)::int as runs from rmm_sync_runs
        where status in ('queued', 'running') group by type, status`,
  );
}

export interface OutboxDepth {
  waiting: number;
  /** Of the event that has waited longest; 0 when none waits. */
  oldestSeconds: number;
}

/** The number of events that the relay has not passed on, and the age of the oldest in seconds, over all tenants. */
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

/** Runs of the embedded runner that have not ended, by status. */
export async function countRunnerQueue(db: Db): Promise<{ status: string; runs: number }[]> {
  return queryRows<{ status: string; runs: number }>(
    db,
    sql`select status, count(*)::int as runs from runner.runs where ended_at is null group by status`,
  );
}

/** The connections that are not disconnected, with the state of their schedules. */
export async function listConnections(db: Db) {
  return db
    .select({ ...getTableColumns(rmmIntegrations), tenant: tenants.slug })
    .from(rmmIntegrations)
    .innerJoin(tenants, eq(tenants.id, rmmIntegrations.tenantId))
    .where(ne(rmmIntegrations.status, "disconnected"))
    .orderBy(asc(rmmIntegrations.id));
}

/** The database server's major version and clock. */
export async function readServer(db: Db): Promise<{ version: number; nowMs: number }> {
  const [row] = await queryRows<{ version: number; nowMs: number }>(
    db,
    sql`select current_setting('server_version_num')::int / 10000 as version,
          (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs"`,
  );
  return row!;
}
