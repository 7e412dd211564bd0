import { sql } from "drizzle-orm";
import { index, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { createdAt, id, instant, tenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";

export const assetPairStates = ["open", "distinct", "merged", "undone"] as const;
export type AssetPairState = (typeof assetPairStates)[number];

/** What a merge replaced, as the rows were. */
export interface MergeUndo {
  kept: Record<string, unknown>;
  merged: Record<string, unknown>;
  details: Record<string, unknown>[];
  devices: { id: string; assetId: string; skipReason: string | null }[];
  alertIds: string[];
}

/**
 * Two assets that may be one machine, re-enrolled while its old record is still listed: `open` until a person decides
 * or the former device goes, `distinct` by a person's decision. A `merged` one can be undone for some days. Without
 * references, because one of the two assets is gone after a merge.
 */
export const assetPairs = pgTable(
  "asset_pairs",
  {
    id: id(),
    tenantId: tenantId(),
    /** The asset whose device was last seen before the other appeared. */
    formerAssetId: uuid("former_asset_id").notNull(),
    currentAssetId: uuid("current_asset_id").notNull(),
    state: text("state", { enum: assetPairStates }).notNull(),
    /** Of a merge: the asset that stayed. */
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
