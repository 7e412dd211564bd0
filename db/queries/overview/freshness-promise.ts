import { sql } from "drizzle-orm";

import { DAY_MS } from "@domain/durations";
import { PROMISE_DAYS, type PromiseDay, type PromiseState } from "@domain/freshness-promise";

import { queryRows, type Db, type TenantDb } from "../../client";

export interface PromisingConnection {
  id: string;
  label: string;
  percent: number;
  promisedHours: number | null;
  fullSyncIntervalMinutes: number;
  lastFullSyncMs: number;
  sampledMs: number | null;
  brokenMs: number | null;
  heldMs: number | null;
}

const promises = sql`i.promised_percent is not null and i.full_sync_enabled and i.status <> 'disconnected'
  and i.last_full_sync_at is not null`;

/** The ids of tenants with a connection that makes a promise, or made one at the last sample. */
export async function listTenantsWithPromises(db: Db): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    db,
    sql`select i.tenant_id as id from rmm_integrations i where ${promises}
        union select tenant_id from freshness_promises order by id`,
  );
  return rows.map(({ id }) => id);
}

/**
 * The tenant's connections that make a promise, with the state of each. Deletes the states of other connections. Locks
 * the promises of the tenant until the transaction ends. Two statements.
 */
export async function listPromising(tx: TenantDb, tenantId: string): Promise<PromisingConnection[]> {
  await tx.execute(sql`
    with locked as materialized (
      select pg_advisory_xact_lock(hashtextextended(${`freshness-promise ${tenantId}`}, 0)))
    delete from freshness_promises p using rmm_integrations i, locked
    where p.tenant_id = ${tenantId} and i.tenant_id = p.tenant_id and i.id = p.integration_id and not (${promises})`);
  return queryRows<PromisingConnection>(
    tx,
    sql`select i.id, i.label, i.promised_percent as percent, i.promised_hours as "promisedHours",
          i.full_sync_interval_minutes as "fullSyncIntervalMinutes",
          (extract(epoch from i.last_full_sync_at) * 1000)::float8 as "lastFullSyncMs",
          (extract(epoch from p.sampled_at) * 1000)::float8 as "sampledMs",
          (extract(epoch from p.broken_since) * 1000)::float8 as "brokenMs",
          (extract(epoch from p.held_since) * 1000)::float8 as "heldMs"
        from rmm_integrations i
        left join freshness_promises p on p.tenant_id = i.tenant_id and p.integration_id = i.id
        where i.tenant_id = ${tenantId} and ${promises} order by i.id`,
  );
}

/** When the full syncs of connections ended, since an instant; oldest first. */
export async function listFullSyncEnds(
  tx: TenantDb,
  tenantId: string,
  since: Date,
): Promise<{ connectionId: string; endedMs: number }[]> {
  // The index orders runs by request. A run takes hours at most, so two days earlier is early enough.
  const requestedSince = new Date(since.getTime() - 2 * DAY_MS).toISOString();
  return queryRows(
    tx,
    sql`select integration_id as "connectionId", (extract(epoch from ended_at) * 1000)::float8 as "endedMs"
        from rmm_sync_runs
        where tenant_id = ${tenantId} and type = 'full' and status in ('completed', 'completed_with_errors')
          and requested_at >= ${requestedSince} and ended_at >= ${since.toISOString()}
        order by ended_at`,
  );
}

/**
 * By connection: the share of its devices that device runs have read since the instant given for it, between 0 and 1.
 * Only the runs show this, because reading an unchanged device writes nothing else.
 */
export async function readShares(
  tx: TenantDb,
  tenantId: string,
  connections: readonly { connectionId: string; since: Date }[],
): Promise<Map<string, number>> {
  if (connections.length === 0) return new Map();
  const rows = await queryRows<{ connectionId: string; share: number }>(
    tx,
    sql`with late as (
          select * from jsonb_to_recordset(${JSON.stringify(connections)}::jsonb) c("connectionId" uuid, since timestamptz)
        ),
        read as (
          select distinct c."connectionId", r.target_external_id as id
          from late c
          join rmm_sync_runs r on r.tenant_id = ${tenantId} and r.integration_id = c."connectionId"
            and r.type = 'device' and r.requested_at >= c.since and r.status in ('completed', 'completed_with_errors')
        )
        select c."connectionId",
          avg(case when r.id is not null then 1 else 0 end)::float8 as share
        from late c
        join tenant_external_entity_mappings m on m.tenant_id = ${tenantId} and m.integration_id = c."connectionId"
          and m.external_type = 'device' and m.gone_at is null
        left join read r on r."connectionId" = c."connectionId" and r.id = m.external_id
        group by c."connectionId"`,
  );
  return new Map(rows.map(({ connectionId, share }) => [connectionId, share]));
}

