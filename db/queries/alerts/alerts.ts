import { sql } from "drizzle-orm";

import type { ConnectionRef } from "@domain/refs";

import { queryPrepared, type TenantDb } from "../../client";
import type { AlertSeverity, AlertStatus } from "../../schema";
import { textArray } from "../shared/arrays";

/** A stored alert; the schema describes the columns. */
interface AlertColumns {
  externalId: string;
  externalDeviceId: string;
  deviceHostname: string | null;
  name: string;
  description: string | null;
  payload: string | null;
  severity: AlertSeverity;
  providerSeverity: string | null;
  status: AlertStatus;
  startedAt: Date | null;
  resolvedAt: Date | null;
  contentHash: string;
  observedAt: Date;
  observedVia: "sweep" | "webhook" | "automation" | "person";
  wordOrders: Record<string, string>;
}

export interface StoredAlert extends AlertColumns {
  id: string;
  assetId: string | null;
  /** The asset to which its device is linked now. */
  deviceAssetId: string | null;
  /**
   * Whether the signed webhook has reported it. Read only for alerts that the search found by device; otherwise false.
   */
  isSigned: boolean;
}

/**
 * The alerts to look for: those with the given ids, and those of the given devices, by id or hostname, that are active
 * or have changed since a time.
 */
export interface AlertSearch {
  ids: string[];
  devices: string[];
  hostnames: string[];
  since: Date;
}

/**
 * The stored alerts that a search finds, locked until the transaction ends. One statement, which locks in the order of
 * the ids, so that two writers cannot deadlock.
 */
export async function lockAlerts(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  { ids, devices, hostnames, since }: AlertSearch,
): Promise<StoredAlert[]> {
  const ofDevices = sql`(a.external_device_id = any(${textArray(devices)}) or a.device_hostname = any(${textArray(hostnames)}))`;
  const rows = await queryPrepared<Record<string, unknown> & StoredAlert>(
    tx,
    sql`select a.id, a.external_alert_id as "externalId", coalesce(a.external_device_id, '') as "externalDeviceId",
          a.device_hostname as "deviceHostname", a.name, a.description, a.payload, a.severity,
          a.provider_severity as "providerSeverity", a.status, ${epochMs("started_at")} as "startedAt",
          ${epochMs("resolved_at")} as "resolvedAt", a.content_hash as "contentHash",
          ${epochMs("observed_at")} as "observedAt", a.observed_via as "observedVia", a.word_orders as "wordOrders",
          a.asset_id as "assetId",
          (select m.asset_id from tenant_external_entity_mappings m
           where m.tenant_id = ${tenantId} and m.integration_id = ${connectionId} and m.external_type = 'device'
             and m.external_id = a.external_device_id) as "deviceAssetId",
          ${ofDevices} and exists (
            select from rmm_webhook_deliveries d
            where d.tenant_id = ${tenantId} and d.alert_id = a.id and d.way = 'signed') as "isSigned"
        from rmm_alerts a
        where a.tenant_id = ${tenantId} and a.integration_id = ${connectionId}
          and (a.external_alert_id = any(${textArray(ids)})
               or (${ofDevices} and (a.status = 'active'
                     or coalesce(a.resolved_at, a.observed_at) >= ${since.toISOString()}::timestamptz)))
        order by a.external_alert_id
        for update of a`,
  );
  return rows.map((row) => ({
    ...row,
    startedAt: dateOf(row.startedAt),
    resolvedAt: dateOf(row.resolvedAt),
    observedAt: dateOf(row.observedAt)!,
    isSigned: row.isSigned === true,
  }));
}

const epochMs = (column: string) => sql`(extract(epoch from a.${sql.identifier(column)}) * 1000)::float8`;

const dateOf = (ms: unknown): Date | null => (typeof ms === "number" ? new Date(ms) : null);

export interface AlertWrite extends AlertColumns {
  /** The row that holds it, locked by this transaction; null for a new alert. */
  id: string | null;
  /** Whether it was resolved and is active again. The person who acknowledged it before has not seen this. */
  isReopened: boolean;
}

