import { sql } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import { byName } from "../shared/by-name";

interface Fleet {
  assets: number;
  servers: number;
  online: number;
  withPatches: number;
  patches: number;
  /** Devices of the RMM, of which no asset was made. */
  withoutClient: number;
}

/** The current assets of a tenant, and its devices without a client; one statement. */
export async function countFleet(tx: TenantDb, tenantId: string): Promise<Fleet> {
  const [row] = await queryRows<Fleet>(
    tx,
    sql`
      select count(*)::int as assets,
        count(*) filter (where l.asset_type = 'server')::int as servers,
        count(*) filter (where l.agent_status = 'online')::int as online,
        count(*) filter (where l.pending_patches > 0)::int as "withPatches",
        coalesce(sum(l.pending_patches), 0)::int as patches,
        (select count(*)::int from tenant_external_entity_mappings
         where tenant_id = ${tenantId} and external_type = 'device' and gone_at is null and asset_id is null
           and skip_reason in ('ungrouped', 'unmapped', 'excluded')) as "withoutClient"
      from asset_list l where l.tenant_id = ${tenantId} and l.status = 'active'`,
  );
  return row!;
}

export interface ClientCount {
  id: string;
  name: string;
  assets: number;
}

/** The clients with the most current assets. */
export async function countByClient(tx: TenantDb, tenantId: string, limit: number): Promise<ClientCount[]> {
  return queryRows<ClientCount>(
    tx,
    sql`
      with counted as (
        select l.client_id, count(*)::int as assets from asset_list l
        where l.tenant_id = ${tenantId} and l.status = 'active' and l.client_id is not null group by l.client_id
      )
      select c.id, c.name, counted.assets from counted join clients c on c.id = counted.client_id
      where c.tenant_id = ${tenantId} and c.archived_at is null
      order by counted.assets desc, ${byName(sql`c.name`)}, c.id limit ${limit}`,
  );
}
