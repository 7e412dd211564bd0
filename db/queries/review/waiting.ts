import { sql, type SQL } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import type { IdentityCandidate } from "../../schema";
import { uuidArray } from "../shared/arrays";
import { byName } from "../shared/by-name";
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
import { contains } from "../shared/search";

/** Devices without an asset, and the assets that each may be. All functions here only read. */

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
  /** Its place in the order. */
  keys: KeyValues;
}

/** The order of these devices: those on which a person must decide come first; then by name. */
export const waitingKeys: SortKey[] = [
  { expression: sql`v.reason collate "C"`, kind: "text", isDescending: false, isNullable: false },
  { expression: sql`v.name_key collate "C"`, kind: "text", isDescending: false, isNullable: false },
  { expression: sql`v.id`, kind: "id", isDescending: false, isNullable: false },
];

/** A page of the devices that are not linked to an asset yet. */
export async function listWaitingDevices(
  tx: TenantDb,
  tenantId: string,
  filter: ReviewFilter,
  slice: PageSlice,
): Promise<WaitingDevice[]> {
  return queryRows<WaitingDevice>(
    tx,
    sql`select v.id, i.label as integration, v.external_id as "externalId", v.name, v.reason, v.candidates, v.device,
          (extract(epoch from v.created_at) * 1000)::float8 as "sinceMs", ${keyValues(waitingKeys)} as keys
        from (select * from rmm_identity_reviews v
              where ${fits(tenantId, filter)} and ${pastAndNearest(waitingKeys, slice)}) v
        join rmm_integrations i on i.id = v.integration_id
        order by ${keyOrder(waitingKeys)}`,
  );
}

/** The number of devices that wait for a decision and match the filter, and of those past a place. */
export const countWaitingDevices = (
  tx: TenantDb,
  tenantId: string,
  filter: ReviewFilter,
  place: KeysetPlace,
): Promise<PlaceCount> =>
  countPastPlace(tx, waitingKeys, place, sql`from rmm_identity_reviews v where ${fits(tenantId, filter)}`);

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
          coalesce(json_agg(v.id order by ${keyOrder(waitingKeys)}), '[]') as ids
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
