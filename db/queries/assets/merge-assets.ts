import { sql } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import type { MergeUndo } from "../../schema";
import { textArray, uuidArray } from "../shared/arrays";
import { moveAssetChanges, returnAssetChanges } from "./asset-changes";

/** Merges two assets into one, and separates them again. */

export interface MergeSide {
  id: string;
  createdMs: number;
  isListed: boolean;
  isOnline: boolean;
  seenMs: number | null;
  devices: number;
  alerts: number;
}

/** The facts by which to tell which of two assets is the current one; one statement. */
export async function listMergeSides(
  tx: TenantDb,
  tenantId: string,
  assetIds: [string, string],
): Promise<MergeSide[]> {
  return queryRows<MergeSide>(
    tx,
    sql`select a.id, (extract(epoch from a.created_at) * 1000)::float8 as "createdMs",
          coalesce(m.listed, false) as "isListed", coalesce(m.online, false) as "isOnline",
          (extract(epoch from m.seen_at) * 1000)::float8 as "seenMs", coalesce(m.n, 0)::int as devices,
          (select count(*) from rmm_alerts r where r.tenant_id = ${tenantId} and r.asset_id = a.id)::int as alerts
        from assets a left join lateral (
          select count(*) as n, bool_or(d.gone_at is null and i.status <> 'disconnected') as listed,
            bool_or(d.gone_at is null and d.agent_status = 'online') as online, max(d.last_seen_at) as seen_at
          from tenant_external_entity_mappings d join rmm_integrations i on i.id = d.integration_id
          where d.tenant_id = ${tenantId} and d.asset_id = a.id) m on true
        where a.tenant_id = ${tenantId} and a.id = any(${uuidArray(assetIds)})`,
  );
}

/** The ids of the connections whose devices are linked to the assets. */
export async function listIntegrationsOfAssets(
  tx: TenantDb,
  tenantId: string,
  assetIds: string[],
): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    tx,
    sql`select distinct integration_id as id from tenant_external_entity_mappings
        where tenant_id = ${tenantId} and asset_id = any(${uuidArray(assetIds)})`,
  );
  return rows.map(({ id }) => id);
}

interface Pair {
  keptId: string;
  mergedId: string;
}

/** Both assets as they are before a merge, so that it can be undone; one statement. */
export async function readMergeUndo(
  tx: TenantDb,
  tenantId: string,
  { keptId, mergedId }: Pair,
): Promise<MergeUndo> {
  const both = uuidArray([keptId, mergedId]);
  const [row] = await queryRows<MergeUndo & Record<string, unknown>>(
    tx,
    sql`select (select to_jsonb(a) from assets a where a.tenant_id = ${tenantId} and a.id = ${keptId}) as kept,
          (select to_jsonb(a) from assets a where a.tenant_id = ${tenantId} and a.id = ${mergedId}) as merged,
          (select coalesce(jsonb_agg(to_jsonb(d)), '[]') from asset_details d
           where d.tenant_id = ${tenantId} and d.asset_id = any(${both})) as details,
          (select coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'assetId', m.asset_id, 'skipReason', m.skip_reason)),
             '[]') from tenant_external_entity_mappings m
           where m.tenant_id = ${tenantId} and m.asset_id = any(${both})) as devices,
          (select coalesce(jsonb_agg(r.id), '[]') from rmm_alerts r
           where r.tenant_id = ${tenantId} and r.asset_id = ${mergedId}) as "alertIds"`,
  );
  return row!;
}

/**
 * Moves everything of the merged asset to the kept one, with the details of the current asset. If the current asset has
 * a listed device, the listed devices of the former one end without an asset.
 * @returns the listed devices of the kept asset
 */
export async function joinAssets(
  tx: TenantDb,
  tenantId: string,
  { keptId, mergedId, formerId, currentId }: Pair & { formerId: string; currentId: string },
  now: Date,
): Promise<DeviceOfAsset[]> {
  const at = now.toISOString();
  await tx.execute(sql`
    update tenant_external_entity_mappings m
    set asset_id = null, skip_reason = 'superseded', updated_at = ${at}
    where m.tenant_id = ${tenantId} and m.asset_id = ${formerId} and m.gone_at is null
      and exists (
        select from tenant_external_entity_mappings c
        where c.tenant_id = ${tenantId} and c.asset_id = ${currentId} and c.gone_at is null)`);
  await tx.execute(sql`
    update tenant_external_entity_mappings set asset_id = ${keptId}, updated_at = ${at}
    where tenant_id = ${tenantId} and asset_id = ${mergedId}`);
  for (const table of ["rmm_alerts", "rmm_held_changes"])
    await tx.execute(sql`
      update ${sql.identifier(table)} set asset_id = ${keptId} where tenant_id = ${tenantId} and asset_id = ${mergedId}`);
  await tx.execute(sql`
    update rmm_identity_reviews set candidates = replace(candidates::text, ${mergedId}, ${keptId})::jsonb
    where tenant_id = ${tenantId} and candidates::text like ${`%${mergedId}%`}`);
  if (currentId === mergedId) {
    const hasDetails = sql`exists (
      select from asset_details where tenant_id = ${tenantId} and asset_id = ${mergedId})`;
    await tx.execute(
      sql`delete from asset_details where tenant_id = ${tenantId} and asset_id = ${keptId} and ${hasDetails}`,
    );
    await tx.execute(
      sql`update asset_details set asset_id = ${keptId} where tenant_id = ${tenantId} and asset_id = ${mergedId}`,
    );
  }
  await moveAssetChanges(tx, tenantId, { keptId, mergedId });
  await tx.execute(sql`delete from assets where tenant_id = ${tenantId} and id = ${mergedId}`);
  return listDevicesOf(tx, tenantId, [keptId]);
}

