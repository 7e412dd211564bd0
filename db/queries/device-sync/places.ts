import { sql, type SQL } from "drizzle-orm";

import { clientPartKinds } from "@domain/client-parts";
import type { PlaceTarget } from "@domain/group-places";
import type { ConnectionRef } from "@domain/refs";

import { queryRows, type TenantDb } from "../../client";
import type { AppliedChange } from "../review/held";

/** Whether a group of the connection names a site or contact, or any asset has one. If not, there is nothing to set. */
export async function hasPlaces(tx: TenantDb, { tenantId, connectionId }: ConnectionRef): Promise<boolean> {
  const [row] = await queryRows<{ found: boolean }>(
    tx,
    sql`select exists (select from rmm_organization_mappings where tenant_id = ${tenantId}
            and integration_id = ${connectionId} and (site_id is not null or contact_id is not null))
          or exists (select from assets where tenant_id = ${tenantId} and site_id is not null)
          or exists (select from assets where tenant_id = ${tenantId} and contact_id is not null) as found`,
  );
  return row!.found;
}

/**
 * The value that a group decides for a column. Keeps the present value if a person set it, or undid the group's value.
 */
const followed = (kind: (typeof clientPartKinds)[number]): SQL => {
  const column = sql.raw(`${kind}_id`);
  const target = sql.raw(`t."${kind}Id"`);
  return sql`case when ${kind} = any(a.held_fields)
      or coalesce(a.undone -> ${kind}::text = coalesce(to_jsonb(${target}), 'null'), false)
    then a.${column} else ${target} end as ${column}`;
};

/**
 * The assets whose site or contact differs from what their group names. Leaves out assets that have another client than
 * their group, because a person set it or until a move is applied. If an asset has several devices, the one linked
 * first decides; otherwise two connections would change it in turn.
 */
const misplaced = (
  { tenantId, connectionId }: ConnectionRef,
  targets: readonly PlaceTarget[],
  externalId: string | undefined,
): SQL => sql`
  select w.* from (
    select a.id, a.site_id as former_site, a.contact_id as former_contact, m.external_id,
      ${sql.join(clientPartKinds.map(followed), sql`, `)}
    from jsonb_to_recordset(${JSON.stringify(targets)}::text::jsonb)
      as t("groupId" text, "clientId" uuid, "siteId" uuid, "contactId" uuid)
    join tenant_external_entity_mappings m on m.tenant_id = ${tenantId} and m.integration_id = ${connectionId}
      and m.external_type = 'device' and m.external_group_id = t."groupId" and m.gone_at is null
      ${externalId === undefined ? sql`` : sql`and m.external_id = ${externalId}`}
    join assets a on a.tenant_id = m.tenant_id and a.id = m.asset_id and a.client_id = t."clientId"
    where not exists (
      select from tenant_external_entity_mappings o
      where o.tenant_id = m.tenant_id and o.asset_id = m.asset_id and o.gone_at is null and o.id < m.id)
  ) w
  where (w.site_id, w.contact_id) is distinct from (w.former_site, w.former_contact)`;

/** How many assets would get another site or contact. */
export async function countMisplaced(
  tx: TenantDb,
  scope: ConnectionRef,
  targets: readonly PlaceTarget[],
): Promise<number> {
  const [row] = await queryRows<{ n: number }>(
    tx,
    sql`select count(*)::int as n from (${misplaced(scope, targets, undefined)}) x`,
  );
  return row!.n;
}

/**
 * Sets the site and contact of assets to those of their group; one statement. Returns those that changed.
 * @param externalId the one device that was synced; undefined for all devices of the connection
 */
export const placeAssets = (
  tx: TenantDb,
  scope: ConnectionRef,
  targets: readonly PlaceTarget[],
  now: Date,
  externalId: string | undefined,
): Promise<AppliedChange[]> =>
  queryRows<AppliedChange>(
    tx,
    sql`update assets a set site_id = w.site_id, contact_id = w.contact_id, updated_at = ${now.toISOString()},
          undone = a.undone - array_remove(array[
            case when w.site_id is distinct from w.former_site then 'site' end,
            case when w.contact_id is distinct from w.former_contact then 'contact' end], null)
        from (${misplaced(scope, targets, externalId)}) w
        where a.tenant_id = ${scope.tenantId} and a.id = w.id
        returning ${scope.connectionId}::uuid as "connectionId", a.id as "assetId", w.external_id as "externalId"`,
  );

/** The group that decides on an asset's site and contact, which is that of the device linked first; one statement. */
export async function decidingGroup(
  tx: TenantDb,
  tenantId: string,
  assetId: string,
): Promise<{ connectionId: string; groupId: string | null } | undefined> {
  const [row] = await queryRows<{ connectionId: string; groupId: string | null }>(
    tx,
    sql`select integration_id as "connectionId", external_group_id as "groupId"
        from tenant_external_entity_mappings
        where tenant_id = ${tenantId} and asset_id = ${assetId} and external_type = 'device' and gone_at is null
        order by id limit 1`,
  );
  return row;
}
