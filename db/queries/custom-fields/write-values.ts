import { sql } from "drizzle-orm";

import { historyField } from "../../../domain/custom-fields";
import type { ConnectionRef } from "../../../domain/refs";
import type { CustomFieldValues } from "../../../domain/snapshots";
import type { TenantDb } from "../../client";

/** The values that were read for an asset. */
export interface ReadValues extends CustomFieldValues {
  assetId: string;
}

/**
 * Writes the values that were read for assets, and records each change to an asset that had been read before. Deletes
 * values that are blank, or missing from a complete answer. Skips values of unknown fields, which the next list of
 * fields will add; if no field is known, no asset counts as read. Admin-only fields get no history, because everybody
 * may read the history. One statement for any number of assets.
 */
export async function writeCustomFieldValues(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  read: readonly ReadValues[],
  now: Date,
): Promise<void> {
  const assets = read.map(({ assetId, isComplete }) => ({ asset_id: assetId, is_complete: isComplete }));
  const given = read.flatMap(({ assetId, values }) =>
    values.map(({ externalFieldId, fieldName, value }) => ({
      asset_id: assetId,
      external_id: externalFieldId,
      name: fieldName,
      value,
    })),
  );
  const at = now.toISOString();
  await tx.execute(sql`
    with asked as materialized (
      select r.asset_id, r.is_complete, p.read_at is not null as was_read
      from jsonb_to_recordset(${JSON.stringify(assets)}::text::jsonb) as r(asset_id uuid, is_complete boolean)
      join assets a on a.tenant_id = ${tenantId} and a.id = r.asset_id
      left join custom_field_reads p on p.asset_id = r.asset_id and p.integration_id = ${connectionId}
    ), fields as materialized (
      select id, external_id, name, is_admin_only from custom_fields
      where tenant_id = ${tenantId} and integration_id = ${connectionId}
    ), latest as (
      select distinct on (g.asset_id, f.id) g.asset_id, f.id as field_id, g.value
      from jsonb_to_recordset(${JSON.stringify(given)}::text::jsonb)
        as g(asset_id uuid, external_id text, name text, value text)
      join asked s on s.asset_id = g.asset_id
      join fields f on f.external_id = g.external_id or (g.external_id is null and f.name = g.name)
      order by g.asset_id, f.id
    ), former as (
      select v.asset_id, v.field_id, v.value from custom_field_values v
      join asked s on s.asset_id = v.asset_id join fields f on f.id = v.field_id
      where v.tenant_id = ${tenantId}
    ), differing as materialized (
      select asset_id, field_id, o.value as before, n.value as after, s.was_read
      from latest n full join former o using (asset_id, field_id) join asked s using (asset_id)
      where o.value is distinct from n.value and (n.field_id is not null or s.is_complete)
    ), removed as (
      delete from custom_field_values v using differing d
      where d.after is null and v.tenant_id = ${tenantId} and v.field_id = d.field_id and v.asset_id = d.asset_id
    ), written as (
      insert into custom_field_values (tenant_id, field_id, asset_id, value)
      select ${tenantId}::uuid, field_id, asset_id, after from differing where after is not null
      on conflict (field_id, asset_id) do update set value = excluded.value
    ), recorded as (
      insert into asset_changes (tenant_id, asset_id, field, before, after, changed_at)
      select ${tenantId}::uuid, d.asset_id, ${historyField("")}::text || f.name, to_jsonb(d.before), to_jsonb(d.after),
        ${at}::timestamptz
      from differing d join fields f on f.id = d.field_id
      where d.was_read and not f.is_admin_only
      order by d.asset_id, f.name
    )
    insert into custom_field_reads (tenant_id, integration_id, asset_id, read_at)
    select ${tenantId}::uuid, ${connectionId}::uuid, asset_id, ${at}::timestamptz from asked
    where exists (select from fields)
    on conflict (asset_id, integration_id) do update set read_at = excluded.read_at`);
}
