import { sql, type SQL } from "drizzle-orm";

import type { SkipReason } from "@domain/device-plan";
import type { DeviceLiveness } from "@domain/snapshots";
import type { UndoneValues } from "@domain/undone-values";

import { queryPrepared, type TenantDb } from "../../client";
import type { DeviceLink, IdentityFields, ReportedFields } from "../../schema";
import { textArray, uuidArray } from "../shared/arrays";

/** The stored state of a device before a page is written. */
export interface KnownDevice {
  externalId: string;
  deviceRowId: string;
  /** Null also if the device is gone and another device has taken its asset over. */
  assetId: string | null;
  assetName: string | null;
  clientId: string | null;
  overriddenFields: string[] | null;
  reported: ReportedFields | null;
  undone: UndoneValues | null;
  externalGroupId: string | null;
  displayName: string;
  skipReason: string | null;
  contentHash: string;
  agentStatus: string | null;
  lastSeenMs: number | null;
  lastRebootMs: number | null;
  observedMs: number;
  isGone: boolean;
  /** Whether its asset has a listed device of a connection that ranks above this one. */
  isOutranked: boolean;
}

/**
 * The stored states of these devices, without those that are not known.
 * @param outrankedBy the ids of the connections that rank above this one
 */
export async function listKnownDevices(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  externalIds: string[],
  outrankedBy: string[],
): Promise<KnownDevice[]> {
  return queryPrepared<KnownDevice>(
    tx,
    sql`select m.external_id as "externalId", m.id as "deviceRowId", a.id as "assetId", a.name as "assetName",
          a.client_id as "clientId", a.held_fields as "overriddenFields", a.undone, m.reported, m.external_group_id as "externalGroupId",
          m.display_name as "displayName", m.skip_reason as "skipReason", m.content_hash as "contentHash",
          m.agent_status as "agentStatus", ${epochMs(sql`m.last_seen_at`)} as "lastSeenMs",
          ${epochMs(sql`m.last_reboot_at`)} as "lastRebootMs", ${epochMs(sql`m.observed_at`)} as "observedMs",
          m.gone_at is not null as "isGone", ${isOutranked(tenantId, outrankedBy)} as "isOutranked"
        from tenant_external_entity_mappings m left join assets a on a.tenant_id = m.tenant_id and a.id = m.asset_id
          and not ${hasLostAsset(tenantId)}
        where m.tenant_id = ${tenantId} and m.integration_id = ${connectionId} and m.external_type = 'device'
          and m.external_id = any(${textArray(externalIds)})`,
  );
}

/**
 * Whether the device `m` is gone and its asset belongs to another device: to a listed one, or otherwise to the one that
 * went last.
 */
const hasLostAsset = (tenantId: string): SQL => sql`(m.gone_at is not null and exists (
  select from tenant_external_entity_mappings o
  where o.tenant_id = ${tenantId} and o.asset_id = m.asset_id
    and (o.gone_at is null or (o.gone_at, o.id) > (m.gone_at, m.id))))`;

const isOutranked = (tenantId: string, outrankedBy: string[]): SQL =>
  outrankedBy.length === 0
    ? sql`false`
    : sql`exists (select from tenant_external_entity_mappings o
        where o.tenant_id = ${tenantId} and o.asset_id = m.asset_id
          and o.integration_id = any(${uuidArray(outrankedBy)}) and o.gone_at is null and o.skip_reason is null)`;

const epochMs = (column: ReturnType<typeof sql>) => sql`(extract(epoch from ${column}) * 1000)::float8`;

