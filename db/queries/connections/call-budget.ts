import { sql } from "drizzle-orm";

import { DAY_MS, HOUR_MS } from "@domain/durations";
import type { ConnectionRef } from "@domain/refs";
import { ACTIVE_ALERTS } from "@domain/sync-words";

import { queryRows, type TenantDb } from "../../client";

const ASKED_ABOUT_MS = 30 * DAY_MS;

/** How many of the last scheduled runs of each kind the averages include. */
const JUDGED_BY = 10;

interface CallCounts {
  /** The average number of calls of a scheduled run; null before the first run. */
  callsPerFullSync: number | null;
  callsPerComparison: number | null;
  /** Calls of the last 24 hours: those made by a schedule, and all others. */
  scheduledCalls: number;
  otherCalls: number;
  /** Runs of the last 30 days that the RMM slowed down. */
  slowedRuns: number;
  /** How many answers had status 429. */
  rateLimits: number;
  runs: number;
  lostMs: number;
}

/** How many calls a connection made to the RMM, in runs and outside of them. One statement. */
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
  const dayAgo = new Date(now.getTime() - DAY_MS).toISOString();
  const monthAgo = new Date(now.getTime() - ASKED_ABOUT_MS).toISOString();
  // Also includes the hour in which the period begins.
  const isWithin = (since: string) => sql`hour > ${since}::timestamptz - interval '1 hour'`;
  const [row] = await queryRows<CallCounts>(
    tx,
    sql`select ${average("full", "")} as "callsPerFullSync", ${average("alerts", ACTIVE_ALERTS)} as "callsPerComparison",
          r.scheduled + o.scheduled as "scheduledCalls", r.others + o.others as "otherCalls", r."slowedRuns", r.runs,
          r."rateLimits" + o."rateLimits" as "rateLimits", r."lostMs"
        from (
          select coalesce(sum(requests) filter (where requested_at >= ${dayAgo} and trigger = 'schedule'), 0)::int as scheduled,
            coalesce(sum(requests) filter (where requested_at >= ${dayAgo} and trigger <> 'schedule'), 0)::int as others,
            (count(*) filter (where rate_limited_ms > 0))::int as "slowedRuns", count(*)::int as runs,
            coalesce(sum(rate_limits), 0)::int as "rateLimits", coalesce(sum(rate_limited_ms), 0)::float8 as "lostMs"
          from rmm_sync_runs
          where ${ofConnection} and requested_at >= ${monthAgo} and started_at is not null) r,
        (
          select coalesce(sum(requests) filter (where ${isWithin(dayAgo)} and is_scheduled), 0)::int as scheduled,
            coalesce(sum(requests) filter (where ${isWithin(dayAgo)} and not is_scheduled), 0)::int as others,
            coalesce(sum(rate_limits), 0)::int as "rateLimits"
          from connection_calls where ${ofConnection} and ${isWithin(monthAgo)}) o`,
  );
  return row!;
}

interface CallsTaken {
  requests: number;
  rateLimits: number;
  isScheduled: boolean;
}

/** Adds calls outside of runs to the current hour, and deletes hours that pages do not show any more. */
export async function countCalls(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  { requests, rateLimits, isScheduled }: CallsTaken,
  now: Date,
): Promise<void> {
  const hour = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS).toISOString();
  await tx.execute(sql`
    insert into connection_calls as c (tenant_id, integration_id, hour, is_scheduled, requests, rate_limits)
    values (${tenantId}, ${connectionId}, ${hour}, ${isScheduled}, ${requests}, ${rateLimits})
    on conflict (integration_id, hour, is_scheduled) do update
      set requests = c.requests + excluded.requests, rate_limits = c.rate_limits + excluded.rate_limits`);
  const forgotten = new Date(now.getTime() - ASKED_ABOUT_MS - DAY_MS).toISOString();
  await tx.execute(sql`
    delete from connection_calls
    where tenant_id = ${tenantId} and integration_id = ${connectionId} and hour < ${forgotten}`);
}