export interface PromiseRecord {
  connectionId: string;
  state: PromiseState;
  days: PromiseDay[];
}

/** Adds samples to their days, and stores the states of the promises. Two statements. */
export async function recordPromises(
  tx: TenantDb,
  tenantId: string,
  records: readonly PromiseRecord[],
): Promise<void> {
  if (records.length === 0) return;
  const states = records.map(({ connectionId, state }) => ({ connectionId, ...state }));
  await tx.execute(sql`
    insert into freshness_promises as p (tenant_id, integration_id, sampled_at, broken_since, held_since)
    select ${tenantId}, "connectionId", "sampledAt", "brokenSince", "heldSince"
    from jsonb_to_recordset(${JSON.stringify(states)}::jsonb)
      r("connectionId" uuid, "sampledAt" timestamptz, "brokenSince" timestamptz, "heldSince" timestamptz)
    on conflict (integration_id) do update set sampled_at = excluded.sampled_at,
      broken_since = excluded.broken_since, held_since = excluded.held_since`);
  const days = records.flatMap(({ connectionId, days: ofOne }) =>
    ofOne.map((day) => ({ connectionId, ...day })),
  );
  await tx.execute(sql`
    insert into freshness_promise_days as d (tenant_id, integration_id, day, samples, missed, allowed)
    select ${tenantId}, "connectionId", day, samples, missed, allowed
    from jsonb_to_recordset(${JSON.stringify(days)}::jsonb)
      r("connectionId" uuid, day date, samples int, missed float8, allowed float8)
    on conflict (tenant_id, integration_id, day) do update set samples = d.samples + excluded.samples,
      missed = d.missed + excluded.missed, allowed = d.allowed + excluded.allowed`);
}

export interface PromiseHistory extends PromiseDay {
  connectionId: string;
  connection: string;
  brokenMs: number | null;
}

/** The samples of the last 30 days of the connections that make a promise, or of the given one. */
export async function listPromiseDays(
  tx: TenantDb,
  tenantId: string,
  now: Date,
  connectionId?: string,
): Promise<PromiseHistory[]> {
  const since = new Date(now.getTime() - (PROMISE_DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
  const narrowed = connectionId === undefined ? sql`` : sql`and p.integration_id = ${connectionId}`;
  return queryRows<PromiseHistory>(
    tx,
    sql`select d.integration_id as "connectionId", i.label as connection, d.day::text, d.samples, d.missed, d.allowed,
          (extract(epoch from p.broken_since) * 1000)::float8 as "brokenMs"
        from freshness_promises p
        join rmm_integrations i on i.tenant_id = p.tenant_id and i.id = p.integration_id
        join freshness_promise_days d on d.tenant_id = p.tenant_id and d.integration_id = p.integration_id
        where p.tenant_id = ${tenantId} and d.day >= ${since}::date ${narrowed}
        order by i.created_at, i.id, d.day`,
  );
}

export interface PromiseFigures {
  connectionId: string;
  isBroken: boolean;
  /** The used part of the allowance; null without samples. */
  used: number | null;
}

/** The states of the promises of all tenants, for metrics. */
export async function measurePromises(db: Db, now: Date): Promise<PromiseFigures[]> {
  const since = new Date(now.getTime() - (PROMISE_DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
  return queryRows<PromiseFigures>(
    db,
    sql`select p.integration_id as "connectionId", p.broken_since is not null as "isBroken",
          sum(d.missed) / nullif(sum(d.allowed), 0) as used
        from freshness_promises p
        left join freshness_promise_days d on d.tenant_id = p.tenant_id and d.integration_id = p.integration_id
          and d.day >= ${since}::date
        group by p.integration_id, p.broken_since order by 1`,
  );
}

/**
 * Deletes days before an instant, of all tenants, at most `limit` rows.
 * @returns how many rows it deleted
 */
export async function prunePromiseDays(
  db: Db,
  before: Date,
  { limit, skip = 0 }: { limit: number; skip?: number },
): Promise<number> {
  const [row] = await queryRows<{ pruned: number }>(
    db,
    sql`with old as (
          select tenant_id, integration_id, day from freshness_promise_days
          where day < ${before.toISOString().slice(0, 10)}::date order by 1, 2, 3 limit ${limit} offset ${skip}
        ),
        gone as (delete from freshness_promise_days where (tenant_id, integration_id, day) in (select * from old))
        select count(*)::int as pruned from old`,
  );
  return row?.pruned ?? 0;
}
