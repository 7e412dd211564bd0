import { sql } from "drizzle-orm";

import { queryRows, type TenantDb } from "../client";
import type { AlertSeverity } from "../schema";

export interface AlertWrite {
  externalId: string;
  externalDeviceId: string;
  deviceHostname: string | null;
  name: string;
  description: string | null;
  payload: string | null;
  severity: string;
  providerSeverity: string | null;
  status: "active" | "resolved";
  startedAt: Date | null;
  resolvedAt: Date | null;
  contentHash: string;
  /** When this was true at the provider, and who told: it orders what is told by sweeps and events. */
  observedAt: Date;
  observedVia: "sweep" | "webhook" | "automation";
}

export interface WrittenAlert extends Record<string, unknown> {
  externalId: string;
  alertId: string;
  assetId: string | null;
  inserted: boolean;
  /** What it was before; null for a new one. */
  statusBefore: "active" | "resolved" | null;
}

/**
 * Writes alerts, each at most once; one statement. An older observation never overwrites a newer one; of two equally old ones `resolved`
 * wins, then the greater hash, so that the order of arrival does not matter. A sweep that finds an alert as it was
 * writes nothing; an event always leaves its time, or a yet older one that comes later would win over it.
 * What a person did (acknowledge) is not touched.
 * The asset is found through the device's mapping; an alert of an unknown device has none until the device is known.
 */
export async function upsertAlerts(
  tx: TenantDb,
  scope: { tenantId: string; integrationId: string },
  alerts: AlertWrite[],
): Promise<WrittenAlert[]> {
  if (alerts.length === 0) return [];
  return queryRows(
    tx,
    sql`with incoming as materialized (
          select r.*, m.asset_id from jsonb_to_recordset(${JSON.stringify(alerts)}::text::jsonb) as r(
            "externalId" text, "externalDeviceId" text, "deviceHostname" text, name text, description text,
            payload text, severity text, "providerSeverity" text, status text, "startedAt" timestamptz,
            "resolvedAt" timestamptz, "contentHash" text, "observedAt" timestamptz, "observedVia" text)
          left join tenant_external_entity_mappings m on m.tenant_id = ${scope.tenantId}
            and m.integration_id = ${scope.integrationId} and m.external_type = 'device'
            and m.external_id = r."externalDeviceId"
        ), written as (
          insert into rmm_alerts as a (id, tenant_id, integration_id, external_alert_id, external_device_id,
            device_hostname, asset_id, name, description, payload, severity, provider_severity, status, started_at,
            resolved_at, content_hash, observed_at, observed_via, created_at, updated_at)
          select gen_random_uuid(), ${scope.tenantId}, ${scope.integrationId}, "externalId", "externalDeviceId",
            "deviceHostname", asset_id, name, description, payload, severity, "providerSeverity", status, "startedAt",
            "resolvedAt", "contentHash", "observedAt", "observedVia", "observedAt", "observedAt"
          from incoming order by "externalId" -- so that two writers never wait for each other in a circle
          on conflict (tenant_id, integration_id, external_alert_id) do update set
            external_device_id = excluded.external_device_id,
            device_hostname = coalesce(excluded.device_hostname, a.device_hostname),
            asset_id = coalesce(excluded.asset_id, a.asset_id), name = excluded.name,
            description = coalesce(excluded.description, a.description), payload = coalesce(excluded.payload, a.payload),
            severity = excluded.severity, provider_severity = excluded.provider_severity, status = excluded.status,
            started_at = coalesce(excluded.started_at, a.started_at), resolved_at = excluded.resolved_at,
            content_hash = excluded.content_hash, observed_at = excluded.observed_at,
            observed_via = excluded.observed_via, updated_at = excluded.updated_at
          where (a.observed_at, a.status = 'resolved', a.content_hash)
              <= (excluded.observed_at, excluded.status = 'resolved', excluded.content_hash)
            and (a.content_hash <> excluded.content_hash
                 or coalesce(excluded.asset_id, a.asset_id) is distinct from a.asset_id
                 or (excluded.observed_via <> 'sweep' and a.observed_at < excluded.observed_at))
          returning a.external_alert_id, a.id, a.asset_id, (xmax = 0) as inserted
        )
        select w.external_alert_id as "externalId", w.id as "alertId", w.asset_id as "assetId", w.inserted,
          before.status as "statusBefore"
        from written w
        left join rmm_alerts before on before.id = w.id -- as it was when the statement began`,
  );
}

export interface StoredAlert extends Record<string, unknown> {
  id: string;
  assetId: string | null;
  externalDeviceId: string;
  deviceHostname: string | null;
  name: string;
  severity: AlertSeverity;
  providerSeverity: string | null;
  status: "active" | "resolved";
  contentHash: string;
  observedMs: number;
}

/** What is kept of an alert; locked until the transaction ends when it is to be written after a look. */
export async function findAlert(
  tx: TenantDb,
  scope: { tenantId: string; integrationId: string },
  externalId: string,
  options: { lock?: boolean } = {},
): Promise<StoredAlert | undefined> {
  const [row] = await queryRows<StoredAlert>(
    tx,
    sql`select id, asset_id as "assetId", coalesce(external_device_id, '') as "externalDeviceId",
          device_hostname as "deviceHostname", name, severity, provider_severity as "providerSeverity", status,
          content_hash as "contentHash", (extract(epoch from observed_at) * 1000)::float8 as "observedMs"
        from rmm_alerts
        where tenant_id = ${scope.tenantId} and integration_id = ${scope.integrationId}
          and external_alert_id = ${externalId}
        ${options.lock === true ? sql`for update` : sql``}`,
  );
  return row;
}
