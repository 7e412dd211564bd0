import { sql, type SQL } from "drizzle-orm";

import { queryRows, type Db, type TenantDb } from "../../client";
import { joinListedAssets } from "./pending-updates";

/** The ids of tenants with stale totals; one statement. */
export const listTenantsWithStalePatches = async (db: Db): Promise<string[]> => {
  const rows = await queryRows<{ id: string }>(
    db,
    sql`
      with recursive next as (
        (select tenant_id as id from stale_patches order by tenant_id limit 1)
        union all
        select (select s.tenant_id from stale_patches s where s.tenant_id > next.id order by s.tenant_id limit 1)
        from next where next.id is not null
      )
      select id from next where id is not null`,
  );
  return rows.map(({ id }) => id);
};

/** Keys of updates as a single parameter. The planner sees how many there are. */
export const keyArray = (keys: readonly string[]): SQL => sql`${`{${keys.join(",")}}`}::text[]`;

/** Steps through an index from one stale update to the next, however many marks each has. */
const walkStale = (tenantId: string): SQL => sql`
  walked as (
    (select patch_key from stale_patches where tenant_id = ${tenantId} order by patch_key limit 1)
    union all
    select (select s.patch_key from stale_patches s
            where s.tenant_id = ${tenantId} and s.patch_key > w.patch_key order by s.patch_key limit 1)
    from walked w where w.patch_key is not null
  )`;

/** Updates with stale totals, at most `limit`; one statement. */
async function listStalePatches(tx: TenantDb, tenantId: string, limit: number): Promise<string[]> {
  const rows = await queryRows<{ key: string }>(
    tx,
    sql`with recursive ${walkStale(tenantId)}
        select patch_key as key from walked where patch_key is not null limit ${limit}::int`,
  );
  return rows.map(({ key }) => key);
}

/** An update whose totals are not usable. */
export interface StalePatch {
  key: string;
  /** The number of devices by its last totals; 0 if it was never counted. */
  devices: number;
  /** Whether its category differs between assets, so that no total gives the assets of one category. */
  isMixed: boolean;
}

/**
 * Updates with stale totals, at most `limit`, and, if `withMixed` is set, those whose category differs between assets,
 * at most one more than `limit`. One statement.
 */
export const listStaleTotals = (
  tx: TenantDb,
  tenantId: string,
  { limit, withMixed }: { limit: number; withMixed: boolean },
): Promise<StalePatch[]> =>
  queryRows<StalePatch>(
    tx,
    sql`
      with recursive ${walkStale(tenantId)}, asked as (
        (select patch_key as key, false as "isMixed" from walked where patch_key is not null limit ${limit}::int)
        union all
        (select distinct patch_key, true from patch_totals
         where tenant_id = ${tenantId} and not has_one_category and ${withMixed ? sql`true` : sql`false`}
         limit ${limit + 1}::int)
      )
      select key, bool_or("isMixed") as "isMixed", coalesce((
          select sum(t.devices) from patch_totals t where t.tenant_id = ${tenantId} and t.patch_key = key
        ), 0)::int as devices
      from asked group by key`,
  );

/**
 * Counts the assets that wait for updates with stale totals, for at most `limit` updates. Three statements. A change
 * that is not committed at the time of counting keeps its mark.
 * @returns how many updates it counted
 */
export async function recountPatchTotals(tx: TenantDb, tenantId: string, limit: number): Promise<number> {
  // Without the lock, of two simultaneous counts the one that began first could write last.
  await queryRows(tx, sql`select pg_advisory_xact_lock(hashtextextended(${`patch-totals ${tenantId}`}, 0))`);
  const stale = await listStalePatches(tx, tenantId, limit);
  if (stale.length === 0) return 0;
  const keys = keyArray(stale);
  await queryRows(
    tx,
    sql`
      with marks as (
        delete from stale_patches where tenant_id = ${tenantId} and patch_key = any(${keys})
      ), pairs as (
        select u.patch_key, l.asset_type, min(u.available_since) as since, min(u.category) as first_category,
          max(u.category) as last_category, count(u.category) as with_category, count(*) as updates
        from rmm_device_updates u ${joinListedAssets}
        where u.tenant_id = ${tenantId} and u.is_available and u.patch_key = any(${keys})
        group by u.patch_key, l.asset_type, l.asset_id
      ), by_hour as (
        select patch_key, asset_type, floor(extract(epoch from since) / 3600)::int as hour, count(*)::int as devices,
          min(since) as oldest, min(first_category) as first_category, max(last_category) as last_category,
          sum(with_category) as with_category, sum(updates) as updates
        from pairs group by 1, 2, 3
      ), counted as materialized (
        select patch_key, asset_type, sum(devices)::int as devices, min(oldest) as oldest,
          min(first_category) as category,
          min(first_category) is not distinct from max(last_category)
            and sum(with_category) in (0, sum(updates)) as has_one_category,
          array_agg(hour order by hour) as hours, array_agg(devices order by hour) as hour_devices
        from by_hour group by patch_key, asset_type
      ), emptied as (
        delete from patch_totals t
        where t.tenant_id = ${tenantId} and t.patch_key = any(${keys}) and not exists (
          select from counted c where c.patch_key = t.patch_key and c.asset_type = t.asset_type)
      )
      insert into patch_totals as t (tenant_id, patch_key, asset_type, devices, oldest, category, has_one_category,
        hours, hour_devices)
      select ${tenantId}::uuid, patch_key, asset_type, devices, oldest, category, has_one_category, hours, hour_devices
      from counted
      on conflict (tenant_id, patch_key, asset_type) do update set devices = excluded.devices,
        oldest = excluded.oldest, category = excluded.category, has_one_category = excluded.has_one_category,
        hours = excluded.hours, hour_devices = excluded.hour_devices
      where t.* is distinct from excluded.*`,
  );
  return stale.length;
}
