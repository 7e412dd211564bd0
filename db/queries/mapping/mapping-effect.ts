import { sql, type SQL } from "drizzle-orm";

import type { AssetMove } from "@domain/client-moves";
import type { DeviceBucket } from "@domain/mapping-effect";
import type { ConnectionRef } from "@domain/refs";

import { queryRows, type TenantDb } from "../../client";
import type { IdentityFields } from "../../schema";
import { uuidArray } from "../shared/arrays";

/** Predicts the next complete sweep before a mapping is saved. All functions here only read. */

/** The client to which a mapping leads a group. */
export interface GroupTarget {
  externalGroupId: string;
  /** Null if the group's devices have no client. */
  clientId: string | null;
  /**
   * Whether a person decided on the group since the last complete sweep. Changes that follow from a decision are not
   * held.
   */
  isWanted: boolean;
}

/** Devices that are not gone, with their changes pending review. `m` is the device, `a` its asset. */
const devicesOf = ({ tenantId, connectionId }: ConnectionRef): SQL => sql`
  tenant_external_entity_mappings m
  left join assets a on a.id = m.asset_id
  left join rmm_held_changes move on move.tenant_id = m.tenant_id and move.integration_id = m.integration_id
    and move.kind = 'move' and move.external_id = m.external_id and move.state = 'held'
  left join rmm_held_changes removal on removal.tenant_id = m.tenant_id and removal.integration_id = m.integration_id
    and removal.kind = 'removal' and removal.external_id = m.external_id
  where m.tenant_id = ${tenantId} and m.integration_id = ${connectionId} and m.external_type = 'device'
    and m.gone_at is null`;

const isKept = sql`coalesce('client' = any(a.held_fields), false)`;

const undoneMove = sql`case when a.undone ? 'client' then jsonb_build_object('toClientId', a.undone -> 'client') end`;

/** Counts devices by group and present state. The number of rows depends on the groups, not on the devices. */
export async function countDeviceBuckets(tx: TenantDb, scope: ConnectionRef): Promise<DeviceBucket[]> {
  return queryRows<DeviceBucket>(
    tx,
    sql`select m.external_group_id as "externalGroupId", a.id is not null as "hasAsset", a.client_id as "clientId",
          ${isKept} as "isKept", ${undoneMove} as "undoneMove", m.skip_reason is null as "isSynced", move.id is not null as "hasHeldMove",
          removal.state as removal, count(*)::int as devices
        from ${devicesOf(scope)}
        group by 1, 2, 3, 4, 5, 6, 7, 8`,
  );
}

const targetRows = (targets: GroupTarget[]): SQL => sql`
  jsonb_to_recordset(${JSON.stringify(targets)}::text::jsonb)
    as t("externalGroupId" text, "clientId" uuid, "isWanted" boolean)`;

/**
 * Assets that would change client, ordered by name, at most `limit`. The devices of a group outside `targets` have no
 * client. Skips assets whose client was set by hand or whose move there a person undid, and those already pending
 * review. With `holdsUnwanted`, also skips
 * moves that the mapping did not ask for, because all of those would be held.
 */
export async function listAffectedAssets(
  tx: TenantDb,
  scope: ConnectionRef,
  targets: GroupTarget[],
  holdsUnwanted: boolean,
  limit: number,
): Promise<AssetMove[]> {
  return queryRows<AssetMove>(
    tx,
    sql`select m.id as "assetId", m.name, m.client_id as "fromClientId", t."clientId" as "toClientId"
        from (select a.id, a.name, a.client_id, ${undoneMove} as undone_move, m.external_group_id, m.skip_reason, move.id as move_id
                from ${devicesOf(scope)} and removal.id is null and a.id is not null and not ${isKept}) m
        join asset_list l on l.asset_id = m.id
        left join ${targetRows(targets)} on t."externalGroupId" = m.external_group_id
        where m.client_id is distinct from t."clientId"
          and (m.undone_move is null or m.undone_move ->> 'toClientId' is distinct from t."clientId"::text)
          and (coalesce(t."isWanted", false) or m.skip_reason is not null or m.client_id is null
            or (m.move_id is null and not ${holdsUnwanted}))
        order by l.name_key collate "C", m.id limit ${limit}`,
  );
}

/** The assets among these that have a listed device in this account without a held removal. */
export async function listAssetsStillListed(
  tx: TenantDb,
  scope: ConnectionRef,
  assetIds: string[],
): Promise<Set<string>> {
  if (assetIds.length === 0) return new Set();
  const rows = await queryRows<{ assetId: string }>(
    tx,
    sql`select distinct a.id as "assetId" from ${devicesOf(scope)} and removal.id is null
          and a.id = any(${uuidArray(assetIds)})`,
  );
  return new Set(rows.map((row) => row.assetId));
}

export interface LikelyDevice extends IdentityFields, Record<string, unknown> {
  deviceRowId: string;
  clientId: string;
}

/**
 * Devices without an asset that get a client and share a serial number, a MAC address or (within the client) a hostname
 * with any asset; no other device can match one. Ordered by when they were first listed, after the device `afterId`.
 * Uses only joins, because a look-up would run once for each device.
 */
export async function listDevicesLikeAssets(
  tx: TenantDb,
  scope: ConnectionRef,
  targets: GroupTarget[],
  page: { afterId: string | null; limit: number },
): Promise<LikelyDevice[]> {
  const { tenantId } = scope;
  return queryRows<LikelyDevice>(
    tx,
    sql`with fresh as materialized (
          select m.id as "deviceRowId", t."clientId", k.*
          from (select m.id, m.external_group_id, m.identity from ${devicesOf(scope)}
                  and a.id is null and removal.id is null and m.identity is not null
                  and (${page.afterId}::uuid is null or m.id > ${page.afterId}::uuid)) m
          join ${targetRows(targets)} on t."externalGroupId" = m.external_group_id and t."clientId" is not null
          cross join lateral jsonb_to_record(m.identity)
            as k("serialKey" text, "macKeys" text[], "hostnameKey" text, manufacturer text, model text, "diskBytes" jsonb)
        )
        select * from fresh where "deviceRowId" in (
          select "deviceRowId" from fresh f where exists (
            select from assets a where a.tenant_id = ${tenantId} and a.serial_key = f."serialKey")
          union
          select "deviceRowId" from fresh f where exists (
            select from assets a where a.tenant_id = ${tenantId} and a.client_id = f."clientId"
              and a.hostname_key = f."hostnameKey")
          union
          select "deviceRowId" from (select "deviceRowId", unnest("macKeys") as mac from fresh) f where exists (
            select from (select unnest(mac_keys) as mac from assets where tenant_id = ${tenantId}) a
            where a.mac = f.mac))
        order by "deviceRowId" limit ${page.limit}`,
  );
}
