import { sql, type SQL } from "drizzle-orm";

import type { SkipReason } from "@domain/device-plan";

import { queryRows, type TenantDb } from "../../client";
import { uuidArray } from "../shared/arrays";
import {
  isPastPlace,
  keyOrder,
  keyValues,
  pastAndNearest,
  type KeyValues,
  type KeysetPlace,
  type PageSlice,
  type PlaceCount,
  type SortKey,
} from "../shared/keyset";
import { contains } from "../shared/search";

export interface UnassignedDevice {
  externalId: string;
  name: string;
  reason: SkipReason;
  externalGroupId: string | null;
  groupPath: string | null;
  agentStatus: "online" | "offline" | null;
  /** In milliseconds since 1970. */
  lastSeenMs: number | null;
}

export interface UnassignedFilter {
  reason: SkipReason | undefined;
  /** Part of the device's or its group's name. */
  text: string | undefined;
}

const unassigned = (
  tenantId: string,
  connectionId: string,
  { reason, text }: UnassignedFilter,
): SQL => sql`from tenant_external_entity_mappings m
  where m.tenant_id = ${tenantId} and m.integration_id = ${connectionId} and m.external_type = 'device'
    and m.gone_at is null and m.unassigned_key is not null and m.skip_reason is not null
    and (${reason ?? null}::text is null or m.skip_reason = ${reason ?? null})
    and ${text === undefined ? sql`true` : isNamed(tenantId, connectionId, text)}`;

/** Whether the name of the device, or the path of its group, contains a text. Computes each path once. */
const isNamed = (tenantId: string, connectionId: string, text: string): SQL =>
  sql`(${contains(sql`m.display_name`, text)} or m.external_group_id in (
    select g.external_id from rmm_organization_mappings g
    where g.tenant_id = ${tenantId} and g.integration_id = ${connectionId} and ${contains(sql`g.path`, text)}))`;

/** The order of the list: by the device's name. */
export const unassignedKeys: SortKey[] = [
  { expression: sql`m.unassigned_key collate "C"`, kind: "text", isDescending: false, isNullable: false },
  { expression: sql`m.id`, kind: "id", isDescending: false, isNullable: false },
];

/** The columns of devices `m`, and where to find the group. */
const shown = (tenantId: string, devices: SQL, ...more: SQL[]): SQL => sql`
  select ${sql.join(
    [
      sql`m.external_id as "externalId", m.display_name as name, m.skip_reason as reason,
        m.external_group_id as "externalGroupId", g.path as "groupPath", m.agent_status as "agentStatus",
        (extract(epoch from m.last_seen_at) * 1000)::float8 as "lastSeenMs"`,
      ...more,
    ],
    sql`, `,
  )}
  from (select m.* ${devices}) m
  left join rmm_organization_mappings g on g.tenant_id = ${tenantId} and g.integration_id = m.integration_id
    and g.external_id = m.external_group_id`;

/**
 * A page of the devices without a client, ordered by name.
 * @param foundIds what `countUnassignedDevices` found: few rows are read by their ids, for an index in the order of the
 * names would be read to its end to find them
 */
export const listUnassignedDevices = (
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  filter: UnassignedFilter,
  slice: PageSlice,
  foundIds: string[] | null,
): Promise<(UnassignedDevice & { keys: KeyValues })[]> => {
  const found =
    foundIds === null
      ? unassigned(tenantId, connectionId, filter)
      : sql`${unassigned(tenantId, connectionId, { ...filter, text: undefined })} and m.id = any(${uuidArray(foundIds)})`;
  const devices = sql`${found} and ${pastAndNearest(unassignedKeys, slice)}`;
  return queryRows<UnassignedDevice & { keys: KeyValues }>(
    tx,
    sql`${shown(tenantId, devices, sql`${keyValues(unassignedKeys)} as keys`)} order by ${keyOrder(unassignedKeys)}`,
  );
};

/** The same devices ordered by their ids at the RMM: at most `limit`, after the id `after`. */
export const listUnassignedById = (
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  filter: UnassignedFilter,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<UnassignedDevice[]> => {
  const devices = sql`${unassigned(tenantId, connectionId, filter)}
    and ${after === undefined ? sql`true` : sql`m.external_id > ${after}`} order by m.external_id limit ${limit}`;
  return queryRows<UnassignedDevice>(tx, sql`${shown(tenantId, devices)} order by m.external_id`);
};

/** A search that finds no more devices than this names them, so that the page is read by their ids. */
const MAX_NAMED = 1000;

export interface UnassignedCount extends PlaceCount {
  /** The ids of the rows that a search finds, if they are few; else null. */
  foundIds: string[] | null;
}

/** The number of a connection's devices without a client that match the filter, and of those past a place. */
export async function countUnassignedDevices(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  filter: UnassignedFilter,
  place: KeysetPlace,
): Promise<UnassignedCount> {
  const ids =
    filter.text === undefined
      ? sql`null::uuid[]`
      : sql`case when count(*) <= ${MAX_NAMED}::int then coalesce(array_agg(m.id), '{}') end`;
  const [row] = await queryRows<UnassignedCount>(
    tx,
    sql`select count(*)::int as total, (count(*) filter (where ${isPastPlace(unassignedKeys, place, true)}))::int as past,
          to_json(${ids}) as "foundIds"
        ${unassigned(tenantId, connectionId, filter)}`,
  );
  return row!;
}
