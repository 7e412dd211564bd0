import { sql, type SQL } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import { byName } from "../shared/by-name";
import { isBeyond, keyOrder, keyValues, type KeyValues, type Slice, type SortKey } from "../shared/keyset";
import { contains } from "../shared/search";
import { keyArray, listStaleTotals, type StalePatch } from "./patch-totals";
import {
  assetFits,
  joinListedAssets,
  latestHour,
  lookUpListedAssets,
  updateFits,
  type PatchFilter,
} from "./pending-updates";

export const patchSorts = ["devices", "oldest", "seen", "name"] as const;
type PatchSort = (typeof patchSorts)[number];

export interface PatchOrder {
  sort: PatchSort;
  isReversed: boolean;
}

export interface PatchRow {
  key: string;
  name: string;
  category: string | null;
  kbIds: string[];
  /** The number of assets on which it is pending. */
  devices: number;
  firstSeenAt: string;
  /** Since when it has been pending on the asset that waits longest. */
  oldestAt: string;
  /** The row's position in the order. */
  keys: KeyValues;
  /** The number of updates in the whole list. */
  total: number;
}

const columns = {
  devices: { expression: sql`f.devices`, kind: "int", isDescending: true },
  oldest: { expression: sql`f.oldest`, kind: "instant", isDescending: false },
  seen: { expression: sql`f.first_seen`, kind: "instant", isDescending: true },
  name: { expression: byName(sql`f.name`), kind: "text", isDescending: false },
} as const satisfies Record<PatchSort, Omit<SortKey, "isNullable">>;

/** The sort keys of an order: the order's column, then the update's own key. */
export function patchKeys({ sort, isReversed }: PatchOrder): SortKey[] {
  const column = columns[sort];
  const way = { isDescending: column.isDescending !== isReversed, isNullable: false };
  return [
    { ...column, ...way },
    { expression: sql`f.key collate "C"`, kind: "text", ...way },
  ];
}

/**
 * How many stale updates a page counts itself. For the others it shows the totals of a minute ago, and new ones after a
 * first sync appear with the next count: counting all updates of a company took 1 to 2 s during a sync.
 */
const MAX_STALE = 1_000;

/** The most devices that these updates may have, by their last totals. */
const MAX_COUNTED = 20_000;

/**
 * The stale updates that a page counts itself: those on the fewest devices, as far as `MAX_COUNTED` allows, and all
 * mixed ones, which have no usable totals. The others keep their totals of a minute ago.
 */
function countedNow(stale: readonly StalePatch[]): string[] {
  let devices = 0;
  return [...stale]
    .sort((a, b) => a.devices - b.devices)
    .filter((patch) => (devices += patch.devices) <= MAX_COUNTED || patch.isMixed)
    .map(({ key }) => key);
}

/**
 * The number of assets on which each update is pending, and since when. Reads the totals, but counts stale updates, and
 * counts all updates if the filter names a client.
 */
function countedPatches(tenantId: string, filter: PatchFilter, stale: readonly StalePatch[], now: Date): SQL {
  const { clientId, minDays, category, type } = filter;
  const pending = sql`u.tenant_id = ${tenantId} and u.is_available and ${updateFits(filter, now)}`;
  const live = (updates: SQL, join: SQL) => sql`
    select u.patch_key as key, count(distinct l.asset_id)::int as devices, min(u.available_since) as oldest
    from ${updates} u ${join}
    where ${pending} and ${assetFits(filter)}
    group by u.patch_key`;
  const mixed = stale.filter(({ isMixed }) => isMixed);
  if (clientId !== undefined || mixed.length > MAX_STALE)
    return live(sql`rmm_device_updates`, joinListedAssets);
  const keys = keyArray(countedNow(stale));
  const old =
    minDays === undefined
      ? { devices: sql`t.devices`, join: sql``, isAny: sql`true` }
      : {
          devices: sql`w.devices`,
          join: sql`cross join lateral (
            select sum(devices) as devices from unnest(t.hours, t.hour_devices) as w(hour, devices)
            where w.hour < ${latestHour(now, minDays)}::int) w`,
          isAny: sql`w.devices > 0`,
        };
  const totals = sql`
    select t.patch_key as key, sum(${old.devices})::int as devices, min(t.oldest) as oldest
    from patch_totals t ${old.join}
    where ${old.isAny} and t.tenant_id = ${tenantId} and ${type === undefined ? sql`true` : sql`t.asset_type = ${type}`}
      and ${category === undefined ? sql`true` : category === "none" ? sql`t.category is null` : sql`t.category = ${category}`}
      and t.patch_key not in (select unnest(${keys}))
    group by t.patch_key`;
  if (stale.length === 0) return totals;
  // Reads each update by index. Without `lateral`, the planner would expect every update to be equally common, and read
  // all updates to find a hundred rare ones.
  const counted = sql`(
    select s.* from unnest(${keys}) k(key) cross join lateral (
      select u.* from rmm_device_updates u where u.patch_key = k.key and ${pending} offset 0) s)`;
  return sql`${totals} union all ${live(counted, lookUpListedAssets)}`;
}

/** A page of the pending updates, each once for any number of devices; two statements. */
export async function listPatches(
  tx: TenantDb,
  tenantId: string,
  filter: PatchFilter,
  order: PatchOrder,
  { after, limit }: Slice,
  now: Date,
): Promise<PatchRow[]> {
  const keys = patchKeys(order);
  const stale = await listStaleTotals(tx, tenantId, {
    limit: MAX_STALE,
    withMixed: filter.category !== undefined,
  });
  const named = filter.text === undefined ? sql`true` : hasText(filter.text);
  return queryRows<PatchRow>(
    tx,
    sql`
      with counted as materialized (
        ${countedPatches(tenantId, filter, stale, now)}
      ), fitting as materialized (
        select c.key, c.devices, c.oldest, latest.name, latest.category, latest.kb_ids, (
            select min(u.created_at) from rmm_device_updates u
            where u.tenant_id = ${tenantId} and u.patch_key = c.key
          ) as first_seen
        from counted c
        cross join lateral (
          select u.name, u.category, u.kb_ids from rmm_device_updates u
          where u.tenant_id = ${tenantId} and u.patch_key = c.key
          order by u.created_at desc limit 1
        ) latest
        where ${named}
      )
      select f.key, f.name, f.category, f.kb_ids as "kbIds", f.devices, f.first_seen as "firstSeenAt",
        f.oldest as "oldestAt", ${keyValues(keys)} as keys, (select count(*)::int from fitting) as total
      from fitting f
      where ${after === undefined ? sql`true` : isBeyond(keys, after)}
      order by ${keyOrder(keys)}
      limit ${limit}`,
  );
}

const hasText = (text: string) =>
  sql`(${contains(sql`latest.name`, text)} or ${contains(sql`array_to_string(latest.kb_ids, ' ')`, text)})`;

/** The categories that updates have had, ordered by name, at most `limit`. One statement, which skips equal values. */
export async function listPatchCategories(tx: TenantDb, tenantId: string, limit: number): Promise<string[]> {
  const rows = await queryRows<{ category: string }>(
    tx,
    sql`
      with recursive next as (
        (select category from rmm_device_updates
         where tenant_id = ${tenantId} and category is not null order by category limit 1)
        union all
        select (select u.category from rmm_device_updates u
                where u.tenant_id = ${tenantId} and u.category > next.category order by u.category limit 1)
        from next where next.category is not null
      )
      select category from next where category is not null limit ${limit}`,
  );
  return rows.map(({ category }) => category);
}
