import { and, eq, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";

import { queryRows, type TenantDb } from "../../client";
import { assetPairs, type MergeUndo } from "../../schema";
import { uuidArray } from "../shared/arrays";
import { queryByHash } from "../shared/by-hash";

/** Pairs of assets that may be one machine; see `asset_pairs`. */

interface SideOfPair {
  assetId: string;
  serialKey: string | null;
  macKeys: string[];
  hostnameKey: string | null;
  manufacturer: string | null;
  model: string | null;
  diskBytes: number[];
}

export interface FoundPair {
  former: SideOfPair;
  current: SideOfPair;
  /** Whether the last device of the former asset has gone. */
  isFormerGone: boolean;
  /** Whether a person has already been asked about the pair. */
  isOpen: boolean;
}

const MAX_PAIRS = 5_000;

/**
 * Pairs of assets of one client that share a serial number or MAC address, where one was last seen before the other's
 * device appeared, and has been offline or gone since. Leaves out pairs that a person has decided. One statement.
 */
export async function findPairs(tx: TenantDb, tenantId: string, goneSince: Date): Promise<FoundPair[]> {
  const side = (alias: string) => {
    const a = sql.identifier(alias);
    const d = sql.identifier(`${alias}d`);
    return sql`json_build_object('assetId', ${a}.id, 'serialKey', ${a}.serial_key, 'macKeys', ${a}.mac_keys,
      'hostnameKey', ${a}.hostname_key, 'manufacturer', ${d}.system_info ->> 'manufacturer',
      'model', ${d}.system_info ->> 'model', 'diskBytes',
      coalesce(jsonb_path_query_array(${d}.system_info, '$.physicalDisks[*].sizeBytes'), '[]'))`;
  };
  return queryByHash<FoundPair>(
    tx,
    sql`with heard as materialized (
          select m.asset_id, min(m.created_at) as first_at, max(m.last_seen_at) as seen_at,
            bool_or(m.agent_status = 'online' and m.gone_at is null) as online, bool_or(m.gone_at is null) as listed
          from tenant_external_entity_mappings m join rmm_integrations i on i.id = m.integration_id
          where m.tenant_id = ${tenantId} and m.asset_id is not null and i.status <> 'disconnected'
            and (m.gone_at is null or m.gone_at >= ${goneSince.toISOString()} or exists (
              select from asset_pairs p
              where p.tenant_id = ${tenantId} and p.state = 'open' and p.former_asset_id = m.asset_id))
          group by 1
        ), keyed as materialized (
          -- What was heard of an asset stands beside its keys: joined apart, the two sides of a pair may be compared by
          -- time alone first, each asset with each other.
          select a.id, a.client_id, k.key, h.first_at, h.online, h.listed,
            coalesce(h.seen_at, '-infinity') as seen_at, coalesce(h.seen_at, h.first_at) as heard_at
          from assets a join heard h on h.asset_id = a.id
          cross join lateral (select a.serial_key as key where a.serial_key is not null
            union all select unnest(a.mac_keys)) k
          where a.tenant_id = ${tenantId} and a.client_id is not null
        ), alike as (
          select distinct f.id as former, c.id as current, f.listed as former_listed
          from keyed f join keyed c on c.client_id = f.client_id and c.key = f.key and c.id <> f.id
          where not f.online and c.listed and f.seen_at <= c.first_at and f.seen_at < c.heard_at
        )
        select ${side("f")} as former, ${side("c")} as current, not alike.former_listed as "isFormerGone",
          coalesce(p.state = 'open', false) as "isOpen"
        from alike
        join assets f on f.id = alike.former
        join assets c on c.id = alike.current
        left join asset_details fd on fd.asset_id = f.id
        left join asset_details cd on cd.asset_id = c.id
        left join asset_pairs p on p.tenant_id = ${tenantId} and p.former_asset_id = f.id and p.current_asset_id = c.id
        where not exists (
          select from asset_pairs d
          where d.tenant_id = ${tenantId} and d.state <> 'open' and d.former_asset_id = f.id and d.current_asset_id = c.id)
        and not exists (
          select from asset_pairs d
          where d.tenant_id = ${tenantId} and d.state <> 'open' and d.former_asset_id = c.id and d.current_asset_id = f.id)
        order by f.id, c.id limit ${MAX_PAIRS}`,
  );
}

export interface PairIds {
  formerAssetId: string;
  currentAssetId: string;
}

/** Replaces all open pairs by the given ones; two statements. */
export async function replaceOpenPairs(tx: TenantDb, tenantId: string, pairs: PairIds[]): Promise<void> {
  const rows = sql`jsonb_to_recordset(${JSON.stringify(pairs)}::text::jsonb)
    as r("formerAssetId" uuid, "currentAssetId" uuid)`;
  await tx.execute(sql`
    delete from asset_pairs p where p.tenant_id = ${tenantId} and p.state = 'open' and not exists (
      select from ${rows}
      where r."formerAssetId" = p.former_asset_id and r."currentAssetId" = p.current_asset_id)`);
  if (pairs.length === 0) return;
  await tx.execute(sql`
    insert into asset_pairs (id, tenant_id, former_asset_id, current_asset_id, state)
    select gen_random_uuid(), ${tenantId}, r."formerAssetId", r."currentAssetId", 'open' from ${rows}
    on conflict (tenant_id, former_asset_id, current_asset_id) do nothing`);
}

export interface OpenPair extends PairIds {
  id: string;
  sinceMs: number;
}

/** Pairs on which a person has to decide, latest first, at most `limit`. */
export async function listOpenPairs(tx: TenantDb, tenantId: string, limit: number): Promise<OpenPair[]> {
  return queryRows<OpenPair>(
    tx,
    sql`select id, former_asset_id as "formerAssetId", current_asset_id as "currentAssetId",
          (extract(epoch from created_at) * 1000)::float8 as "sinceMs"
        from asset_pairs where tenant_id = ${tenantId} and state = 'open'
        order by created_at desc, id limit ${limit}`,
  );
}

/** Records a person's decision that the two assets are two machines. Returns the pair; undefined if it was not open. */
export async function markPairDistinct(
  tx: TenantDb,
  tenantId: string,
  pairId: string,
  actor: string,
  now: Date,
): Promise<PairIds | undefined> {
  const [row] = await tx
    .update(assetPairs)
    .set({ state: "distinct", actor, updatedAt: now })
    .where(and(eq(assetPairs.tenantId, tenantId), eq(assetPairs.id, pairId), eq(assetPairs.state, "open")))
    .returning({ formerAssetId: assetPairs.formerAssetId, currentAssetId: assetPairs.currentAssetId });
  return row;
}

/** Records a person's decision that new devices are none of their candidate assets; one statement. */
export async function insertDistinctPairs(
  tx: TenantDb,
  tenantId: string,
  devices: { connectionId: string; externalId: string; assetIds: string[] }[],
  actor: string,
): Promise<void> {
  const rows = devices.flatMap(({ connectionId, externalId, assetIds }) =>
    assetIds.map((assetId) => ({ connectionId, externalId, assetId })),
  );
  await tx.execute(sql`
    insert into asset_pairs (id, tenant_id, former_asset_id, current_asset_id, state, actor)
    select gen_random_uuid(), ${tenantId}, r."assetId", m.asset_id, 'distinct', ${actor}
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as r("connectionId" uuid, "externalId" text, "assetId" uuid)
    join tenant_external_entity_mappings m on m.tenant_id = ${tenantId} and m.integration_id = r."connectionId"
      and m.external_type = 'device' and m.external_id = r."externalId" and m.asset_id is not null
    on conflict (tenant_id, former_asset_id, current_asset_id) do nothing`);
}

/** Records a merge, and deletes the open pairs of both assets. */
export async function recordMerge(
  tx: TenantDb,
  tenantId: string,
  { formerAssetId, currentAssetId, keptAssetId, actor, undo }: PairIds & MergeRecord,
  now: Date,
): Promise<void> {
  const set = { state: "merged" as const, keptAssetId, actor, undo, mergedAt: now, updatedAt: now };
  await tx
    .insert(assetPairs)
    .values({ id: uuidv7(), tenantId, formerAssetId, currentAssetId, ...set })
    .onConflictDoUpdate({
      target: [assetPairs.tenantId, assetPairs.formerAssetId, assetPairs.currentAssetId],
      set,
    });
  await tx.execute(sql`
    delete from asset_pairs where tenant_id = ${tenantId} and state = 'open'
      and (former_asset_id = any(${uuidArray([formerAssetId, currentAssetId])})
        or current_asset_id = any(${uuidArray([formerAssetId, currentAssetId])}))`);
}

interface MergeRecord {
  keptAssetId: string;
  actor: string;
  undo: MergeUndo;
}

/**
 * The latest merge into an asset since an instant, before which merges cannot be undone; undefined if there is none.
 */
export async function findMerge(tx: TenantDb, tenantId: string, keptAssetId: string, since: Date) {
  const [row] = await tx
    .select()
    .from(assetPairs)
    .where(
      and(
        eq(assetPairs.tenantId, tenantId),
        eq(assetPairs.keptAssetId, keptAssetId),
        eq(assetPairs.state, "merged"),
        sql`${assetPairs.mergedAt} > ${since.toISOString()}`,
      ),
    )
    .orderBy(sql`${assetPairs.mergedAt} desc`)
    .limit(1);
  return row;
}

/** Records that a merge of two assets was undone, and deletes the data for undoing it. */
export async function markAssetMergeUndone(
  tx: TenantDb,
  tenantId: string,
  id: string,
  now: Date,
): Promise<void> {
  await tx
    .update(assetPairs)
    .set({ state: "undone", undo: null, updatedAt: now })
    .where(and(eq(assetPairs.tenantId, tenantId), eq(assetPairs.id, id)));
}

/**
 * The id of the asset into which an asset was merged, to which the old address redirects; undefined if it was not
 * merged.
 */
export async function findMergedInto(
  tx: TenantDb,
  tenantId: string,
  assetId: string,
): Promise<string | undefined> {
  const [row] = await queryRows<{ id: string }>(
    tx,
    sql`select kept_asset_id as id from asset_pairs
        where tenant_id = ${tenantId} and state = 'merged' and kept_asset_id <> ${assetId}
          and (former_asset_id = ${assetId} or current_asset_id = ${assetId})
        order by merged_at desc limit 1`,
  );
  return row?.id;
}