export interface WrittenAlert {
  externalId: string;
  alertId: string;
  assetId: string | null;
}

/**
 * Writes alerts, each at most once; one statement. Skips a new alert that another transaction has written meanwhile,
 * and does not return it. Keeps acknowledgements. Finds the asset through the device's row; an alert of an unknown
 * device has no asset until the device is known.
 */
export async function writeAlerts(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  alerts: AlertWrite[],
): Promise<WrittenAlert[]> {
  if (alerts.length === 0) return [];
  return queryPrepared<WrittenAlert>(
    tx,
    sql`with incoming as materialized (
          select r.*, m.asset_id from jsonb_to_recordset(${JSON.stringify(alerts)}::text::jsonb) as r(
            id uuid, "externalId" text, "externalDeviceId" text, "deviceHostname" text, name text, description text,
            payload text, severity text, "providerSeverity" text, status text, "startedAt" timestamptz,
            "resolvedAt" timestamptz, "contentHash" text, "observedAt" timestamptz, "observedVia" text,
            "wordOrders" jsonb, "isReopened" boolean)
          left join tenant_external_entity_mappings m on m.tenant_id = ${tenantId}
            and m.integration_id = ${connectionId} and m.external_type = 'device'
            and m.external_id = r."externalDeviceId"
        ), updated as (
          update rmm_alerts a set external_alert_id = i."externalId", external_device_id = i."externalDeviceId",
            device_hostname = i."deviceHostname", asset_id = coalesce(i.asset_id, a.asset_id), name = i.name,
            description = i.description, payload = i.payload, severity = i.severity,
            provider_severity = i."providerSeverity", status = i.status, started_at = i."startedAt",
            resolved_at = i."resolvedAt", content_hash = i."contentHash", observed_at = i."observedAt",
            observed_via = i."observedVia", word_orders = i."wordOrders", updated_at = i."observedAt",
            acknowledged_at = case when not i."isReopened" then a.acknowledged_at end,
            acknowledged_by = case when not i."isReopened" then a.acknowledged_by end
          from incoming i where a.tenant_id = ${tenantId} and a.id = i.id
          returning a.external_alert_id, a.id, a.asset_id
        ), inserted as (
          insert into rmm_alerts (id, tenant_id, integration_id, external_alert_id, external_device_id,
            device_hostname, asset_id, name, description, payload, severity, provider_severity, status, started_at,
            resolved_at, content_hash, observed_at, observed_via, word_orders, created_at, updated_at)
          select gen_random_uuid(), ${tenantId}, ${connectionId}, "externalId", "externalDeviceId",
            "deviceHostname", asset_id, name, description, payload, severity, "providerSeverity", status, "startedAt",
            "resolvedAt", "contentHash", "observedAt", "observedVia", "wordOrders", "observedAt", "observedAt"
          from incoming where id is null
          order by "externalId" -- so that two writers never wait for each other in a circle
          on conflict (tenant_id, integration_id, external_alert_id) do nothing
          returning external_alert_id, id, asset_id
        )
        select external_alert_id as "externalId", id as "alertId", asset_id as "assetId"
        from (select * from updated union all select * from inserted) written`,
  );
}

/**
 * Links alerts without an asset to the asset of their device, if the device has one by now; one statement. Needed
 * because an alert and its device's page, written at the same time, do not see each other.
 */
export async function attachLeftAlerts(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
): Promise<void> {
  await queryPrepared(
    tx,
    sql`with found as (
          select a.id, m.asset_id from rmm_alerts a
          join tenant_external_entity_mappings m on m.tenant_id = ${tenantId} and m.integration_id = ${connectionId}
            and m.external_type = 'device' and m.external_id = a.external_device_id and m.asset_id is not null
          where a.tenant_id = ${tenantId} and a.integration_id = ${connectionId} and a.asset_id is null
          order by a.external_alert_id
          for update of a
        )
        update rmm_alerts a set asset_id = f.asset_id from found f where a.id = f.id`,
  );
}
