import { sql, type SQL } from "drizzle-orm";

import type { LedgerReason } from "../../../domain/device-ledger";
import { queryRows, type TenantDb } from "../../client";
import { ledgerLocks, type AssetType } from "../../schema";
import { byClient } from "../shared/by-name";

export interface LedgerFilter {
  /** `none` finds devices without a client. */
  clientId: string | undefined;
  type: AssetType | undefined;
}

/** The condition that a row `d` of days or entries matches the filter. */
function fits({ clientId, type }: LedgerFilter): SQL {
  const ofClient =
    clientId === undefined
      ? sql`true`
      : clientId === "none"
        ? sql`d.client_id is null`
        : sql`d.client_id = ${clientId}`;
  return type === undefined ? ofClient : sql`${ofClient} and d.asset_type = ${type}`;
}

/** The last counted day that meets the condition `until`; its counts hold until the next counted day. */
const lastDay = (tenantId: string, until: SQL) =>
  sql`(select max(day) from ledger_days where tenant_id = ${tenantId} and ${until})`;

export interface CountChange {
  clientId: string | null;
  client: string | null;
  assetType: AssetType;
  /** The count at the end of the day before the period, and the count at its end. */
  before: number;
  after: number;
  joined: number;
  left: number;
}

/** By client and type: the counts before and at the end of a period, and the changes in between. */
export async function compareCounts(
  tx: TenantDb,
  tenantId: string,
  { since, until }: { since: string; until: string },
  filter: LedgerFilter,
): Promise<CountChange[]> {
  return queryRows<CountChange>(
    tx,
    sql`
      with summed as (
        select d.client_id, d.asset_type, d.devices as before, 0 as after, 0 as joined, 0 as gone
        from ledger_days d
        where d.tenant_id = ${tenantId} and ${fits(filter)}
          and d.day = ${lastDay(tenantId, sql`day < ${since}::date`)}
        union all
        select d.client_id, d.asset_type, 0, d.devices, 0, 0 from ledger_days d
        where d.tenant_id = ${tenantId} and ${fits(filter)}
          and d.day = ${lastDay(tenantId, sql`day <= ${until}::date`)}
        union all
        select d.client_id, d.asset_type, 0, 0, greatest(d.change, 0), greatest(-d.change, 0) from ledger_entries d
        where d.tenant_id = ${tenantId} and ${fits(filter)} and d.day between ${since}::date and ${until}::date
      ), counted as materialized (
        select client_id, asset_type, sum(before)::int as before, sum(after)::int as after, sum(joined)::int as joined,
          sum(gone)::int as left
        from summed group by client_id, asset_type
      )
      select s.client_id as "clientId", c.name as client, s.asset_type as "assetType", s.before, s.after, s.joined, s.left
      from counted s left join clients c on c.id = s.client_id
      order by ${byClient()} nulls last, s.client_id, s.asset_type`,
  );
}

export interface LedgerEntry {
  id: number;
  day: string;
  assetId: string;
  name: string;
  /** Whether the asset still exists. */
  exists: boolean;
  assetType: AssetType;
  clientId: string | null;
  client: string | null;
  change: 1 | -1;
  reason: LedgerReason;
  otherClient: string | null;
}

/**
 * The devices that changed a count in a period, latest first: at most `limit`, after the entry `before`. One statement.
 */
export async function listLedgerEntries(
  tx: TenantDb,
  tenantId: string,
  { since, until }: { since: string; until: string },
  filter: LedgerFilter,
  { before, limit }: { before: number | undefined; limit: number },
): Promise<LedgerEntry[]> {
  return queryRows<LedgerEntry>(
    tx,
    sql`
      with page as materialized (
        select d.* from ledger_entries d
        where d.tenant_id = ${tenantId} and ${fits(filter)} and d.day between ${since}::date and ${until}::date
          and (${before ?? null}::bigint is null or d.id < ${before ?? null}::bigint)
        order by d.id desc limit ${limit}
      )
      select p.id::float8 as id, p.day::text as day, p.asset_id as "assetId", p.name,
        exists (select 1 from assets a where a.tenant_id = ${tenantId} and a.id = p.asset_id) as exists,
        p.asset_type as "assetType", p.client_id as "clientId", c.name as client, p.change, p.reason,
        o.name as "otherClient"
      from page p
      left join clients c on c.id = p.client_id
      left join clients o on o.id = p.other_client_id
      order by p.id desc`,
  );
}