interface DeviceOfAsset {
  connectionId: string;
  externalId: string;
  assetId: string;
}

const listDevicesOf = (tx: TenantDb, tenantId: string, assetIds: string[]): Promise<DeviceOfAsset[]> =>
  queryRows<DeviceOfAsset>(
    tx,
    sql`select integration_id as "connectionId", external_id as "externalId", asset_id as "assetId"
        from tenant_external_entity_mappings
        where tenant_id = ${tenantId} and asset_id = any(${uuidArray(assetIds)}) and gone_at is null`,
  );

/**
 * Undoes a merge: restores both assets as they were, except that the kept asset keeps what a person set since.
 * @returns the listed devices of both
 */
export async function separateAssets(
  tx: TenantDb,
  tenantId: string,
  keptId: string,
  undo: MergeUndo,
  now: Date,
): Promise<DeviceOfAsset[]> {
  const at = now.toISOString();
  const mergedId = undo.merged["id"] as string;
  const before = sql`jsonb_populate_record(null::assets, ${JSON.stringify(undo.kept)}::text::jsonb) b`;
  const mergedHeld = textArray(undo.merged["held_fields"] as string[]);
  const setSince = sql`array(select unnest(a.held_fields) except select unnest(b.held_fields || ${mergedHeld}))`;
  const unlessSetSince = (column: string, field: string) => {
    const name = sql.identifier(column);
    return sql`case when ${field} = any(${setSince}) then a.${name} else b.${name} end`;
  };
  await tx.execute(sql`
    insert into assets
    select * from jsonb_populate_record(null::assets, ${JSON.stringify({ needs_no_agent: false, undone: {}, ...undo.merged })}::text::jsonb)`);
  await returnAssetChanges(tx, tenantId, { keptId, mergedId });
  await tx.execute(sql`
    update assets a set name = ${unlessSetSince("name", "name")},
      asset_type = ${unlessSetSince("asset_type", "type")}, location = ${unlessSetSince("location", "location")},
      client_id = ${unlessSetSince("client_id", "client")}, notes = ${unlessSetSince("notes", "notes")},
      held_fields = b.held_fields || ${setSince},
      serial_number = b.serial_number, serial_key = b.serial_key, mac_keys = b.mac_keys,
      hostname_key = b.hostname_key, status = b.status, gone_at = b.gone_at, gone_reason = b.gone_reason,
      retired_at = b.retired_at, updated_at = ${at}
    from ${before} where a.tenant_id = ${tenantId} and a.id = ${keptId}`);
  await tx.execute(sql`delete from asset_details where tenant_id = ${tenantId} and asset_id = ${keptId}`);
  await tx.execute(sql`
    insert into asset_details
    select * from jsonb_populate_recordset(null::asset_details, ${JSON.stringify(undo.details)}::text::jsonb)`);
  // An empty hash makes the next sync write each device's record to its own asset again.
  await tx.execute(sql`
    update tenant_external_entity_mappings m
    set asset_id = r."assetId", skip_reason = r."skipReason", content_hash = '', updated_at = ${at}
    from jsonb_to_recordset(${JSON.stringify(undo.devices)}::text::jsonb)
      as r(id uuid, "assetId" uuid, "skipReason" text)
    where m.tenant_id = ${tenantId} and m.id = r.id
      and (m.asset_id = ${keptId} or m.asset_id is null)`);
  await tx.execute(sql`
    update rmm_alerts r set asset_id = ${mergedId}
    where r.tenant_id = ${tenantId} and r.asset_id = ${keptId} and (
      r.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(undo.alertIds)}::text::jsonb))
      or exists (
        select from tenant_external_entity_mappings m
        where m.tenant_id = ${tenantId} and m.asset_id = ${mergedId} and m.integration_id = r.integration_id
          and m.external_id = r.external_device_id))`);
  await tx.execute(sql`
    update rmm_held_changes h set asset_id = ${mergedId}
    from tenant_external_entity_mappings m
    where h.tenant_id = ${tenantId} and h.asset_id = ${keptId} and m.tenant_id = h.tenant_id
      and m.asset_id = ${mergedId} and m.integration_id = h.integration_id and m.external_id = h.external_id`);
  return listDevicesOf(tx, tenantId, [keptId, mergedId]);
}
