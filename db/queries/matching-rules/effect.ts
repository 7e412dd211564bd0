import { sql } from "drizzle-orm";

import type { MatchKey } from "@domain/identity";
import type { ConnectionRef } from "@domain/refs";

import { queryRows, type TenantDb } from "../../client";
import { textArray } from "../shared/arrays";

/** The devices that a connection's rules would have affected so far. All functions here only read. */

/** A number of devices that the approval rules treat alike. */
export interface DeviceKind {
  externalGroupId: string | null;
  assetType: string | null;
  devices: number;
}

/** Devices that the RMM first listed at or after an instant, and that have an asset. */
export const countNewDevices = (
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  since: Date,
): Promise<DeviceKind[]> =>
  queryRows<DeviceKind>(
    tx,
    sql`select m.external_group_id as "externalGroupId", a.asset_type as "assetType", count(*)::int as devices
        from tenant_external_entity_mappings m join assets a on a.id = m.asset_id
        where m.tenant_id = ${tenantId} and m.integration_id = ${connectionId} and m.external_type = 'device'
          and m.created_at >= ${since.toISOString()}
        group by 1, 2`,
  );

/** Devices that now wait for approval. */
export const countUnapproved = (
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
): Promise<DeviceKind[]> =>
  queryRows<DeviceKind>(
    tx,
    sql`select v.device ->> 'externalGroupId' as "externalGroupId", v.device ->> 'assetType' as "assetType",
          count(*)::int as devices
        from rmm_identity_reviews v
        where v.tenant_id = ${tenantId} and v.integration_id = ${connectionId} and v.reason = 'approval'
        group by 1, 2`,
  );

/** How many devices were linked to an existing asset by each key. */
export const countJoinedByKey = (
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
): Promise<{ by: MatchKey; devices: number }[]> =>
  queryRows<{ by: MatchKey; devices: number }>(
    tx,
    sql`select m.link ->> 'by' as by, count(*)::int as devices
        from tenant_external_entity_mappings m
        where m.tenant_id = ${tenantId} and m.integration_id = ${connectionId}
          and m.link ->> 'by' in ('serial', 'mac', 'hostname')
        group by 1`,
  );

/**
 * How many assets have each of the keys, by the key with its kind in front (`serials:`, `macs:`, `hostnames:`); one
 * statement.
 */
export async function countAssetsWithKeys(
  tx: TenantDb,
  tenantId: string,
  keys: { serials: string[]; macs: string[]; hostnames: string[] },
): Promise<Map<string, number>> {
  const rows = await queryRows<{ key: string; assets: number }>(
    tx,
    sql`select 'serials:' || serial_key as key, count(*)::int as assets from assets
        where tenant_id = ${tenantId} and serial_key = any(${textArray(keys.serials)}) group by 1
        union all
        select 'hostnames:' || hostname_key, count(*)::int from assets
        where tenant_id = ${tenantId} and hostname_key = any(${textArray(keys.hostnames)}) group by 1
        union all
        select 'macs:' || mac, count(*)::int from assets cross join lateral unnest(mac_keys) mac
        where tenant_id = ${tenantId} and mac_keys && ${textArray(keys.macs)}
          and mac = any(${textArray(keys.macs)}) group by 1`,
  );
  return new Map(rows.map(({ key, assets }) => [key, assets]));
}

/** How many assets of the connection also have a listed device of another connection. */
export async function countSharedAssets(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
): Promise<number> {
  const [row] = await queryRows<{ n: number }>(
    tx,
    sql`select count(distinct m.asset_id)::int as n from tenant_external_entity_mappings m
        where m.tenant_id = ${tenantId} and m.integration_id = ${connectionId} and m.gone_at is null
          and exists (
            select from tenant_external_entity_mappings o
            where o.tenant_id = ${tenantId} and o.asset_id = m.asset_id and o.integration_id <> ${connectionId}
              and o.gone_at is null)`,
  );
  return row!.n;
}
