import { sql } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";

/**
 * A fingerprint of a tenant's runs, which changes when one of them begins, progresses or ends. Reads the open runs and
 * the latest of each connection, however long the history.
 */
export async function readRunsFingerprint(tx: TenantDb, tenantId: string): Promise<string> {
  const [row] = await queryRows<{ mark: string }>(
    tx,
    sql`select md5(concat_ws(' ',
          (select string_agg(concat_ws(',', id, status, stage, pages, items_seen, steps, waiting_until,
             cancel_requested_at), ' ' order by id)
           from rmm_sync_runs where tenant_id = ${tenantId} and status in ('queued', 'running')),
          (select string_agg(latest.id::text, ' ' order by latest.id)
           from rmm_integrations i cross join lateral (
             select r.id from rmm_sync_runs r
             where r.tenant_id = i.tenant_id and r.integration_id = i.id
             order by r.requested_at desc limit 1
           ) latest
           where i.tenant_id = ${tenantId}))) as mark`,
  );
  return row!.mark;
}