export interface LedgerPoint {
  day: string;
  servers: number;
  workstations: number;
  patches: number;
}

/** The counts of each counted day since a day; one statement. */
export async function listLedgerSeries(
  tx: TenantDb,
  tenantId: string,
  since: string,
  filter: LedgerFilter,
): Promise<LedgerPoint[]> {
  return queryRows<LedgerPoint>(
    tx,
    sql`
      select d.day::text as day,
        coalesce(sum(d.devices) filter (where d.asset_type = 'server' and ${fits(filter)}), 0)::int as servers,
        coalesce(sum(d.devices) filter (where d.asset_type = 'workstation' and ${fits(filter)}), 0)::int as workstations,
        coalesce(sum(d.patches) filter (where ${fits(filter)}), 0)::int as patches
      from ledger_days d where d.tenant_id = ${tenantId} and d.day >= ${since}::date
      group by d.day order by d.day`,
  );
}

export interface DayCount {
  day: string;
  clientId: string | null;
  client: string | null;
  assetType: AssetType;
  devices: number;
}

/** The counts of the first counted day of a month after the given day; empty if there is none. */
export async function listNextDay(
  tx: TenantDb,
  tenantId: string,
  { month, after }: { month: string; after: string | undefined },
): Promise<DayCount[]> {
  return queryRows<DayCount>(
    tx,
    sql`
      select d.day::text as day, d.client_id as "clientId", c.name as client, d.asset_type as "assetType", d.devices
      from ledger_days d left join clients c on c.id = d.client_id
      where d.tenant_id = ${tenantId} and d.day = (
        select min(day) from ledger_days where tenant_id = ${tenantId}
          and day >= ${month}::date and day < ${month}::date + interval '1 month'
          and (${after ?? null}::date is null or day > ${after ?? null}::date))
      order by ${byClient()} nulls last, d.client_id, d.asset_type`,
  );
}

export interface LedgerMonth {
  /** The month's first day. */
  month: string;
  /** How many of its days were counted, and the number of devices at the end of the last one. */
  days: number;
  devices: number;
  lockedBy: string | null;
  lockedAt: string | null;
}

/** The months with counted days, latest first. One statement, which steps from day to day through the index. */
export async function listLedgerMonths(
  tx: TenantDb,
  tenantId: string,
  limit: number,
): Promise<LedgerMonth[]> {
  return queryRows<LedgerMonth>(
    tx,
    sql`
      with recursive counted as (
        select max(day) as day from ledger_days where tenant_id = ${tenantId}
        union all
        select (select max(d.day) from ledger_days d where d.tenant_id = ${tenantId} and d.day < c.day)
        from counted c where c.day is not null
      ), months as (
        select date_trunc('month', day)::date as month, count(*)::int as days, max(day) as last_day
        from counted where day is not null group by 1 order by 1 desc limit ${limit}
      )
      select m.month::text as month, m.days, (
          select sum(devices)::int from ledger_days where tenant_id = ${tenantId} and day = m.last_day
        ) as devices, k.locked_by as "lockedBy", k.locked_at as "lockedAt"
      from months m left join ledger_locks k on k.tenant_id = ${tenantId} and k.month = m.month
      order by m.month desc`,
  );
}

/** Locks a month. Returns false if it is already locked. */
export async function lockLedgerMonth(
  tx: TenantDb,
  row: { tenantId: string; month: string; lockedBy: string; lockedAt: Date },
): Promise<boolean> {
  const rows = await tx
    .insert(ledgerLocks)
    .values(row)
    .onConflictDoNothing()
    .returning({ month: ledgerLocks.month });
  return rows.length > 0;
}
