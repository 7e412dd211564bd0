import { sql, type SQL } from "drizzle-orm";

import type { ReviewReason } from "@domain/match-decision";
import type { ConnectionRef } from "@domain/refs";

import { queryPrepared, queryRows, type TenantDb } from "../../client";
import type { IdentityCandidate } from "../../schema";
import { textArray, uuidArray } from "../shared/arrays";
import { queryByHash } from "../shared/by-hash";
import { listedBy, type Sweep } from "./seen-ids";

export interface IdentityRow {
  assetId: string;
  clientId: string | null;
  serialKey: string | null;
  macKeys: string[];
  hostnameKey: string | null;
  /** The hardware in the RMM's words. */
  manufacturer: string | null;
  model: string | null;
  diskBytes: number[];
  isLinked: boolean;
  /** Whether it was never linked to a device. */
  isNamedByHand: boolean;
}

export interface WantedKeys {
  serialKeys: string[];
  macKeys: string[];
  /** Hostnames identify a machine only within its client. */
  hostnames: { clientId: string; hostnameKey: string }[];
}

/** The most assets with a common key that are compared; more than any decision needs. */
const MAX_SERIAL_SHARING = 10;
const MAX_HOSTNAME_SHARING = 2_000;
const MAX_MAC_SHARING = 10_000;

/**
 * Assets that share a serial number, a MAC address or (within the client) a hostname; one statement, with an index for
 * each kind of key. Limits apply to each key, or are so wide that one key's many assets cannot push out another's.
 * @param plannedRunId a dry run: devices that its plan marks as gone count as gone, and those that it brings back as
 * listed
 */
export async function listMachinesByKeys(
  tx: TenantDb,
  tenantId: string,
  keys: WantedKeys,
  plannedRunId: string | null = null,
): Promise<IdentityRow[]> {
  if (keys.serialKeys.length + keys.macKeys.length + keys.hostnames.length === 0) return [];
  return queryPrepared<IdentityRow>(
    tx,
    sql`select a.id as "assetId", a.client_id as "clientId", a.serial_key as "serialKey", a.mac_keys as "macKeys",
          a.hostname_key as "hostnameKey", d.system_info ->> 'manufacturer' as manufacturer,
          d.system_info ->> 'model' as model,
          coalesce(jsonb_path_query_array(d.system_info, '$.physicalDisks[*].sizeBytes'), '[]') as "diskBytes", exists (
            select from tenant_external_entity_mappings m join rmm_integrations i on i.id = m.integration_id
            where m.tenant_id = ${tenantId} and m.asset_id = a.id and i.status <> 'disconnected'
              and ${isListed(tenantId, plannedRunId)}) as "isLinked", not exists (
            select from tenant_external_entity_mappings m
            where m.tenant_id = ${tenantId} and m.asset_id = a.id) as "isNamedByHand"
        from assets a left join asset_details d on d.asset_id = a.id
        where a.tenant_id = ${tenantId} and a.id = any(array(
          select s.id from unnest(${textArray(keys.serialKeys)}) k(serial_key)
          cross join lateral (
            select id from assets where tenant_id = ${tenantId} and serial_key = k.serial_key
            limit ${MAX_SERIAL_SHARING}) s
          union
          (select assets_with_mac_keys(${textArray(keys.macKeys)}) limit ${MAX_MAC_SHARING})
          union
          select h.id
          from jsonb_to_recordset(${JSON.stringify(keys.hostnames)}::text::jsonb)
            as k("clientId" uuid, "hostnameKey" text)
          cross join lateral (
            select id from assets
            where tenant_id = ${tenantId} and client_id = k."clientId" and hostname_key = k."hostnameKey"
            limit ${MAX_HOSTNAME_SHARING}) h))`,
  );
}

/** Whether the device `m` is listed; in a dry run, whether its plan keeps it or brings it back to its asset. */
function isListed(tenantId: string, plannedRunId: string | null): SQL {
  if (plannedRunId === null) return sql`m.gone_at is null`;
  const isPlanned = (what: SQL) => sql`exists (
    select from rmm_planned_changes p join rmm_sync_runs r on r.id = p.run_id
    where p.tenant_id = ${tenantId} and p.run_id = ${plannedRunId} and p.external_id = m.external_id and ${what}
      and r.integration_id = m.integration_id)`;
  return sql`case when m.gone_at is null then not ${isPlanned(sql`p.action = 'gone'`)}
    else ${isPlanned(sql`p.action = 'return' and p.asset_id = m.asset_id`)} end`;
}

/** The latest record of a device whose match is pending. */
export interface KeptRecord {
  externalId: string;
  name: string;
  /** The device's snapshot with its `observedAt`. */
  device: Record<string, unknown>;
}

export interface ReviewWrite extends KeptRecord {
  reason: ReviewReason;
  candidates: IdentityCandidate[];
}

/** Stores devices that wait for a decision; one statement. */
export async function upsertReviews(
  tx: TenantDb,
  { tenantId, connectionId, now }: { tenantId: string; connectionId: string; now: Date },
  reviews: ReviewWrite[],
): Promise<void> {
  if (reviews.length === 0) return;
  const at = now.toISOString();
  await tx.execute(sql`
    insert into rmm_identity_reviews as v (id, tenant_id, integration_id, external_id, name, reason, candidates, device,
      created_at, updated_at)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, r."externalId", r.name, r.reason, r.candidates, r.device,
      ${at}, ${at}
    from json_to_recordset(${JSON.stringify(reviews)}::text::json)
      as r("externalId" text, name text, reason text, candidates jsonb, device json)
    on conflict (tenant_id, integration_id, external_id) do update set
      name = excluded.name, reason = excluded.reason, candidates = excluded.candidates, device = excluded.device,
      updated_at = excluded.updated_at`);
}

