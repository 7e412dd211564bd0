import { sql, type SQL } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import { uuidArray } from "../shared/arrays";
import { fingerprintOf } from "../shared/fingerprint";
import { keyValues, pastAndNearest, type KeyValues, type PageSlice, type SortKey } from "../shared/keyset";
import { contains } from "../shared/search";
import type { MarkedIds } from "./waiting";

/** New devices that wait for approval, and those that a person rejected. */

export const newDeviceStates = ["approval", "rejected"] as const;
type NewDeviceState = (typeof newDeviceStates)[number];

export interface NewDeviceFilter {
  state: NewDeviceState;
  connectionId: string | undefined;
  /** Part of the device's name. */
  text: string | undefined;
}

export interface NewDeviceRow {
  id: string;
  connectionId: string;
  integration: string;
  externalId: string;
  name: string;
  state: NewDeviceState;
  assetType: string;
  serialNumber: string | null;
  hostname: string | null;
  model: string | null;
  groupPath: string | null;
  sinceMs: number;
  /** Its place in the order. */
  keys: KeyValues;
}

const fits = (tenantId: string, { state, connectionId, text }: NewDeviceFilter): SQL =>
  sql.join(
    [
      sql`v.tenant_id = ${tenantId} and v.reason = ${state}`,
      ...(connectionId === undefined ? [] : [sql`v.integration_id = ${connectionId}`]),
      ...(text === undefined ? [] : [contains(sql`v.name`, text)]),
    ],
    sql` and `,
  );

/** The order in which the devices appeared. */
export const newDeviceKeys: SortKey[] = [
  { expression: sql`v.id`, kind: "id", isDescending: false, isNullable: false },
];

/** A page of the new devices that match, in the order in which they appeared. */
export const listNewDevices = (
  tx: TenantDb,
  tenantId: string,
  filter: NewDeviceFilter,
  slice: PageSlice,
): Promise<NewDeviceRow[]> =>
  queryRows<NewDeviceRow>(
    tx,
    sql`select v.id, v.integration_id as "connectionId", i.label as integration, v.external_id as "externalId", v.name,
          v.reason as state, coalesce(v.device ->> 'assetType', 'workstation') as "assetType",
          v.device ->> 'serialNumber' as "serialNumber", v.device -> 'systemInfo' ->> 'hostname' as hostname,
          nullif(concat_ws(' ', v.device -> 'systemInfo' ->> 'manufacturer', v.device -> 'systemInfo' ->> 'model'), '')
            as model,
          g.path as "groupPath", (extract(epoch from v.created_at) * 1000)::float8 as "sinceMs",
          ${keyValues(newDeviceKeys)} as keys
        from (select v.* from rmm_identity_reviews v
              where ${fits(tenantId, filter)} and ${pastAndNearest(newDeviceKeys, slice)}) v
        join rmm_integrations i on i.id = v.integration_id
        left join rmm_organization_mappings g on g.tenant_id = ${tenantId} and g.integration_id = v.integration_id
          and g.external_id = v.device ->> 'externalGroupId'
        order by v.id`,
  );

/**
 * How many new devices match, their ids in the order of the list, and a fingerprint that changes if one of them does.
 */
export async function fingerprintNewDevices(
  tx: TenantDb,
  tenantId: string,
  filter: NewDeviceFilter,
): Promise<MarkedIds> {
  const [row] = await queryRows<MarkedIds>(
    tx,
    sql`select ${fingerprintOf(sql`v.id, v.reason, v.name`, sql`v.id`)} as mark,
          coalesce(json_agg(v.id order by v.id), '[]') as ids
        from rmm_identity_reviews v where ${fits(tenantId, filter)}`,
  );
  return row!;
}

/** Rejects devices that wait for approval; two statements. Returns those it rejected. */
export async function leaveDevicesOut(
  tx: TenantDb,
  tenantId: string,
  ids: string[],
  now: Date,
): Promise<{ connectionId: string; externalId: string; name: string }[]> {
  const left = await queryRows<{ connectionId: string; externalId: string; name: string }>(
    tx,
    sql`update rmm_identity_reviews set reason = 'rejected', approved_by = null, updated_at = ${now.toISOString()}
        where tenant_id = ${tenantId} and reason = 'approval' and id = any(${uuidArray(ids)})
        returning integration_id as "connectionId", external_id as "externalId", name`,
  );
  if (left.length === 0) return left;
  await tx.execute(sql`
    update tenant_external_entity_mappings m set skip_reason = 'rejected', updated_at = ${now.toISOString()}
    from jsonb_to_recordset(${JSON.stringify(left)}::text::jsonb) as r("connectionId" uuid, "externalId" text)
    where m.tenant_id = ${tenantId} and m.integration_id = r."connectionId" and m.external_type = 'device'
      and m.external_id = r."externalId" and m.asset_id is null`);
  return left;
}

/** Records who approved devices whose match is not decided yet. */
export async function markApproved(
  tx: TenantDb,
  tenantId: string,
  ids: string[],
  actor: string,
): Promise<void> {
  if (ids.length === 0) return;
  await tx.execute(sql`
    update rmm_identity_reviews set approved_by = ${actor} where tenant_id = ${tenantId} and id = any(${uuidArray(ids)})`);
}