export interface DeviceWrite {
  deviceRowId: string;
  assetId: string;
  externalId: string;
  externalGroupId: string | null;
  clientId: string;
  contentHash: string;
  /**
   * The asset's present name while a rename is staged, not the provider's. Null: an existing asset keeps its name, and
   * a new one takes its id as name.
   */
  name: string | null;
  displayName: string;
  reported: ReportedFields;
  undone: UndoneValues;
  /** Why it is linked to this asset; null if it already was. */
  link: DeviceLink | null;
  serialKey: string | null;
  macKeys: string[];
  hostnameKey: string | null;
  /** Null: an existing asset keeps its type, and a new one is a workstation. */
  assetType: "workstation" | "server" | null;
  serialNumber: string | null;
  location: string | null;
  osType: string | null;
  osVersion: string | null;
  lanIp: string | null;
  cpuModel: string | null;
  cpuCores: number | null;
  ramGb: number | null;
  disks: unknown[];
  lastLoggedInUser: string | null;
  systemInfo: Record<string, unknown>;
  liveness: DeviceLiveness;
  observedAt: Date;
  /** Whether the facts of its asset come from another connection. Then only the device's own row is written. */
  isOutranked: boolean;
}

export interface WriteContext {
  tenantId: string;
  connectionId: string;
  integrationType: string;
  now: Date;
}

/**
 * Writes new and changed devices: asset, details and mapping, in one statement for any number. Keeps overridden fields,
 * and never replaces a value by a blank.
 */
export async function upsertDevices(
  tx: TenantDb,
  context: WriteContext,
  devices: DeviceWrite[],
): Promise<void> {
  if (devices.length === 0) return;
  const { tenantId, connectionId, integrationType } = context;
  const now = context.now.toISOString();
  const rows = devices.map(({ liveness, ...device }) => ({ ...device, ...liveness }));
  await queryPrepared(
    tx,
    sql`
    with incoming as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(
        "deviceRowId" uuid, "assetId" uuid, "externalId" text, "externalGroupId" text, "clientId" uuid,
        "contentHash" text, name text, "assetType" text, "serialNumber" text, location text, "osType" text,
        "osVersion" text, "lanIp" text, "cpuModel" text, "cpuCores" int, "ramGb" int, disks jsonb,
        "lastLoggedInUser" text, "systemInfo" jsonb, "displayName" text, reported jsonb, undone jsonb, link jsonb, "serialKey" text,
        "macKeys" text[], "hostnameKey" text, "agentStatus" text, "lifecycleStatus" text,
        "lastSeenAt" timestamptz, "lastRebootAt" timestamptz, "observedAt" timestamptz, "isOutranked" boolean)
    ), written_assets as (
      insert into assets as a (id, tenant_id, client_id, asset_type, name, serial_number, location, serial_key, mac_keys,
        hostname_key, undone, created_at, updated_at)
      select "assetId", ${tenantId}, "clientId",
        coalesce("assetType", (select o.asset_type from assets o where o.id = "assetId"), 'workstation'),
        coalesce(name, (select o.name from assets o where o.id = "assetId"), "externalId"),
        "serialNumber", location, "serialKey", "macKeys", "hostnameKey", undone, ${now}, ${now}
      from incoming where not "isOutranked"
      on conflict (id) do update set
        client_id = ${unlessHeld("client_id", "client")},
        asset_type = ${unlessHeld("asset_type", "type")},
        name = ${unlessHeld("name", "name")},
        location = case when 'location' = any(a.held_fields) then a.location
                        else coalesce(excluded.location, a.location) end,
        serial_number = coalesce(excluded.serial_number, a.serial_number),
        serial_key = coalesce(excluded.serial_key, a.serial_key),
        mac_keys = case when excluded.mac_keys = '{}' then a.mac_keys else excluded.mac_keys end,
        hostname_key = coalesce(excluded.hostname_key, a.hostname_key), undone = excluded.undone,
        status = 'active', gone_at = null, gone_reason = null, retired_at = null, updated_at = excluded.updated_at
    ), written_details as (
      insert into asset_details as d (asset_id, tenant_id, os_type, os_version, lan_ip, cpu_model, cpu_cores, ram_gb,
        disks, last_logged_in_user, system_info, updated_at)
      select "assetId", ${tenantId}, "osType", "osVersion", "lanIp", "cpuModel", "cpuCores", "ramGb", disks,
        "lastLoggedInUser", "systemInfo", ${now}
      from incoming where not "isOutranked"
      on conflict (asset_id) do update set
        os_type = coalesce(excluded.os_type, d.os_type), os_version = coalesce(excluded.os_version, d.os_version),
        lan_ip = coalesce(excluded.lan_ip, d.lan_ip), cpu_model = coalesce(excluded.cpu_model, d.cpu_model),
        cpu_cores = coalesce(excluded.cpu_cores, d.cpu_cores), ram_gb = coalesce(excluded.ram_gb, d.ram_gb),
        disks = case when excluded.disks = '[]'::jsonb then d.disks else excluded.disks end,
        last_logged_in_user = coalesce(excluded.last_logged_in_user, d.last_logged_in_user),
        system_info = d.system_info || excluded.system_info, updated_at = excluded.updated_at
    )
    insert into tenant_external_entity_mappings as m (id, tenant_id, integration_id, integration_type, external_type,
      external_id, asset_id, external_group_id, display_name, reported, link, content_hash, agent_status,
      lifecycle_status, last_seen_at, last_reboot_at, observed_at, created_at, updated_at)
    select "deviceRowId", ${tenantId}, ${connectionId}, ${integrationType}, 'device', "externalId", "assetId",
      "externalGroupId", "displayName", reported, link, "contentHash", "agentStatus", "lifecycleStatus", "lastSeenAt", "lastRebootAt",
      "observedAt", ${now}, ${now}
    from incoming
    on conflict (tenant_id, integration_id, external_type, external_id) do update set
      asset_id = excluded.asset_id, external_group_id = excluded.external_group_id,
      display_name = excluded.display_name, reported = excluded.reported, link = coalesce(excluded.link, m.link),
      identity = null, skip_reason = null, content_hash = excluded.content_hash, agent_status = excluded.agent_status, lifecycle_status = excluded.lifecycle_status,
      last_seen_at = coalesce(excluded.last_seen_at, m.last_seen_at),
      last_reboot_at = coalesce(excluded.last_reboot_at, m.last_reboot_at),
      observed_at = excluded.observed_at, gone_at = null, gone_reason = null, updated_at = excluded.updated_at`,
  );
}

