import { sql, type SQL } from "drizzle-orm";

import type { HeldKind, HeldSum } from "@domain/sync-words";

import { queryRows, type TenantDb } from "../../client";
import type { IdentityCandidate } from "../../schema";
import { uuidArray } from "../shared/arrays";
import { byClient, byName } from "../shared/by-name";
import { fingerprintOf } from "../shared/fingerprint";
import { contains } from "../shared/search";
import { heldColumns, heldFingerprint, type SeenHeld } from "./held";
import { matchesFilter, type HeldFilter } from "./held-filter";

/** Lists and counts for the pages of held changes and pending matches. All functions here only read. */

export interface ToReview {
  held: number;
  /** Devices and pairs of assets on which a person has to decide. */
  ambiguous: number;
  /** Devices on which the next complete sweep decides. */
  waiting: number;
  /** New devices that a person has to approve. */
  approval: number;
}

/** How much is pending review, by kind; one statement. */
export async function countToReview(tx: TenantDb, tenantId: string): Promise<ToReview> {
  const [row] = await queryRows<ToReview>(
    tx,
    sql`select (select count(*)::int from rmm_held_changes where tenant_id = ${tenantId} and state = 'held') as held,
          (select count(*)::int from rmm_identity_reviews where tenant_id = ${tenantId} and reason = 'ambiguous')
            + (select count(*)::int from asset_pairs where tenant_id = ${tenantId} and state = 'open') as ambiguous,
          (select count(*)::int from rmm_identity_reviews where tenant_id = ${tenantId} and reason = 'waiting')
            as waiting,
          (select count(*)::int from rmm_identity_reviews where tenant_id = ${tenantId} and reason = 'approval')
            as approval`,
  );
  return row!;
}

interface Page {
  limit: number;
  offset: number;
}

export interface HeldRow {
  id: string;
  /** The fingerprint of the change as shown. */
  mark: string;
  kind: HeldKind;
  name: string;
  externalId: string;
  assetId: string | null;
  /** The name of the asset's present client. */
  client: string | null;
  /** The names of a rename, or of the clients of a move; null without a client. */
  from: string | null;
  to: string | null;
  /** Why a removal is held, or why the device of a move has lost its client. */
  reason: string | null;
  integration: string;
  /** The last sweep that saw the change. */
  runId: string;
  sinceMs: number;
}

/** A page of the held changes that match, ordered by name. */
export const listHeld = (
  tx: TenantDb,
  tenantId: string,
  filter: HeldFilter,
  { limit, offset }: Page,
): Promise<HeldRow[]> =>
  readHeldRows(tx, tenantId, {
    where: matchesFilter(filter),
    order: sql`${byName(sql`h.name`)}, h.id`,
    page: sql`limit ${limit} offset ${offset}`,
  });

