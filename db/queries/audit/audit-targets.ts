import { sql } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import { uuidArray } from "../shared/arrays";

/** Current names, by id, of the subjects of audit entries and events. */
export type TargetNames = ReadonlyMap<string, string>;

/**
 * The names of the clients, assets, connections, alerts and incidents among the given ids; one statement for any
 * number.
 */
export async function readTargetNames(tx: TenantDb, tenantId: string, ids: string[]): Promise<TargetNames> {
  if (ids.length === 0) return new Map();
  const wanted = sql`tenant_id = ${tenantId} and id = any(${uuidArray([...new Set(ids)])})`;
  const rows = await queryRows<{ id: string; name: string }>(
    tx,
    sql`select id::text, name from clients where ${wanted}
        union all select id::text, name from assets where ${wanted}
        union all select id::text, label from rmm_integrations where ${wanted}
        union all select id::text, name from rmm_alerts where ${wanted}
        union all select id::text, name from incidents where ${wanted}`,
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}
