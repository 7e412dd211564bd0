import { sql } from "drizzle-orm";

import { DAY_MS, HOUR_MS } from "@domain/durations";
import type { ConnectionRef } from "@domain/refs";
import { ACTIVE_ALERTS } from "@domain/sync-words";

import { queryRows, type TenantDb } from "../../client";

const ASKED_ABOUT_MS = 30 * DAY_MS;

/** By how many of the last scheduled runs of each kind the next are judged. */
const JUDGED_BY = 10;

interface CallCounts {
  /** Calls of one scheduled run, on average over the last; null before the first. */
  callsPerFullSync: number | null;
  callsPerComparison: number | null;
  /** Of the last 24 hours: by schedule, and all others. */
  scheduledCalls: number;
  otherCalls: number;
  /** Of the last 30 days: runs that the RMM asked to slow down, all runs, and the time that was lost. */
  slowedRuns: number;
  /** How often it answered 429. */
  rateLimits: number;
  runs: number;
  lostMs: number;
}

/** What a connection took of the RMM's calls, in runs and outside of them. One statement. */
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
  // An hour that began before and ends within counts.
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

/** Counts calls outside of runs with those of the hour, and deletes hours that are no longer shown. */
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
