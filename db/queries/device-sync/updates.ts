import { sql } from "drizzle-orm";

import type { ConnectionRef } from "@domain/refs";

import { queryPrepared, queryRows, type TenantDb } from "../../client";
import { textArray } from "../shared/arrays";
import { queryByHash } from "../shared/by-hash";
import { listedBy, observedBefore, type Sweep } from "./seen-ids";

export interface UpdateWrite {
  externalId: string;
  externalDeviceId: string;
  name: string;
  category: string | null;
  version: string | null;
  kbIds: string[];
  sizeBytes: number | null;
  error: string | null;
  publishedOn: string | null;
  isAvailable: boolean;
  contentHash: string;
}

export interface KnownUpdate {
  externalId: string;
  contentHash: string;
  isAvailable: boolean;
  observedMs: number;
}

/** The stored states of these updates. */
export async function listKnownUpdates(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  externalIds: string[],
): Promise<KnownUpdate[]> {
  return queryPrepared<KnownUpdate>(
    tx,
    sql`select external_update_id as "externalId", content_hash as "contentHash", is_available as "isAvailable",
          (extract(epoch from observed_at) * 1000)::float8 as "observedMs"
        from rmm_device_updates
        where tenant_id = ${tenantId} and integration_id = ${connectionId} and external_update_id = any(${textArray(externalIds)})`,
  );
}

/**
 * Writes new and changed updates; one statement for any number. An update that vanished and is available again starts a
 * second interval, and keeps the first.
 */
export async function upsertUpdates(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  updates: UpdateWrite[],
  observedAt: Date,
): Promise<void> {
  if (updates.length === 0) return;
  const at = observedAt.toISOString();
  await queryPrepared(
    tx,
    sql`with incoming as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(updates)}::text::jsonb) as r(
        "externalId" text, "externalDeviceId" text, name text, category text, version text, "kbIds" jsonb,
        "sizeBytes" bigint, error text, "publishedOn" text, "isAvailable" boolean, "contentHash" text)
    ), kept as (
      insert into rmm_update_intervals (id, tenant_id, update_id, started_at, ended_at)
      select gen_random_uuid(), u.tenant_id, u.id, u.available_since, u.ended_at
      from incoming r join rmm_device_updates u on u.tenant_id = ${tenantId}
        and u.integration_id = ${connectionId} and u.external_update_id = r."externalId"
      where r."isAvailable" and not u.is_available and u.ended_at is not null
    )
    insert into rmm_device_updates (id, tenant_id, integration_id, external_update_id, external_device_id, name,
      category, version, kb_ids, size_bytes, error, published_on, is_available, content_hash, available_since,
      ended_at, observed_at, created_at, updated_at)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, "externalId", "externalDeviceId", name, category,
      version, array(select jsonb_array_elements_text("kbIds")), "sizeBytes", error, "publishedOn", "isAvailable",
      "contentHash", ${at}, case when not "isAvailable" then ${at}::timestamptz end, ${at}, ${at}, ${at}
    from incoming
    on conflict (tenant_id, integration_id, external_update_id) do update set
      external_device_id = excluded.external_device_id, name = excluded.name, category = excluded.category,
      version = excluded.version, kb_ids = excluded.kb_ids, size_bytes = excluded.size_bytes,
      error = excluded.error, published_on = excluded.published_on, is_available = excluded.is_available,
      content_hash = excluded.content_hash,
      available_since = case when excluded.is_available and not rmm_device_updates.is_available
        then excluded.available_since else rmm_device_updates.available_since end,
      ended_at = case when excluded.is_available then null
        else coalesce(rmm_device_updates.ended_at, excluded.ended_at) end,
      observed_at = excluded.observed_at, updated_at = excluded.updated_at`,
  );
}

const availableOf = ({ tenantId, connectionId }: ConnectionRef) =>
  sql`u.tenant_id = ${tenantId} and u.integration_id = ${connectionId} and u.is_available`;