/**
 * Updates devices that wait for a decision with the records of a running sweep, so that a person decides on the latest;
 * one statement.
 */
export async function renewReviews(
  tx: TenantDb,
  { tenantId, connectionId, now }: { tenantId: string; connectionId: string; now: Date },
  records: KeptRecord[],
): Promise<void> {
  if (records.length === 0) return;
  await tx.execute(sql`
    update rmm_identity_reviews v set name = r.name, device = r.device, updated_at = ${now.toISOString()}
    from json_to_recordset(${JSON.stringify(records)}::text::json) as r("externalId" text, name text, device json)
    where v.tenant_id = ${tenantId} and v.integration_id = ${connectionId} and v.external_id = r."externalId"`);
}

/** Deletes reviews of devices that are decided, or have no client any more; one statement. */
export async function deleteReviews(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  externalIds: string[],
): Promise<void> {
  if (externalIds.length === 0) return;
  await tx.execute(sql`
    delete from rmm_identity_reviews
    where tenant_id = ${tenantId} and integration_id = ${connectionId}
      and external_id = any(${textArray(externalIds)})`);
}

/** Deletes reviews of devices that are gone or already linked, because there is nothing to decide. */
export async function deleteReviewsOfGone(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
): Promise<void> {
  await tx.execute(sql`
    delete from rmm_identity_reviews v
    using tenant_external_entity_mappings m
    where v.tenant_id = ${tenantId} and v.integration_id = ${connectionId} and m.tenant_id = v.tenant_id
      and m.integration_id = v.integration_id and m.external_type = 'device' and m.external_id = v.external_id
      and (m.gone_at is not null or m.asset_id is not null)`);
}

export interface ReviewRow {
  id: string;
  connectionId: string;
  provider: string;
  externalId: string;
  name: string;
  reason: ReviewReason;
  candidates: IdentityCandidate[];
  device: Record<string, unknown>;
}

const reviewColumns = sql`v.id, v.integration_id as "connectionId", i.provider, v.external_id as "externalId", v.name,
  v.reason, v.candidates, v.device`;

/** The ids of the connections to which these reviews belong. */
export async function listIntegrationsOfReviews(
  tx: TenantDb,
  tenantId: string,
  ids: string[],
): Promise<string[]> {
  const rows = await queryRows<{ connectionId: string }>(
    tx,
    sql`select distinct integration_id as "connectionId" from rmm_identity_reviews
        where tenant_id = ${tenantId} and id = any(${uuidArray(ids)})`,
  );
  return rows.map((row) => row.connectionId);
}

/** The reviews with these ids, locked for a decision. Lock their connections first. */
export async function lockReviews(tx: TenantDb, tenantId: string, ids: string[]): Promise<ReviewRow[]> {
  return queryRows<ReviewRow>(
    tx,
    sql`select ${reviewColumns} from rmm_identity_reviews v join rmm_integrations i on i.id = v.integration_id
        where v.tenant_id = ${tenantId} and v.id = any(${uuidArray(ids)})
        order by v.id for update of v`,
  );
}

/** Which of these devices a person approved before their match was decided. */
export async function listApproved(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  externalIds: string[],
): Promise<Set<string>> {
  if (externalIds.length === 0) return new Set();
  const rows = await queryRows<{ externalId: string }>(
    tx,
    sql`select external_id as "externalId" from rmm_identity_reviews
        where tenant_id = ${tenantId} and integration_id = ${connectionId} and approved_by is not null
          and external_id = any(${textArray(externalIds)})`,
  );
  return new Set(rows.map((row) => row.externalId));
}

/** Which of these assets have a linked device that the sweep listed. */
export async function listAssetsListedBy(
  tx: TenantDb,
  { tenantId, connectionId, runId }: Pick<Sweep, "tenantId" | "connectionId" | "runId">,
  assetIds: string[],
): Promise<Set<string>> {
  if (assetIds.length === 0) return new Set();
  const rows = await queryByHash<{ assetId: string }>(
    tx,
    sql`select distinct m.asset_id as "assetId" from tenant_external_entity_mappings m
        where m.tenant_id = ${tenantId} and m.integration_id = ${connectionId} and m.external_type = 'device'
          and m.asset_id = any(${uuidArray(assetIds)})
          and exists ${listedBy({ tenantId, runId }, "devices", sql`m.external_id`)}`,
  );
  return new Set(rows.map((row) => row.assetId));
}

/**
 * Lets only one transaction at a time in the tenant link devices to existing assets: two accounts, or a sweep and a
 * person, could otherwise link two devices to one asset. Lock connections first.
 */
export async function lockIdentities(tx: TenantDb, tenantId: string): Promise<void> {
  await tx.execute(sql`select id from tenants where id = ${tenantId} for no key update`);
}

/** Which of these assets have a linked, listed device. */
export async function listLinkedAssets(
  tx: TenantDb,
  tenantId: string,
  assetIds: string[],
): Promise<Set<string>> {
  const rows = await queryRows<{ assetId: string }>(
    tx,
    sql`select distinct m.asset_id as "assetId"
        from tenant_external_entity_mappings m join rmm_integrations i on i.id = m.integration_id
        where m.tenant_id = ${tenantId} and m.gone_at is null and i.status <> 'disconnected'
          and m.asset_id = any(${uuidArray(assetIds)})`,
  );
  return new Set(rows.map((row) => row.assetId));
}
