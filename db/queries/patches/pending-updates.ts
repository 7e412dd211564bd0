import { sql, type SQL } from "drizzle-orm";

import { HOUR_MS } from "@domain/durations";

import type { AssetType } from "../../schema";

/** The filter of the patch pages. `none` finds a missing client or category. */
export interface PatchFilter {
  text: string | undefined;
  clientId: string | undefined;
  category: string | undefined;
  type: AssetType | undefined;
  /** Pending for at least this many days. */
  minDays: number | undefined;
}

/** Whether `m` is the listed device of an update `u`. */
const isItsDevice = sql`m.tenant_id = u.tenant_id and m.integration_id = u.integration_id
  and m.external_type = 'device' and m.external_id = u.external_device_id and m.gone_at is null`;

/** Whether the row `l` of the list is the active asset of a device `m`. */
const isItsAsset = sql`l.asset_id = m.asset_id and l.status = 'active'`;

/** Joins updates `u` to their devices, and these to their active assets in the list `l`. */
export const joinListedAssets = sql`
  join tenant_external_entity_mappings m on ${isItsDevice}
  join asset_list l on ${isItsAsset}`;

/**
 * Joins the same to few updates `u`, one look-up each. For a number that the planner cannot know it would rather read the
 * whole list: 70 ms for 8,000 updates of 100,000 assets, instead of 25.
 */
export const lookUpListedAssets = sql`
  cross join lateral (select m.asset_id from tenant_external_entity_mappings m where ${isItsDevice} offset 0) m
  cross join lateral (select l.asset_id, l.asset_type, l.client_id from asset_list l where ${isItsAsset} offset 0) l`;

/** The condition that an asset `l` matches. */
export function assetFits({ clientId, type }: Pick<PatchFilter, "clientId" | "type">): SQL {
  const client =
    clientId === undefined
      ? sql`true`
      : clientId === "none"
        ? sql`l.client_id is null`
        : sql`l.client_id = ${clientId}`;
  return type === undefined ? client : sql`${client} and l.asset_type = ${type}`;
}

/** The condition that an update `u` matches. */
export function updateFits({ category, minDays }: Pick<PatchFilter, "category" | "minDays">, now: Date): SQL {
  const ofCategory =
    category === undefined
      ? sql`true`
      : category === "none"
        ? sql`u.category is null`
        : sql`u.category = ${category}`;
  return minDays === undefined
    ? ofCategory
    : sql`${ofCategory} and u.available_since < ${latestSince(now, minDays).toISOString()}::timestamptz`;
}

const HOURS_A_DAY = 24;

/**
 * An update that has been pending for at least `days` days became available before this instant. Its age counts from
 * the full hour in which it became available, as in the totals.
 */
export const latestSince = (now: Date, days: number): Date =>
  new Date((Math.floor(now.getTime() / HOUR_MS) - days * HOURS_A_DAY + 1) * HOUR_MS);

/** The same instant in hours since 1970. */
export const latestHour = (now: Date, days: number): number => latestSince(now, days).getTime() / HOUR_MS;
