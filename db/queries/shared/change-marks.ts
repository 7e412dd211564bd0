import { sql, type SQL } from "drizzle-orm";

import type { Topic } from "../../../domain/topics";
import { queryRows, type TenantDb } from "../../client";

/**
 * The latest rows of a table, as text. Takes several, because a transaction that began earlier may commit later, and
 * its changes are then not the latest.
 */
const latestOf = (tenantId: string, table: string, column: string): SQL => sql`
  (select string_agg(concat(id, ' ', moment), ' ') from (
     select id, ${sql.identifier(column)} as moment from ${sql.identifier(table)} where tenant_id = ${tenantId}
     order by ${sql.identifier(column)} desc limit 20) latest)`;

/**
 * For each topic, a fingerprint that changes when something of the topic does. One statement. It reads the open runs,
 * each connection's latest run, and the latest alerts, incidents and audit entries, however long the history is.
 */
export async function readChangeMarks(tx: TenantDb, tenantId: string): Promise<Record<Topic, string>> {
  const [marks] = await queryRows<Record<Topic, string>>(
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
           where i.tenant_id = ${tenantId}))) as runs,
        md5(concat_ws(' ', ${latestOf(tenantId, "rmm_alerts", "updated_at")},
          ${latestOf(tenantId, "incidents", "updated_at")},
          ${latestOf(tenantId, "audit_log", "created_at")})) as alerts`,
  );
  return marks!;
}