const unlessHeld = (column: string, field: string) => {
  const name = sql.identifier(column);
  return sql`case when ${field} = any(a.held_fields) then a.${name} else excluded.${name} end`;
};

export interface SkippedWrite {
  deviceRowId: string;
  externalId: string;
  externalGroupId: string | null;
  name: string;
  reason: SkipReason;
  reported: ReportedFields;
  identity: IdentityFields;
  contentHash: string;
  liveness: DeviceLiveness;
  observedAt: Date;
}

/**
 * Writes devices without a client, so that pages can count and list them; one statement. Unlinks a device that comes
 * back from an asset that another device has taken over, because otherwise two listed devices would be linked to it.
 */
export async function upsertSkippedDevices(
  tx: TenantDb,
  context: WriteContext,
  devices: SkippedWrite[],
): Promise<void> {
  if (devices.length === 0) return;
  const { tenantId, connectionId, integrationType } = context;
  const now = context.now.toISOString();
  const rows = devices.map(({ liveness, ...device }) => ({ ...device, ...liveness }));
  await queryPrepared(
    tx,
    sql`
    insert into tenant_external_entity_mappings as m (id, tenant_id, integration_id, integration_type, external_type,
      external_id, external_group_id, display_name, reported, identity, skip_reason, content_hash, agent_status,
      lifecycle_status, last_seen_at, last_reboot_at, observed_at, created_at, updated_at)
    select r."deviceRowId", ${tenantId}, ${connectionId}, ${integrationType}, 'device', r."externalId",
      r."externalGroupId", r.name, r.reported, r.identity, r.reason, r."contentHash", r."agentStatus",
      r."lifecycleStatus", r."lastSeenAt", r."lastRebootAt", r."observedAt", ${now}, ${now}
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(
      "deviceRowId" uuid, "externalId" text, "externalGroupId" text, name text, reported jsonb, identity jsonb,
      reason text, "contentHash" text, "agentStatus" text, "lifecycleStatus" text, "lastSeenAt" timestamptz, "lastRebootAt" timestamptz,
      "observedAt" timestamptz)
    on conflict (tenant_id, integration_id, external_type, external_id) do update set
      asset_id = case when ${hasLostAsset(tenantId)} then null else m.asset_id end,
      external_group_id = excluded.external_group_id, display_name = excluded.display_name,
      reported = excluded.reported, identity = excluded.identity, skip_reason = excluded.skip_reason,
      content_hash = excluded.content_hash, agent_status = excluded.agent_status, lifecycle_status = excluded.lifecycle_status,
      last_seen_at = coalesce(excluded.last_seen_at, m.last_seen_at),
      last_reboot_at = coalesce(excluded.last_reboot_at, m.last_reboot_at),
      observed_at = excluded.observed_at, gone_at = null, gone_reason = null, updated_at = excluded.updated_at`,
  );
}

