import { sql, type SQL } from "drizzle-orm";

import { FRESHNESS_DAYS, promisedMs } from "@domain/freshness";

import { queryRows, type Db, type TenantDb } from "../../client";
import { byClient } from "../shared/by-name";

interface Stretch {
  tenantId: string;
  connectionId: string;
  /** When the previous full sync ended; null for the first. */
  from: Date | null;
  /** When the full sync ended that has just confirmed the devices. */
  to: Date;
  /** How many milliseconds after a full sync its devices count as confirmed; null if no schedule makes a promise. */
  promise: number | null;
}

/** The UTC days that a period touches, each with its seconds in the period, and its seconds before `freshUntil`. */
const daysOf = (from: SQL, freshUntil: SQL, to: SQL): SQL => sql`
  select day::date as day,
    extract(epoch from least(${to}, day + interval '1 day') - greatest(${from}, day)) as seconds,
    greatest(0, extract(epoch from
      least(${to}, ${freshUntil}, day + interval '1 day') - greatest(${from}, day))) as fresh
  from generate_series(date_trunc('day', ${from}), ${to}, interval '1 day') day
  where least(${to}, day + interval '1 day') > greatest(${from}, day)`;

/** An instant as a UTC timestamp without time zone, which `date_trunc` divides into days. */
const utc = (instant: Date): SQL => sql`(${instant.toISOString()}::timestamptz at time zone 'UTC')`;

/**
 * Adds the time since the last full sync to the days of each client of a connection. Of a period longer than 30 days,
 * only the last 30 count. One statement for any number of devices and days.
 */
export async function recordFreshness(tx: TenantDb, stretch: Stretch): Promise<void> {
  const { tenantId, connectionId, to, promise } = stretch;
  const earliest = new Date(to.getTime() - FRESHNESS_DAYS * 86_400_000);
  // Without a promise it counts the devices, but no time.
  const last = promise === null ? null : stretch.from;
  const from = last === null ? to : new Date(Math.max(last.getTime(), earliest.getTime()));
  const freshUntil = new Date((last ?? to).getTime() + (promise ?? 0));
  await tx.execute(sql`
    with counted as (
      select a.client_id, count(*)::int as devices
      from tenant_external_entity_mappings m
      join assets a on a.tenant_id = m.tenant_id and a.id = m.asset_id
      where m.tenant_id = ${tenantId} and m.integration_id = ${connectionId} and m.external_type = 'device'
        and m.gone_at is null and a.client_id is not null
      group by a.client_id
    ),
    -- A client whose last device went today is left with none.
    clients_of_day as (
      select client_id, devices from counted
      union all
      select client_id, 0 from freshness_days
      where tenant_id = ${tenantId} and integration_id = ${connectionId} and day = (${utc(to)})::date
        and client_id not in (select client_id from counted)
    ),
    days as (
      ${daysOf(utc(from), utc(freshUntil), utc(to))}
      union all
      select (${utc(to)})::date, 0, 0
    )
    insert into freshness_days as f (tenant_id, integration_id, client_id, day, devices, device_seconds, fresh_seconds)
    select ${tenantId}, ${connectionId}, client_id, day, devices, round(devices * sum(seconds)),
      round(devices * sum(fresh))
    from clients_of_day cross join days group by client_id, day, devices
    on conflict (tenant_id, integration_id, day, client_id) do update set devices = excluded.devices,
      device_seconds = f.device_seconds + excluded.device_seconds,
      fresh_seconds = f.fresh_seconds + excluded.fresh_seconds`);
}

export interface FreshnessRow {
  /** A UTC day, for all clients together; null in a client's row, and in the row of all days and clients. */
  day: string | null;
  clientId: string | null;
  client: string | null;
  /** Between 0 and 1. */
  share: number;
}

/**
 * The share of device time that was fresh over the last 30 days, by day, by client and in all, including the time since
 * each connection's last full sync. One statement. Clients are ordered by share, the worst first.
 */
export async function readFreshness(tx: TenantDb, tenantId: string, now: Date): Promise<FreshnessRow[]> {
  const at = utc(now);
  const since = sql`(${at} - make_interval(days => ${FRESHNESS_DAYS - 1}::int))::date`;
  return queryRows<FreshnessRow>(
    tx,
    sql`
      with open as (
        select i.id, greatest(i.last_full_sync_at at time zone 'UTC', ${since}::timestamp) as since,
          i.last_full_sync_at at time zone 'UTC' + make_interval(secs => i.full_sync_interval_minutes * ${promisedMs(1) / 1000}::float8) as fresh_until,
          (i.last_full_sync_at at time zone 'UTC')::date as day
        from rmm_integrations i
        where i.tenant_id = ${tenantId} and i.status <> 'disconnected' and i.full_sync_enabled
          and i.last_full_sync_at < ${now.toISOString()}
      ),
      times as (
        select client_id, day, device_seconds as seconds, fresh_seconds as fresh
        from freshness_days where tenant_id = ${tenantId} and day >= ${since}
        union all
        select f.client_id, d.day, f.devices * d.seconds, f.devices * d.fresh
        from open o
        join freshness_days f on f.tenant_id = ${tenantId} and f.integration_id = o.id and f.day = o.day
        cross join lateral (${daysOf(sql`o.since`, sql`o.fresh_until`, at)}) d
      ),
      shares as (
        select day, client_id, sum(fresh) / sum(seconds) as share from times
        group by grouping sets ((day), (client_id), ()) having sum(seconds) > 0
      )
      select s.day::text, s.client_id as "clientId", c.name as client, s.share::float8 as share
      from shares s left join clients c on c.tenant_id = ${tenantId} and c.id = s.client_id
      where s.client_id is null or c.archived_at is null
      order by s.day, s.share, ${byClient()}, s.client_id`,
  );
}

/**
 * Deletes days before an instant, of all tenants, at most `limit` rows.
 * @returns how many rows it deleted
 */
export async function pruneFreshness(
  db: Db,
  before: Date,
  { limit, skip = 0 }: { limit: number; skip?: number },
): Promise<number> {
  const [row] = await queryRows<{ pruned: number }>(
    db,
    sql`with old as (
          select tenant_id, integration_id, day, client_id from freshness_days
          where day < (${utc(before)})::date order by 1, 2, 3, 4 limit ${limit} offset ${skip}
        ),
        gone as (delete from freshness_days where (tenant_id, integration_id, day, client_id) in (select * from old))
        select count(*)::int as pruned from old`,
  );
  return row?.pruned ?? 0;
}
