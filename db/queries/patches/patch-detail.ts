import { sql, type SQL } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import type { AssetType } from "../../schema";
import { isBeyond, keyOrder, keyValues, type KeyValues, type Slice, type SortKey } from "../shared/keyset";
import { contains } from "../shared/search";
import { assetFits, joinListedAssets, updateFits, type PatchFilter } from "./pending-updates";

export interface PatchFacts {
  name: string;
  category: string | null;
  kbIds: string[];
  version: string | null;
  publishedOn: string | null;
  firstSeenAt: string;
}

/** The name of an update, and when any device was first offered it; undefined if the tenant never had it. */
export async function getPatch(tx: TenantDb, tenantId: string, key: string): Promise<PatchFacts | undefined> {
  const [row] = await queryRows<PatchFacts>(
    tx,
    sql`select name, category, kb_ids as "kbIds", version, published_on as "publishedOn", (
            select min(created_at) from rmm_device_updates where tenant_id = ${tenantId} and patch_key = ${key}
          ) as "firstSeenAt"
        from rmm_device_updates where tenant_id = ${tenantId} and patch_key = ${key}
        order by created_at desc limit 1`,
  );
  return row;
}

export const patchStates = ["pending", "closed", "all"] as const;
type PatchState = (typeof patchStates)[number];

interface Interval {
  startedAt: string;
  /** Null while the interval lasts. */
  endedAt: string | null;
}

export interface PatchOfDevice {
  id: string;
  assetId: string;
  name: string;
  assetType: AssetType;
  clientId: string | null;
  client: string | null;
  error: string | null;
  firstSeenAt: string;
  /** Oldest first. The last interval may be open. */
  intervals: Interval[];
  /** The row's position in the order. */
  keys: KeyValues;
}

/** The sort keys: by when each device was first offered the update. */
export const patchDetailKeys: SortKey[] = [
  { expression: sql`u.created_at`, kind: "instant", isDescending: false, isNullable: false },
  { expression: sql`u.id`, kind: "id", isDescending: false, isNullable: false },
];

type DevicesOfPatch = PatchFilter & { state: PatchState };

/** The updates `u` with this key of the assets `a` that the filter selects. */
function offered(tenantId: string, key: string, filter: DevicesOfPatch, now: Date): SQL {
  const states = { pending: sql`u.is_available`, closed: sql`not u.is_available`, all: sql`true` };
  return sql`
    from rmm_device_updates u ${joinListedAssets}
    join assets a on a.id = l.asset_id
    where u.tenant_id = ${tenantId} and u.patch_key = ${key} and ${states[filter.state]}
      and ${updateFits(filter, now)} and ${assetFits(filter)}
      and ${filter.text === undefined ? sql`true` : contains(sql`a.name`, filter.text)}`;
}

/** The devices that were offered an update, those offered it earliest first; one statement. */
export async function listDevicesOfPatch(
  tx: TenantDb,
  tenantId: string,
  key: string,
  filter: DevicesOfPatch,
  { after, limit }: Slice,
  now: Date,
): Promise<PatchOfDevice[]> {
  return queryRows<PatchOfDevice>(
    tx,
    sql`
      with page as materialized (
        select u.id, a.id as asset_id, a.name, a.asset_type, a.client_id, u.error, u.created_at, u.available_since,
          u.ended_at, ${keyValues(patchDetailKeys)} as keys
        ${offered(tenantId, key, filter, now)} and ${after === undefined ? sql`true` : isBeyond(patchDetailKeys, after)}
        order by ${keyOrder(patchDetailKeys)}
        limit ${limit}
      )
      select p.id, p.asset_id as "assetId", p.name, p.asset_type as "assetType", p.client_id as "clientId",
        c.name as client, p.error, p.created_at as "firstSeenAt", p.keys, ${intervalsOf(tenantId)} as intervals
      from page p left join clients c on c.id = p.client_id
      order by p.created_at, p.id`,
  );
}

/** How many assets were offered an update; one statement. */
export async function countDevicesOfPatch(
  tx: TenantDb,
  tenantId: string,
  key: string,
  filter: DevicesOfPatch,
  now: Date,
): Promise<number> {
  const [row] = await queryRows<{ n: number }>(
    tx,
    sql`select count(distinct a.id)::int as n ${offered(tenantId, key, filter, now)}`,
  );
  return row!.n;
}

/** The intervals of an update `p`, as JSON. */
const intervalsOf = (tenantId: string) => sql`(
  select json_agg(json_build_object('startedAt', i.started_at, 'endedAt', i.ended_at) order by i.started_at)
  from (
    select started_at, ended_at from rmm_update_intervals where tenant_id = ${tenantId} and update_id = p.id
    union all select p.available_since, p.ended_at
  ) i)`;

export interface PatchReviewRow {
  id: string;
  asset: string | null;
  assetType: AssetType | null;
  client: string | null;
  externalDeviceId: string;
  name: string;
  category: string | null;
  kbIds: string[];
  error: string | null;
  intervals: Interval[];
}

/**
 * The updates of devices that were pending at some time in a period, with their intervals. Ordered by id, at most
 * `limit` after the update `after`; one statement.
 */
export async function listReview(
  tx: TenantDb,
  tenantId: string,
  filter: PatchFilter,
  period: { from: Date; to: Date },
  { after, limit }: { after: string | undefined; limit: number },
): Promise<PatchReviewRow[]> {
  const [from, to] = [period.from.toISOString(), period.to.toISOString()];
  return queryRows<PatchReviewRow>(
    tx,
    sql`
      with page as materialized (
        select u.id, u.name, u.category, u.kb_ids, u.error, u.external_device_id, u.available_since, u.ended_at,
          a.name as asset, l.asset_type, l.client_id
        from rmm_device_updates u
        left join tenant_external_entity_mappings m on m.tenant_id = u.tenant_id
          and m.integration_id = u.integration_id and m.external_type = 'device'
          and m.external_id = u.external_device_id
        left join assets a on a.id = m.asset_id
        left join asset_list l on l.asset_id = m.asset_id
        where u.tenant_id = ${tenantId} and u.id > ${after ?? "00000000-0000-0000-0000-000000000000"}
          and u.created_at < ${to}
          and (u.ended_at is null or u.ended_at >= ${from} or exists (
            select 1 from rmm_update_intervals i
            where i.tenant_id = ${tenantId} and i.update_id = u.id and i.ended_at >= ${from} and i.started_at < ${to}))
          and ${updateFits({ category: filter.category, minDays: undefined }, period.to)} and ${assetFits(filter)}
        order by u.id
        limit ${limit}
      )
      select p.id, p.asset, p.asset_type as "assetType", c.name as client, p.external_device_id as "externalDeviceId",
        p.name, p.category, p.kb_ids as "kbIds", p.error, ${intervalsOf(tenantId)} as intervals
      from page p left join clients c on c.id = p.client_id
      order by p.id`,
  );
}
