import { sql } from "drizzle-orm";

import type { ConnectionRef } from "@domain/refs";
import { ACTIVE_ALERTS } from "@domain/sync-words";

import { queryRows, type TenantDb } from "../../client";

/** By how many of the last scheduled runs of each kind the next are judged. */
const JUDGED_BY = 10;

interface CallCounts {
  /** Calls of one scheduled run, on average over the last; null before the first. */
  callsPerFullSync: number | null;
  callsPerComparison: number | null;
  /** Of the last 24 hours: of scheduled runs, and of all others. */
  scheduledCalls: number;
  otherCalls: number;
  /** Of the last 30 days: runs that the RMM asked to slow down, all runs, and the time that was lost. */
  slowedRuns: number;
  /** How often it answered 429. */
  rateLimits: number;
  runs: number;
  lostMs: number;
}

/** What the runs of a connection took of the RMM's calls. One statement. */
export async function readCallCounts(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  now: Date,
): Promise<CallCounts> {
  const ofConnection = sql`tenant_id = ${tenantId} and integration_id = ${connectionId}`;
  const average = (type: "full" | "alerts", target: string) => sql`(
    select avg(requests)::float8 from (
      select requests from rmm_sync_runs
      where ${ofConnection} and type = ${type} and target_external_id = ${target} and trigger = 'schedule'
        and status in ('completed', 'completed_with_errors')
      order by requested_at desc limit ${JUDGED_BY}) last)`;
  const dayAgo = new Date(now.getTime() - 86_400_000).toISOString();
  const monthAgo = new Date(now.getTime() - 30 * 86_400_000).toISOString();
  const [row] = await queryRows<CallCounts>(
    tx,
    sql`select ${average("full", "")} as "callsPerFullSync", ${average("alerts", ACTIVE_ALERTS)} as "callsPerComparison",
          coalesce(sum(requests) filter (where requested_at >= ${dayAgo} and trigger = 'schedule'), 0)::int as "scheduledCalls",
          coalesce(sum(requests) filter (where requested_at >= ${dayAgo} and trigger <> 'schedule'), 0)::int as "otherCalls",
          (count(*) filter (where rate_limited_ms > 0))::int as "slowedRuns", count(*)::int as runs,
          coalesce(sum(rate_limits), 0)::int as "rateLimits",
          coalesce(sum(rate_limited_ms), 0)::float8 as "lostMs"
        from rmm_sync_runs
        where ${ofConnection} and requested_at >= ${monthAgo} and started_at is not null`,
  );
  return row!;
}
