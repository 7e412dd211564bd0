import { sql } from "drizzle-orm";
import { index, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { createdAt, id, instant, tenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";

/** The states of a pair; `assetPairs` explains them. */
export const assetPairStates = ["open", "distinct", "merged", "undone"] as const;
export type AssetPairState = (typeof assetPairStates)[number];

/** The rows that a merge replaced, as they were before it. */
export interface MergeUndo {
  kept: Record<string, unknown>;
  merged: Record<string, unknown>;
  details: Record<string, unknown>[];
  devices: { id: string; assetId: string; skipReason: string | null }[];
  alertIds: string[];
}

/**
 * Two assets that may be one machine: enrolled again while the RMM still lists its old record. The pair is `open` until
 * a person decides or the former device goes, and `distinct` if a person decided so. A person can undo a `merged` pair
 * for some days, which makes it `undone`. No foreign keys, because a merge removes one of the two assets.
 */
export const assetPairs = pgTable(
  "asset_pairs",
  {
    id: id(),
    tenantId: tenantId(),
    /** The asset whose device was last seen before the other asset appeared. */
    formerAssetId: uuid("former_asset_id").notNull(),
    currentAssetId: uuid("current_asset_id").notNull(),
    state: text("state", { enum: assetPairStates }).notNull(),
    /** For a merged pair: the asset that stayed. */
    keptAssetId: uuid("kept_asset_id"),
    actor: text("actor"),
    mergedAt: instant("merged_at"),
    undo: jsonb("undo").$type<MergeUndo>(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("asset_pairs_key").on(t.tenantId, t.formerAssetId, t.currentAssetId),
    index("asset_pairs_open_idx")
      .on(t.tenantId, t.id)
      .where(sql`${t.state} = 'open'`),
    index("asset_pairs_kept_idx").on(t.tenantId, t.keptAssetId),
    tenantPolicy(),
  ],
);
