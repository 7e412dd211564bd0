import { sql } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import type { AssetType } from "../../schema";
import { hasText } from "../assets/asset-filter";
import { isBeyond, keyOrder, keyValues, type KeyValues, type SortKey } from "../shared/keyset";
import type { Slice } from "./patch-list";
import { assetFits, daysBefore, updateFits, type PatchFilter } from "./pending-updates";

export const patchDeviceSorts = ["patches", "oldest", "name"] as const;
type PatchDeviceSort = (typeof patchDeviceSorts)[number];

export interface PatchDeviceOrder {
  sort: PatchDeviceSort;
  isReversed: boolean;
}

export interface PatchDeviceRow {
  id: string;
  name: string;
  assetType: AssetType;
  clientId: string | null;
  client: string | null;
  patches: number;
  /** Since when the longest pending update is available. */
  oldestAt: string | null;
  /** Its place in the order. */
  keys: KeyValues;
  /** Of the whole list, not of the page. */
  total: number;
}

const columns = {
  patches: { expression: sql`l.pending_patches`, kind: "int", isDescending: true },
  oldest: { expression: sql`l.pending_since`, kind: "instant", isDescending: false },
  name: { expression: sql`l.name_key collate "C"`, kind: "text", isDescending: false },
} as const satisfies Record<PatchDeviceSort, Omit<SortKey, "isNullable">>;

export function patchDeviceKeys({ sort, isReversed }: PatchDeviceOrder): SortKey[] {
  const column = columns[sort];
  const way = { isDescending: column.isDescending !== isReversed, isNullable: false };
  // Of those that wait equally long, as after a first sync, the ones with the most first.
  const most = { ...columns.patches, isDescending: !isReversed, isNullable: false };
  return [
    { ...column, ...way },
    ...(sort === "oldest" ? [most] : []),
    { expression: sql`l.asset_id`, kind: "id", ...way },
  ];
}

/** Assets with pending updates; one statement. */
export async function listPatchDevices(
  tx: TenantDb,
  tenantId: string,
  filter: PatchFilter,
  order: PatchDeviceOrder,
  { after, limit }: Slice,
  now: Date,
): Promise<PatchDeviceRow[]> {
  const keys = patchDeviceKeys(order);
  const from = sql`
    from asset_list l
    where l.tenant_id = ${tenantId} and l.status = 'active' and l.pending_patches > 0
      and l.pending_since is not null and ${assetFits(filter)} and ${hasUpdate(filter, now)}
      and ${filter.text === undefined ? sql`true` : hasText(filter.text)}`;
  return queryRows<PatchDeviceRow>(
    tx,
    sql`
      with ${filter.category === undefined ? sql`` : withCategory(tenantId, filter, now)} chosen as materialized (
        select l.*, ${keyValues(keys)} as keys
        ${from} and ${after === undefined ? sql`true` : isBeyond(keys, after)}
        order by ${keyOrder(keys)}
        limit ${limit}
      )
      select l.asset_id as id, a.name, l.asset_type as "assetType", l.client_id as "clientId", c.name as client,
        l.pending_patches as patches, l.pending_since as "oldestAt", l.keys, (select count(*)::int ${from}) as total
      from chosen l
      join assets a on a.id = l.asset_id
      left join clients c on c.id = l.client_id
      order by ${keyOrder(keys)}`,
  );
}

/**
 * The assets of a category's updates: only those count, so that the age is theirs as well. `is true` keeps it a look into
 * a hash: as a join it becomes a loop within a loop on a database without statistics, 20 s instead of 5 ms for 120 assets.
 */
const withCategory = (tenantId: string, filter: PatchFilter, now: Date) => sql`
  devices_with_category as materialized (
    select u.integration_id, u.external_device_id from rmm_device_updates u
    where u.tenant_id = ${tenantId} and u.is_available and ${updateFits(filter, now)}
    group by u.integration_id, u.external_device_id
  ), with_category as materialized (
    select m.asset_id from tenant_external_entity_mappings m
    where m.tenant_id = ${tenantId} and m.external_type = 'device' and m.gone_at is null and m.asset_id is not null
      and ((m.integration_id, m.external_id) in (select * from devices_with_category)) is true
  ),`;

function hasUpdate(filter: PatchFilter, now: Date) {
  if (filter.category !== undefined) return sql`(l.asset_id in (select asset_id from with_category)) is true`;
  return filter.minDays === undefined
    ? sql`true`
    : sql`l.pending_since <= ${daysBefore(now, filter.minDays)}`;
}