/** Removes the client of assets whose device has none any more, unless a person set it; one statement. */
export async function releaseAssets(tx: TenantDb, context: WriteContext, assetIds: string[]): Promise<void> {
  if (assetIds.length === 0) return;
  await queryPrepared(
    tx,
    sql`
    update assets set client_id = case when 'client' = any(held_fields) then client_id end,
      undone = undone - 'client', status = 'active',
      gone_at = null, gone_reason = null, retired_at = null, updated_at = ${context.now.toISOString()}
    where tenant_id = ${context.tenantId}
      and (status <> 'active' or (client_id is not null and not ('client' = any(held_fields))))
      and id = any(${uuidArray(assetIds)})`,
  );
}

export interface TouchedWrite {
  deviceRowId: string;
  liveness: DeviceLiveness;
  observedAt: Date;
}

/** Writes what changes each minute, for devices that are otherwise unchanged; one statement. */
export async function updateLiveness(
  tx: TenantDb,
  context: WriteContext,
  devices: TouchedWrite[],
): Promise<void> {
  if (devices.length === 0) return;
  const rows = devices.map(({ liveness, ...device }) => ({ ...device, ...liveness }));
  await queryPrepared(
    tx,
    sql`
    update tenant_external_entity_mappings m set
      agent_status = r."agentStatus", lifecycle_status = r."lifecycleStatus",
      last_seen_at = coalesce(r."lastSeenAt", m.last_seen_at),
      last_reboot_at = coalesce(r."lastRebootAt", m.last_reboot_at),
      observed_at = r."observedAt", updated_at = ${context.now.toISOString()}
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(
      "deviceRowId" uuid, "agentStatus" text, "lifecycleStatus" text, "lastSeenAt" timestamptz,
      "lastRebootAt" timestamptz, "observedAt" timestamptz)
    where m.tenant_id = ${context.tenantId} and m.id = r."deviceRowId"`,
  );
}

/** Links alerts that arrived before their device to its asset. One statement, which locks alerts in the usual order. */
export async function attachAlertsToAssets(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  devices: { externalId: string; assetId: string }[],
): Promise<void> {
  if (devices.length === 0) return;
  const rows = devices.map(({ externalId, assetId }) => ({ externalId, assetId }));
  await queryPrepared(
    tx,
    sql`
    with found as (
      select a.id, r."assetId"
      from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r("externalId" text, "assetId" uuid)
      join rmm_alerts a on a.tenant_id = ${tenantId} and a.integration_id = ${connectionId}
        and a.external_device_id = r."externalId" and a.asset_id is distinct from r."assetId"
      order by a.external_alert_id
      for update of a
    )
    update rmm_alerts a set asset_id = f."assetId" from found f where a.id = f.id`,
  );
}
