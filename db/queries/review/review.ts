import { sql } from "drizzle-orm";

import type { HeldKind, HeldSum } from "@domain/sync-words";

import { queryRows, type TenantDb } from "../../client";
import { byClient } from "../shared/by-name";
import { fingerprintOf } from "../shared/fingerprint";
import {
  countPastPlace,
  keyOrder,
  keyValues,
  pastAndNearest,
  type KeyValues,
  type KeysetPlace,
  type PageSlice,
  type PlaceCount,
  type SortKey,
} from "../shared/keyset";
import { heldColumns, heldFingerprint, type SeenHeld } from "./held";
import { matchesFilter, type HeldFilter } from "./held-filter";

/** Lists and counts for the page of held changes, and how much is pending in all. All functions here only read. */

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
  /** Its place in the order. */
  keys: KeyValues;
}

/** The order of held changes: by the device's name. */
export const heldKeys: SortKey[] = [
  { expression: sql`h.name_key collate "C"`, kind: "text", isDescending: false, isNullable: false },
  { expression: sql`h.id`, kind: "id", isDescending: false, isNullable: false },
];

/** A page of the held changes that match, ordered by name. */
export const listHeld = (
  tx: TenantDb,
  tenantId: string,
  filter: HeldFilter,
  slice: PageSlice,
): Promise<HeldRow[]> => readHeldRows(tx, tenantId, filter, heldKeys, slice);

/** The held changes that match, ordered by id: at most `limit`, after the change `after`. */
export const listHeldById = (
  tx: TenantDb,
  tenantId: string,
  filter: HeldFilter,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<HeldRow[]> =>
  readHeldRows(tx, tenantId, filter, heldKeys.slice(-1), {
    place: after === undefined ? "first" : { after: [after] },
    limit,
  });

const readHeldRows = (
  tx: TenantDb,
  tenantId: string,
  filter: HeldFilter,
  keys: SortKey[],
  slice: PageSlice,
): Promise<HeldRow[]> =>
  queryRows<HeldRow>(
    tx,
    sql`select h.id, ${heldFingerprint} as mark, h.kind, h.name, h.external_id as "externalId", h.asset_id as "assetId", c.name as client,
          case when h.kind = 'move' then fc.name else h.from_value end as "from",
          case when h.kind = 'move' then tc.name else h.to_value end as "to",
          h.reason, i.label as integration, h.run_id as "runId",
          (extract(epoch from h.created_at) * 1000)::float8 as "sinceMs", ${keyValues(keys)} as keys
        from (select * from rmm_held_changes h
              where h.tenant_id = ${tenantId} and ${matchesFilter(filter)} and ${pastAndNearest(keys, slice)}) h
        join rmm_integrations i on i.id = h.integration_id
        left join assets a on a.id = h.asset_id
        left join clients c on c.id = a.client_id
        left join clients fc on fc.tenant_id = ${tenantId} and fc.id = case when h.kind = 'move' then h.from_value::uuid end
        left join clients tc on tc.tenant_id = ${tenantId} and tc.id = case when h.kind = 'move' then h.to_value::uuid end
        order by ${keyOrder(keys)}`,
  );

/** The number of held changes that match, and of those past a place. */
export const countHeldThatFit = (
  tx: TenantDb,
  tenantId: string,
  filter: HeldFilter,
  place: KeysetPlace,
): Promise<PlaceCount> =>
  countPastPlace(
    tx,
    heldKeys,
    place,
    sql`from rmm_held_changes h where h.tenant_id = ${tenantId} and ${matchesFilter(filter)}`,
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