/** The held changes that match, ordered by id: at most `limit`, after the change `after`. */
export const listHeldById = (
  tx: TenantDb,
  tenantId: string,
  filter: HeldFilter,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<HeldRow[]> =>
  readHeldRows(tx, tenantId, {
    where: sql`${matchesFilter(filter)} and ${after === undefined ? sql`true` : sql`h.id > ${after}`}`,
    order: sql`h.id`,
    page: sql`limit ${limit}`,
  });

const readHeldRows = (
  tx: TenantDb,
  tenantId: string,
  { where, order, page }: { where: SQL; order: SQL; page: SQL },
): Promise<HeldRow[]> =>
  queryRows<HeldRow>(
    tx,
    sql`select h.id, ${heldFingerprint} as mark, h.kind, h.name, h.external_id as "externalId", h.asset_id as "assetId", c.name as client,
          case when h.kind = 'move' then fc.name else h.from_value end as "from",
          case when h.kind = 'move' then tc.name else h.to_value end as "to",
          h.reason, i.label as integration, h.run_id as "runId",
          (extract(epoch from h.created_at) * 1000)::float8 as "sinceMs"
        from (select * from rmm_held_changes h
              where h.tenant_id = ${tenantId} and ${where} order by ${order} ${page}) h
        join rmm_integrations i on i.id = h.integration_id
        left join assets a on a.id = h.asset_id
        left join clients c on c.id = a.client_id
        left join clients fc on fc.tenant_id = ${tenantId} and fc.id = case when h.kind = 'move' then h.from_value::uuid end
        left join clients tc on tc.tenant_id = ${tenantId} and tc.id = case when h.kind = 'move' then h.to_value::uuid end
        order by ${order}`,
  );

export interface HeldGroup extends HeldSum {
  kind: HeldKind;
  connectionId: string;
  integration: string;
  clientId: string | null;
  client: string | null;
  n: number;
  /** The fingerprint of all changes in the group; see `fingerprintHeld`. */
  mark: string;
}

/**
 * The held changes that match, grouped by kind, connection and client; largest groups first, at most `limit`. One
 * statement.
 */
export async function listHeldGroups(
  tx: TenantDb,
  tenantId: string,
  filter: HeldFilter,
  limit: number,
): Promise<HeldGroup[]> {
  return queryRows<HeldGroup>(
    tx,
    sql`select h.kind, h.integration_id as "connectionId", i.label as integration, c.id as "clientId",
          c.name as client, count(*)::int as n, ${fingerprintOf(heldColumns, sql`h.id`)} as mark,
          (count(*) filter (where h.kind = 'removal'))::int as removal,
          (count(*) filter (where h.kind = 'move'))::int as move,
          (count(*) filter (where h.kind = 'rename'))::int as rename,
          (count(*) filter (where h.kind = 'move' and h.to_value is null))::int as "losesClient"
        from rmm_held_changes h
        join rmm_integrations i on i.id = h.integration_id
        left join assets a on a.tenant_id = ${tenantId} and a.id = h.asset_id
        left join clients c on c.tenant_id = ${tenantId} and c.id = a.client_id
        where h.tenant_id = ${tenantId} and ${matchesFilter(filter)}
        group by h.kind, h.integration_id, i.label, c.id, c.name
        order by n desc, ${byClient()} nulls last, h.kind, h.integration_id limit ${limit}`,
  );
}

/** The number of held changes of each kind that match. */
export async function countHeldByKind(tx: TenantDb, tenantId: string, filter: HeldFilter): Promise<HeldSum> {
  const [row] = await queryRows<HeldSum>(
    tx,
    sql`select (count(*) filter (where h.kind = 'removal'))::int as removal,
          (count(*) filter (where h.kind = 'move'))::int as move,
          (count(*) filter (where h.kind = 'rename'))::int as rename,
          (count(*) filter (where h.kind = 'move' and h.to_value is null))::int as "losesClient"
        from rmm_held_changes h where h.tenant_id = ${tenantId} and ${matchesFilter(filter)}`,
  );
  return row!;
}

/** All held changes that match, and a fingerprint that changes as soon as one of them does. */
export async function fingerprintHeld(
  tx: TenantDb,
  tenantId: string,
  filter: HeldFilter,
): Promise<{ mark: string; seen: SeenHeld[] }> {
  const [row] = await queryRows<{ mark: string; seen: SeenHeld[] }>(
    tx,
    sql`select ${fingerprintOf(heldColumns, sql`h.id`)} as mark,
          coalesce(json_agg(json_build_object('id', h.id, 'mark', ${heldFingerprint})), '[]') as seen
        from rmm_held_changes h where h.tenant_id = ${tenantId} and ${matchesFilter(filter)}`,
  );
  return row!;
}

export interface MarkedIds {
  mark: string;
  ids: string[];
}

export interface ReviewFilter {
  connectionId: string | undefined;
  reason: "ambiguous" | "waiting" | undefined;
  /** Part of the device's name. */
  text: string | undefined;
}

function fits(tenantId: string, { connectionId, reason, text }: ReviewFilter): SQL {
  return sql.join(
    [
      sql`v.tenant_id = ${tenantId}`,
      ...(connectionId === undefined ? [] : [sql`v.integration_id = ${connectionId}`]),
      reason === undefined ? sql`v.reason in ('ambiguous', 'waiting')` : sql`v.reason = ${reason}`,
      ...(text === undefined ? [] : [contains(sql`v.name`, text)]),
    ],
    sql` and `,
  );
}

export interface WaitingDevice {
  id: string;
  integration: string;
  externalId: string;
  name: string;
  reason: "ambiguous" | "waiting";
  candidates: IdentityCandidate[];
  device: Record<string, unknown>;
  sinceMs: number;
}

/** A page of the devices that are not linked to an asset yet; those on which a person must decide come first. */
export async function listWaitingDevices(
  tx: TenantDb,
  tenantId: string,
  filter: ReviewFilter,
  { limit, offset }: Page,
): Promise<WaitingDevice[]> {
  return queryRows<WaitingDevice>(
    tx,
    sql`select v.id, i.label as integration, v.external_id as "externalId", v.name, v.reason, v.candidates, v.device,
          (extract(epoch from v.created_at) * 1000)::float8 as "sinceMs"
        from rmm_identity_reviews v join rmm_integrations i on i.id = v.integration_id
        where ${fits(tenantId, filter)}
        order by v.reason, ${byName(sql`v.name`)}, v.id limit ${limit} offset ${offset}`,
  );
}

/** The number of devices that wait for a decision and match the filter. */
export async function countWaitingDevices(
  tx: TenantDb,
  tenantId: string,
  filter: ReviewFilter,
): Promise<number> {
  const [row] = await queryRows<{ n: number }>(
    tx,
    sql`select count(*)::int as n from rmm_identity_reviews v where ${fits(tenantId, filter)}`,
  );
  return row!.n;
}

/**
 * The ids of all devices that match, in the order of the list, and a fingerprint that changes as soon as one of them
 * does.
 */
export async function fingerprintWaiting(
  tx: TenantDb,
  tenantId: string,
  filter: ReviewFilter,
): Promise<MarkedIds> {
  const [row] = await queryRows<MarkedIds>(
    tx,
    sql`select ${fingerprintOf(sql`v.id, v.reason, v.name, v.candidates`, sql`v.id`)} as mark,
          coalesce(json_agg(v.id order by v.reason, ${byName(sql`v.name`)}, v.id), '[]') as ids
        from rmm_identity_reviews v where ${fits(tenantId, filter)}`,
  );
  return row!;
}

export interface CandidateAsset {
  assetId: string;
  name: string;
  status: "active" | "gone" | "retired";
  client: string | null;
  serialNumber: string | null;
  serialKey: string | null;
  macKeys: string[];
  hostnameKey: string | null;
  hostname: string | null;
  model: string | null;
  user: string | null;
  lastSeenMs: number | null;
  /** Whether a listed device is linked to it. */
  isLinked: boolean;
}

/** The candidate assets of devices, with the facts by which a person tells machines apart; one statement. */
export async function listCandidateAssets(
  tx: TenantDb,
  tenantId: string,
  assetIds: string[],
): Promise<CandidateAsset[]> {
  if (assetIds.length === 0) return [];
  return queryRows<CandidateAsset>(
    tx,
    sql`select a.id as "assetId", a.name, a.status, c.name as client, a.serial_number as "serialNumber",
          a.serial_key as "serialKey", a.mac_keys as "macKeys", a.hostname_key as "hostnameKey",
          d.system_info->>'hostname' as hostname,
          nullif(concat_ws(' ', d.system_info->>'manufacturer', d.system_info->>'model'), '') as model,
          d.last_logged_in_user as "user", m."lastSeenMs", coalesce(m."isLinked", false) as "isLinked"
        from assets a
        left join clients c on c.id = a.client_id
        left join asset_details d on d.asset_id = a.id
        left join lateral (
          select (extract(epoch from max(m.last_seen_at)) * 1000)::float8 as "lastSeenMs",
            bool_or(m.gone_at is null and i.status <> 'disconnected') as "isLinked"
          from tenant_external_entity_mappings m join rmm_integrations i on i.id = m.integration_id
          where m.tenant_id = ${tenantId} and m.asset_id = a.id) m on true
        where a.tenant_id = ${tenantId}
          and a.id = any(${uuidArray(assetIds)})
        order by ${byName(sql`a.name`)}, a.id`,
  );
}
