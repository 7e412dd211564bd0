import { sql } from "drizzle-orm";

import { rmmSyncRuns } from "../../schema";

/** The device or alert of a single-record run. An id is null if there is no such asset or alert. */
export interface RunTarget {
  name: string;
  assetId: string | null;
  alertId: string | null;
}

/**
 * For a select from the runs: the target of each run, looked up by index. Null for a run over many records, or of an
 * unknown record.
 */
export const runTarget = sql<RunTarget | null>`(
  case ${rmmSyncRuns.type}
    when 'device' then (
      select json_build_object('name', coalesce(a.name, m.display_name), 'assetId', a.id, 'alertId', null)
      from tenant_external_entity_mappings m
      left join assets a on a.tenant_id = m.tenant_id and a.id = m.asset_id
      where m.tenant_id = ${rmmSyncRuns.tenantId} and m.integration_id = ${rmmSyncRuns.connectionId}
        and m.external_type = 'device' and m.external_id = ${rmmSyncRuns.targetExternalId})
    when 'alerts' then (
      select json_build_object('name', l.name, 'assetId', null, 'alertId', l.id)
      from rmm_alerts l
      where l.tenant_id = ${rmmSyncRuns.tenantId} and l.integration_id = ${rmmSyncRuns.connectionId}
        and l.external_alert_id = nullif(${rmmSyncRuns.targetExternalId}, ''))
  end)`;
