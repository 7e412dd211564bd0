import { sql, type SQL } from "drizzle-orm";

import type { RunRef } from "@domain/refs";

import { queryRows, type TenantDb } from "../../client";
import { uuidArray } from "../shared/arrays";

/** Whether the run linked the device `m` to an existing asset. */
export const isJoinedBy = (runId: string): SQL =>
  sql`m.link ->> 'runId' = ${runId} and m.link ->> 'by' in ('serial', 'mac', 'hostname')`;

/**
 * Gives the devices that the run linked to these assets an asset of their own, with the values that they report, and
 * records that the two are distinct, so that nobody is asked whether they are one machine. An asset that never had
 * another device was entered by hand, and loses its details again. One statement. Returns the number of devices.
 */
export async function separateJoined(
  tx: TenantDb,
  { tenantId, runId }: RunRef,
  assetIds: string[],
  { actor, now }: { actor: string; now: Date },
): Promise<number> {
  const at = now.toISOString();
  const link = JSON.stringify({ by: "created", at });
  const rows = await queryRows<{ id: string }>(
    tx,
    sql`with joined as materialized (
          select m.id, m.integration_id, m.external_id, m.display_name, m.reported, m.asset_id,
            gen_random_uuid() as own_id
          from tenant_external_entity_mappings m
          where m.tenant_id = ${tenantId} and m.asset_id = any(${uuidArray(assetIds)}) and ${isJoinedBy(runId)}
        ), made as (
          insert into assets (id, tenant_id, client_id, asset_type, name, serial_number, location, serial_key, mac_keys,
            hostname_key, created_at, updated_at)
          select j.own_id, ${tenantId}, coalesce(k.id, a.client_id), coalesce(j.reported ->> 'assetType', a.asset_type),
            coalesce(j.reported ->> 'name', j.display_name), a.serial_number, j.reported ->> 'location', a.serial_key,
            a.mac_keys, a.hostname_key, ${at}, ${at}
          from joined j join assets a on a.id = j.asset_id
          left join clients k on k.tenant_id = ${tenantId} and k.id = (j.reported ->> 'clientId')::uuid
        ), made_details as (
          insert into asset_details (asset_id, tenant_id, os_type, os_version, lan_ip, cpu_model, cpu_cores, ram_gb,
            disks, last_logged_in_user, system_info, updated_at)
          select j.own_id, ${tenantId}, d.os_type, d.os_version, d.lan_ip, d.cpu_model, d.cpu_cores, d.ram_gb, d.disks,
            d.last_logged_in_user, d.system_info, ${at}
          from joined j join asset_details d on d.asset_id = j.asset_id
        ), moved_alerts as (
          update rmm_alerts r set asset_id = j.own_id from joined j
          where r.tenant_id = ${tenantId} and r.integration_id = j.integration_id and r.asset_id = j.asset_id
            and r.external_device_id = j.external_id
        ), emptied as (
          delete from asset_details d using joined j
          where d.tenant_id = ${tenantId} and d.asset_id = j.asset_id and not exists (
            select from tenant_external_entity_mappings o
            where o.tenant_id = ${tenantId} and o.asset_id = j.asset_id and o.id <> j.id)
        ), apart as (
          insert into asset_pairs (id, tenant_id, former_asset_id, current_asset_id, state, actor)
          select gen_random_uuid(), ${tenantId}, j.asset_id, j.own_id, 'distinct', ${actor} from joined j
          on conflict (tenant_id, former_asset_id, current_asset_id) do nothing
        )
        update tenant_external_entity_mappings m
        set asset_id = j.own_id, link = ${link}::text::jsonb, content_hash = '', updated_at = ${at}
        from joined j where m.tenant_id = ${tenantId} and m.id = j.id returning m.id`,
  );
  return rows.length;
}

/** Records on a run that a person undid its changes to assets. */
export async function markRunUndone(
  tx: TenantDb,
  { tenantId, runId }: RunRef,
  actor: string,
  now: Date,
): Promise<void> {
  await tx.execute(sql`
    update rmm_sync_runs set undone_at = ${now.toISOString()}, undone_by = ${actor}
    where tenant_id = ${tenantId} and id = ${runId}`);
}