/** Available updates that a complete sweep did not list. Leaves out those observed since the run began. */
const absentFrom = (sweep: Sweep) =>
  sql`${availableOf(sweep)} and ${observedBefore(sweep, sql`u.observed_at`)}
    and not exists ${listedBy(sweep, "updates", sql`u.external_update_id`)}`;

/** How many updates were available when the run began, and how many of them its sweep did not list. */
export async function countAbsentUpdates(
  tx: TenantDb,
  sweep: Sweep,
): Promise<{ known: number; absent: number }> {
  const [row] = await queryByHash<{ known: number; absent: number }>(
    tx,
    sql`select
          (select count(*) from rmm_device_updates u
            where ${availableOf(sweep)} and ${observedBefore(sweep, sql`u.created_at`)})::int as known,
          (select count(*) from rmm_device_updates u where ${absentFrom(sweep)})::int as absent`,
  );
  return row!;
}

/** Marks updates that a complete sweep did not list as not available, of one device if given. Returns how many. */
export async function closeAbsentUpdates(
  tx: TenantDb,
  sweep: Sweep,
  externalDeviceId?: string,
): Promise<number> {
  const ofDevice =
    externalDeviceId === undefined ? sql`true` : sql`u.external_device_id = ${externalDeviceId}`;
  const at = sweep.now.toISOString();
  const query = externalDeviceId === undefined ? queryByHash : queryRows;
  const rows = await query(
    tx,
    sql`update rmm_device_updates u set is_available = false, ended_at = ${at}, observed_at = ${at}, updated_at = ${at}
        where ${absentFrom(sweep)} and ${ofDevice}
        returning u.id`,
  );
  return rows.length;
}

/**
 * Counts the available updates of every asset of the connection, or of one device, set-based, and writes the counts
 * that changed. Returns the total over these assets, and the assets whose count changed; an asset's first count is no
 * change.
 */
export async function refreshPendingPatches(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  now: Date,
  externalDeviceId?: string,
): Promise<{ total: number; changed: { assetId: string; externalId: string }[] }> {
  const ofDevice = externalDeviceId === undefined ? sql`true` : sql`m.external_id = ${externalDeviceId}`;
  const query = externalDeviceId === undefined ? queryByHash : queryRows;
  const [row] = await query<{ total: number; changed: { assetId: string; externalId: string }[] }>(
    tx,
    sql`with by_category as (
          select m.asset_id, min(m.external_id) as external_id, left(coalesce(u.category, ''), 200) as category,
            count(u.id) as pending, min(u.available_since) as since
          from tenant_external_entity_mappings m
          left join rmm_device_updates u on u.tenant_id = m.tenant_id and u.integration_id = m.integration_id
            and u.external_device_id = m.external_id and u.is_available
          where m.tenant_id = ${tenantId} and m.integration_id = ${connectionId} and m.external_type = 'device'
            and m.asset_id is not null and m.gone_at is null and ${ofDevice}
          group by 1, 3
        ), counted as materialized (
          select asset_id, min(external_id) as external_id, sum(pending)::int as pending, min(since) as since,
            jsonb_object_agg(category, (extract(epoch from since) * 1000)::bigint) filter (where pending > 0) as categories
          from by_category group by asset_id
        ), news as materialized (
          select c.*, d.pending_os_patches as before
          from counted c join asset_details d on d.tenant_id = ${tenantId} and d.asset_id = c.asset_id
          where (d.pending_os_patches, d.pending_since, d.pending_categories)
            is distinct from (c.pending, c.since, c.categories)
        ), written as (
          update asset_details d set pending_os_patches = n.pending, pending_since = n.since,
            pending_categories = n.categories, updated_at = ${now.toISOString()}
          from news n
          where d.tenant_id = ${tenantId} and d.asset_id = n.asset_id
        )
        select (select coalesce(sum(pending), 0)::int from counted) as total,
          (select coalesce(json_agg(json_build_object('assetId', asset_id, 'externalId', external_id)), '[]')
           from news where before <> pending) as changed`,
  );
  return row!;
}
