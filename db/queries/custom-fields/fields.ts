import { sql, type SQL } from "drizzle-orm";

import { historyField, type CustomFieldInterval } from "../../../domain/custom-fields";
import type { ConnectionRef } from "../../../domain/refs";
import type { CustomFieldSnapshot } from "../../../domain/snapshots";
import { queryRows, type TenantDb } from "../../client";
import { textArray, uuidArray } from "../shared/arrays";

/**
 * Stores a connection's fields from a complete list. Marks a field that the list lacks as missing, and deletes it with
 * its values if the previous complete list lacked it too, so that a single truncated list loses nothing. Deletes the
 * history of a field that has become admin-only, because everybody may read the history.
 */
export async function storeCustomFields(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  listed: readonly CustomFieldSnapshot[],
  now: Date,
): Promise<void> {
  const own = sql`f.tenant_id = ${tenantId} and f.integration_id = ${connectionId}`;
  const isMissing = sql`f.external_id <> all ${textArray(listed.map(({ externalId }) => externalId))}`;
  await tx.execute(
    sql`delete from custom_fields f where ${own} and ${isMissing} and f.missing_since is not null`,
  );
  await tx.execute(
    sql`update custom_fields f set missing_since = ${now.toISOString()}::timestamptz where ${own} and ${isMissing}`,
  );
  const rows = listed.map(({ externalId, name, reference, isAdminOnly }) => ({
    external_id: externalId,
    name,
    reference,
    is_admin_only: isAdminOnly,
  }));
  const hidden = await queryRows<{ name: string }>(
    tx,
    sql`with given as (
          select distinct on (g.external_id) g.* from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
            as g(external_id text, name text, reference text, is_admin_only boolean)
        ), hidden as (
          select f.name from custom_fields f join given g on g.external_id = f.external_id
          where ${own} and g.is_admin_only and not f.is_admin_only
        ), stored as (
          insert into custom_fields as f (id, tenant_id, integration_id, external_id, name, reference, is_admin_only)
          select gen_random_uuid(), ${tenantId}::uuid, ${connectionId}::uuid, g.external_id, g.name, g.reference,
            g.is_admin_only
          from given g
          on conflict (tenant_id, integration_id, external_id) do update set name = excluded.name,
            reference = excluded.reference, is_admin_only = excluded.is_admin_only, missing_since = null
          where (f.name, f.reference, f.is_admin_only, f.missing_since)
            is distinct from (excluded.name, excluded.reference, excluded.is_admin_only, null)
        )
        select name from hidden`,
  );
  if (hidden.length === 0) return;
  const names = hidden.map(({ name }) => historyField(name));
  await tx.execute(
    sql`delete from asset_changes where tenant_id = ${tenantId} and field = any ${textArray(names)}`,
  );
}

/** The condition that the reader may see field `f`, who may or may not see admin-only fields. */
const mayRead = (withAdminOnly: boolean): SQL => (withAdminOnly ? sql`true` : sql`not f.is_admin_only`);

export interface AssetCustomField {
  fieldId: string;
  name: string;
  connectionId: string;
  connection: string;
  isAdminOnly: boolean;
  /** Null if the field is blank. */
  value: string | null;
  readAtMs: number | null;
}

/** The custom fields of the connections that know an asset, with its values, ordered by name; one statement. */
export const listCustomFieldsOfAsset = (
  tx: TenantDb,
  tenantId: string,
  assetId: string,
  withAdminOnly: boolean,
): Promise<AssetCustomField[]> =>
  queryRows<AssetCustomField>(
    tx,
    sql`select f.id as "fieldId", f.name, f.integration_id as "connectionId", i.label as connection,
          f.is_admin_only as "isAdminOnly", v.value, (extract(epoch from r.read_at) * 1000)::float8 as "readAtMs"
        from custom_fields f
        join rmm_integrations i on i.tenant_id = f.tenant_id and i.id = f.integration_id
        left join custom_field_values v on v.tenant_id = f.tenant_id and v.field_id = f.id and v.asset_id = ${assetId}
        left join custom_field_reads r on r.integration_id = f.integration_id and r.asset_id = ${assetId}
        where f.tenant_id = ${tenantId} and ${mayRead(withAdminOnly)} and f.integration_id in (
          select m.integration_id from tenant_external_entity_mappings m
          where m.tenant_id = ${tenantId} and m.asset_id = ${assetId})
        order by natural_key(f.name) collate "C", f.id`,
  );

/** A connection that knows an asset, and how its custom fields are read. */
export interface CustomFieldSource {
  connectionId: string;
  connection: string;
  interval: CustomFieldInterval;
  /** Whether a reading has ever ended, however it ended. */
  hasEnded: boolean;
  error: string | null;
  hint: string | null;
}

/** The connections that know an asset, ordered by name; one statement. */
export const listCustomFieldSources = (
  tx: TenantDb,
  tenantId: string,
  assetId: string,
): Promise<CustomFieldSource[]> =>
  queryRows<CustomFieldSource>(
    tx,
    sql`select i.id as "connectionId", i.label as connection, coalesce(s.interval, 'off') as interval,
          s.ended_at is not null as "hasEnded", s.error, s.hint
        from rmm_integrations i
        left join custom_field_schedules s on s.tenant_id = i.tenant_id and s.integration_id = i.id
        where i.tenant_id = ${tenantId} and i.id in (
          select m.integration_id from tenant_external_entity_mappings m
          where m.tenant_id = ${tenantId} and m.asset_id = ${assetId})
        order by natural_key(i.label) collate "C", i.id`,
  );

export interface CustomFieldName {
  id: string;
  name: string;
  reference: string | null;
  isAdminOnly: boolean;
  connectionId: string;
  /** The label of the field's connection. */
  connection: string;
}

/** The custom fields by which the asset list can filter and which it can show, ordered by name, at most `limit`. */
export const listCustomFieldNames = (
  tx: TenantDb,
  tenantId: string,
  withAdminOnly: boolean,
  limit: number,
): Promise<CustomFieldName[]> =>
  queryRows<CustomFieldName>(
    tx,
    sql`select f.id, f.name, f.reference, f.is_admin_only as "isAdminOnly", i.id as "connectionId",
          i.label as connection
        from custom_fields f
        join rmm_integrations i on i.tenant_id = f.tenant_id and i.id = f.integration_id
        where f.tenant_id = ${tenantId} and ${mayRead(withAdminOnly)}
        order by natural_key(f.name) collate "C", f.id limit ${limit}`,
  );

/** The values of the given assets in the given fields, or in every field that the reader may see; one statement. */
export const listCustomFieldValues = (
  tx: TenantDb,
  tenantId: string,
  assetIds: readonly string[],
  { fieldIds, withAdminOnly }: { fieldIds?: readonly string[]; withAdminOnly: boolean },
): Promise<{ assetId: string; fieldId: string; name: string; value: string }[]> =>
  queryRows(
    tx,
    sql`select v.asset_id as "assetId", f.id as "fieldId", f.name, v.value
        from custom_field_values v join custom_fields f on f.tenant_id = v.tenant_id and f.id = v.field_id
        where v.tenant_id = ${tenantId} and v.asset_id = any ${uuidArray(assetIds)} and ${mayRead(withAdminOnly)}
          ${fieldIds === undefined ? sql`` : sql`and f.id = any ${uuidArray(fieldIds)}`}
        order by natural_key(f.name) collate "C", f.id`,
  );
