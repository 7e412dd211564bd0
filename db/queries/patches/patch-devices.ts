import { sql, type SQL } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import type { AssetType } from "../../schema";
import { hasText } from "../assets/asset-filter";
import { isBeyond, keyOrder, keyValues, type KeyValues, type Slice, type SortKey } from "../shared/keyset";
import { assetFits, latestSince, type PatchFilter } from "./pending-updates";

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
  /** Since when its oldest pending update has been available. */
  oldestAt: string | null;
  /** The row's position in the order. */
  keys: KeyValues;
}

const columns = {
  patches: { expression: sql`l.pending_patches`, kind: "int", isDescending: true },
  oldest: { expression: sql`l.pending_since`, kind: "instant", isDescending: false },
  name: { expression: sql`l.name_key collate "C"`, kind: "text", isDescending: false },
} as const satisfies Record<PatchDeviceSort, Omit<SortKey, "isNullable">>;

/** The sort keys of the list of devices to be patched. */
export function patchDeviceKeys({ sort, isReversed }: PatchDeviceOrder): SortKey[] {
  const column = columns[sort];
  const way = { isDescending: column.isDescending !== isReversed, isNullable: false };
  // Of those that have waited equally long, as after a first sync, the ones with the most updates come first.
  const most = { ...columns.patches, isDescending: !isReversed, isNullable: false };
  return [
    { ...column, ...way },
    ...(sort === "oldest" ? [most] : []),
    { expression: sql`l.asset_id`, kind: "id", ...way },
  ];
}

/** The assets `l` with pending updates that the filter selects. */
const patched = (tenantId: string, filter: PatchFilter, now: Date): SQL => sql`
  from asset_list l
  where l.tenant_id = ${tenantId} and l.status = 'active' and l.pending_patches > 0
    and l.pending_since is not null and ${assetFits(filter)} and ${hasUpdate(filter, now)}
    and ${filter.text === undefined ? sql`true` : hasText(filter.text)}`;

/** A page of the assets with pending updates; one statement. */
export async function listPatchDevices(
  tx: TenantDb,
  tenantId: string,
  filter: PatchFilter,
  order: PatchDeviceOrder,
  { after, limit }: Slice,
  now: Date,
): Promise<PatchDeviceRow[]> {
  const keys = patchDeviceKeys(order);
  return queryRows<PatchDeviceRow>(
    tx,
    sql`
      with chosen as materialized (
        select l.*, ${keyValues(keys)} as keys
        ${patched(tenantId, filter, now)} and ${after === undefined ? sql`true` : isBeyond(keys, after)}
        order by ${keyOrder(keys)}
        limit ${limit}
      )
      select l.asset_id as id, a.name, l.asset_type as "assetType", l.client_id as "clientId", c.name as client,
        l.pending_patches as patches, l.pending_since as "oldestAt", l.keys
      from chosen l
      join assets a on a.id = l.asset_id
      left join clients c on c.id = l.client_id
      order by ${keyOrder(keys)}`,
  );
}

/** How many assets with pending updates the filter selects; one statement. */
export async function countPatchDevices(
  tx: TenantDb,
  tenantId: string,
  filter: PatchFilter,
  now: Date,
): Promise<number> {
  const [row] = await queryRows<{ n: number }>(
    tx,
    sql`select count(*)::int as n ${patched(tenantId, filter, now)}`,
  );
  return row!.n;
}

/**
 * Whether an asset has an update of the category that has been pending for so long. Both must hold for the same update,
 * because the age that the list shows belongs to the updates of that category.
 */
function hasUpdate({ category, minDays }: PatchFilter, now: Date): SQL {
  const since = minDays === undefined ? undefined : latestSince(now, minDays);
  if (category === undefined)
    return since === undefined ? sql`true` : sql`l.pending_since < ${since.toISOString()}::timestamptz`;
  const key = sql`left(${category === "none" ? "" : category}::text, 200)`;
  return since === undefined
    ? sql`l.pending_categories ? ${key}`
    : sql`(l.pending_categories ->> ${key})::bigint < ${since.getTime()}::bigint`;
}
