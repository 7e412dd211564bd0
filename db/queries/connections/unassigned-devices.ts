import { sql } from "drizzle-orm";

import type { SkipReason } from "@domain/device-plan";

import { queryRows, type TenantDb } from "../../client";
import { byName } from "../shared/by-name";
import { isBeyond, keyOrder, keyValues, type KeyValues, type Slice, type SortKey } from "../shared/keyset";
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

const columns = sql`m.external_id as "externalId", m.display_name as name, m.skip_reason as reason,
  m.external_group_id as "externalGroupId", g.path as "groupPath", m.agent_status as "agentStatus",
  (extract(epoch from m.last_seen_at) * 1000)::float8 as "lastSeenMs"`;

export interface UnassignedFilter {
  reason: SkipReason | undefined;
  /** Part of the device's or its group's name. */
  text: string | undefined;
}

const unassigned = (tenantId: string, connectionId: string, { reason, text }: UnassignedFilter) => {
  const fits =
    text === undefined
      ? sql`true`
      : sql`(${contains(sql`m.display_name`, text)} or ${contains(sql`g.path`, text)})`;
  return sql`from tenant_external_entity_mappings m
    left join rmm_organization_mappings g on g.tenant_id = m.tenant_id and g.integration_id = m.integration_id
      and g.external_id = m.external_group_id
    where m.tenant_id = ${tenantId} and m.integration_id = ${connectionId} and m.external_type = 'device'
      and m.gone_at is null and m.skip_reason is not null
      and (${reason ?? null}::text is null or m.skip_reason = ${reason ?? null})
      and ${fits}`;
};

/** The order of the list: by the device's name. `external_entity_unassigned_idx` has it. */
export const unassignedKeys: SortKey[] = [
  { expression: byName(sql`m.display_name`), kind: "text", isDescending: false, isNullable: false },
  { expression: sql`m.id`, kind: "id", isDescending: false, isNullable: false },
];

/** The devices without a client, ordered by name: at most `limit`, after a place. */
export const listUnassignedDevices = (
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  filter: UnassignedFilter,
  { after, limit }: Slice,
): Promise<(UnassignedDevice & { keys: KeyValues })[]> =>
  queryRows<UnassignedDevice & { keys: KeyValues }>(
    tx,
    sql`select ${columns}, ${keyValues(unassignedKeys)} as keys ${unassigned(tenantId, connectionId, filter)}
          and ${after === undefined ? sql`true` : isBeyond(unassignedKeys, after)}
        order by ${keyOrder(unassignedKeys)} limit ${limit}::int`,
  );

/** The same devices ordered by their ids at the RMM: at most `limit`, after the id `after`. */
export const listUnassignedById = (
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  filter: UnassignedFilter,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<UnassignedDevice[]> =>
  queryRows<UnassignedDevice>(
    tx,
    sql`select ${columns} ${unassigned(tenantId, connectionId, filter)}
          and ${after === undefined ? sql`true` : sql`m.external_id > ${after}`}
        order by m.external_id limit ${limit}`,
  );

/** The number of a connection's devices without a client that match the filter. */
export async function countUnassignedDevices(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  filter: UnassignedFilter,
): Promise<number> {
  const [row] = await queryRows<{ n: number }>(
    tx,
    sql`select count(*)::int as n ${unassigned(tenantId, connectionId, filter)}`,
  );
  return row!.n;
}
