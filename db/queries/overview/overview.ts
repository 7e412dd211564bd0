import { sql } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import { byName } from "../shared/by-name";

interface Fleet {
  assets: number;
  servers: number;
  online: number;
  gone: number;
  withPatches: number;
  patches: number;
  withoutClient: number;
  activeAlerts: number;
  clients: number;
}

/** The assets of a tenant, its open alerts and its clients. */
export async function countFleet(tx: TenantDb, tenantId: string): Promise<Fleet> {
  const [row] = await queryRows<Fleet>(
    tx,
    sql`
      select assets.*, devices.*,
        (select count(*)::int from rmm_alerts where tenant_id = ${tenantId} and status = 'active') as "activeAlerts",
        (select count(*)::int from clients where tenant_id = ${tenantId} and archived_at is null) as clients
      from
        (select count(*) filter (where a.status = 'active')::int as assets,
           count(*) filter (where a.status = 'active' and a.asset_type = 'server')::int as servers,
           count(*) filter (where a.status = 'gone')::int as gone,
           count(*) filter (where a.status = 'active' and d.pending_os_patches > 0)::int as "withPatches",
           coalesce(sum(d.pending_os_patches) filter (where a.status = 'active'), 0)::int as patches
         from assets a left join asset_details d on d.asset_id = a.id
         where a.tenant_id = ${tenantId}) assets,
        (select count(*) filter (where "isOnline")::int as online, coalesce(sum(unassigned), 0)::int as "withoutClient"
         from (
           -- A row for each asset, whichever accounts know it; all devices without one in a single row.
           select bool_or(asset_id is not null and agent_status = 'online') as "isOnline",
             count(*) filter (where asset_id is null and skip_reason in ('ungrouped', 'unmapped', 'excluded'))
               as unassigned
           from tenant_external_entity_mappings
           where tenant_id = ${tenantId} and external_type = 'device' and gone_at is null
           group by asset_id
         ) by_asset) devices`,
  );
  return row!;
}

export interface ClientCount {
  id: string;
  name: string;
  assets: number;
  servers: number;
  online: number;
  patches: number;
}

/** The clients with the most assets. */
export async function countByClient(tx: TenantDb, tenantId: string, limit: number): Promise<ClientCount[]> {
  return queryRows<ClientCount>(
    tx,
    sql`
      select c.id, c.name, count(a.id)::int as assets,
        count(a.id) filter (where a.asset_type = 'server')::int as servers,
        count(a.id) filter (where o.asset_id is not null)::int as online,
        coalesce(sum(d.pending_os_patches), 0)::int as patches
      from clients c
      join assets a on a.tenant_id = c.tenant_id and a.client_id = c.id and a.status = 'active'
      left join asset_details d on d.asset_id = a.id
      left join (
        select distinct asset_id from tenant_external_entity_mappings
        where tenant_id = ${tenantId} and agent_status = 'online' and gone_at is null and asset_id is not null
      ) o on o.asset_id = a.id
      where c.tenant_id = ${tenantId} and c.archived_at is null
      group by c.id, c.name
      order by assets desc, ${byName(sql`c.name`)}
      limit ${limit}`,
  );
}
