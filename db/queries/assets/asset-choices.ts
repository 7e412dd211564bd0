import { sql } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import { byName } from "../shared/by-name";

/** The values that the filters of the asset list offer. */

/** If there are more tags, only this many, the first in byte order, are sorted by name. */
const TAGS_SORTED = 1000;

/**
 * The tags of assets, ordered by name, at most `limit`. One statement, which steps from tag to tag through the index.
 */
export async function listAssetTags(tx: TenantDb, tenantId: string, limit: number): Promise<string[]> {
  const rows = await queryRows<{ tag: string }>(
    tx,
    sql`with recursive tags as (
          (select tag from asset_tags where tenant_id = ${tenantId} order by tag limit 1)
          union all
          select (select n.tag from asset_tags n where n.tenant_id = ${tenantId} and n.tag > t.tag order by n.tag limit 1)
          from tags t where t.tag is not null
        )
        select tag from (select tag from tags where tag is not null limit ${TAGS_SORTED}) found
        order by ${byName(sql`tag`)}, tag limit ${limit}`,
  );
  return rows.map(({ tag }) => tag);
}

/**
 * The operating systems of assets with their versions, ordered by name, at most `limit`. One statement, which steps
 * like that of the tags.
 */
export async function listAssetSystems(tx: TenantDb, tenantId: string, limit: number): Promise<string[]> {
  const rows = await queryRows<{ system: string }>(
    tx,
    sql`with recursive systems as (
          (select system_key collate "C" as key, asset_id from asset_list
           where tenant_id = ${tenantId} and system_key is not null order by 1, 2 limit 1)
          union all
          (select n.system_key collate "C", n.asset_id from systems s cross join lateral (
             select l.system_key, l.asset_id from asset_list l
             where l.tenant_id = ${tenantId} and l.system_key collate "C" > s.key
             order by l.system_key collate "C", l.asset_id limit 1) n)
        )
        select concat_ws(' ', d.os_type, d.os_version) as system
        from (select * from systems limit ${limit}) s join asset_details d on d.asset_id = s.asset_id
        order by s.key`,
  );
  return rows.map(({ system }) => system);
}

/**
 * The RMM's groups, of one client or of all, ordered by path, at most `limit`; one statement. Sorts by folded letters,
 * because computing `natural_key` for thousands of paths takes longer than the rest of the query.
 */
export const listAssetGroups = (
  tx: TenantDb,
  tenantId: string,
  { clientId, limit }: { clientId: string | undefined; limit: number },
): Promise<{ id: string; path: string }[]> =>
  queryRows<{ id: string; path: string }>(
    tx,
    sql`with recursive shown as (
          select g.id, g.integration_id, g.external_id, g.path from rmm_organization_mappings g
          where g.tenant_id = ${tenantId} and g.gone_at is null
            and ${clientId === undefined ? sql`true` : sql`g.client_id = ${clientId}`}
          union
          select g.id, g.integration_id, g.external_id, g.path from rmm_organization_mappings g
          join shown s on g.integration_id = s.integration_id and g.parent_external_id = s.external_id
          where g.tenant_id = ${tenantId} and g.gone_at is null and g.state <> 'mapped'
            and ${clientId === undefined ? sql`false` : sql`true`}
        )
        select id, path from shown order by fold_text(path) collate "C", id limit ${limit}`,
  );

/** The path of a group; undefined if the tenant has no such group. */
export async function findGroupPath(
  tx: TenantDb,
  tenantId: string,
  groupId: string,
): Promise<string | undefined> {
  const [row] = await queryRows<{ path: string }>(
    tx,
    sql`select path from rmm_organization_mappings where tenant_id = ${tenantId} and id = ${groupId}`,
  );
  return row?.path;
}
