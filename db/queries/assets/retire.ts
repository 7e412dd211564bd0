import { sql } from "drizzle-orm";

import { queryRows, type Db, type TenantDb } from "../../client";

/** The ids of tenants with a gone asset; one statement for all tenants. */
export async function listTenantsWithGone(db: Db): Promise<string[]> {
  const rows = await queryRows<{ tenantId: string }>(
    db,
    sql`select distinct tenant_id as "tenantId" from assets where status = 'gone' order by 1`,
  );
  return rows.map(({ tenantId }) => tenantId);
}

export interface RetiredAsset {
  assetId: string;
  name: string;
  /** An ISO 8601 instant. */
  goneSince: string;
  /** The connection of the asset's last device; null if no connection knows one. */
  connectionId: string | null;
  externalId: string | null;
}

/**
 * Retires assets that have been gone for longer than the longest grace period of their connections; those gone longest
 * come first, at most `limit`. Skips assets with a listed device. One statement. Returns the retired assets.
 * @param defaultDays the grace period, in days, of an asset that no connection knows
 */
export async function retireGoneAssets(
  tx: TenantDb,
  tenantId: string,
  { now, defaultDays, limit, skip = 0 }: { now: Date; defaultDays: number; limit: number; skip?: number },
): Promise<RetiredAsset[]> {
  return queryRows<RetiredAsset>(
    tx,
    sql`with due as (
          select a.id, last.integration_id, last.external_id from assets a
          left join lateral (
            select max(i.gone_grace_days) as days, bool_or(m.gone_at is null) as "isListed"
            from tenant_external_entity_mappings m join rmm_integrations i on i.id = m.integration_id
            where m.tenant_id = a.tenant_id and m.asset_id = a.id
          ) known on true
          left join lateral (
            select m.integration_id, m.external_id from tenant_external_entity_mappings m
            where m.tenant_id = a.tenant_id and m.asset_id = a.id
            order by m.gone_at desc, m.id desc limit 1
          ) last on true
          where a.tenant_id = ${tenantId} and a.status = 'gone' and known."isListed" is not true
            and a.gone_at <= ${now.toISOString()}::timestamptz
              - make_interval(days => coalesce(known.days, ${defaultDays}::int))
          order by a.gone_at, a.id limit ${limit} offset ${skip}
        )
        update assets a set status = 'retired', retired_at = ${now.toISOString()}, updated_at = ${now.toISOString()}
        from due where a.tenant_id = ${tenantId} and a.id = due.id and a.status = 'gone'
        returning a.id as "assetId", a.name, to_json(a.gone_at) #>> '{}' as "goneSince",
          due.integration_id as "connectionId", due.external_id as "externalId"`,
  );
}
