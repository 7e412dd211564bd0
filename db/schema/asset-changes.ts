import { sql } from "drizzle-orm";
import { bigint, index, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";

import { instant, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

/**
 * Every change of a field of an asset, before and after. Triggers on `assets` and `asset_details` write it, set-based,
 * in the transaction of the change, so that no code path can forget it. Excludes what changes each minute (online, last
 * seen, free disk space) and the values with which an asset is created. `run_id` names the sync that made the change,
 * `actor` the person; see `attributeChanges`.
 */
export const assetChanges = pgTable(
  "asset_changes",
  {
    id: bigint("id", { mode: "number" }).generatedByDefaultAsIdentity().primaryKey(),
    tenantId: tenantId(),
    /** No foreign key, because checking it would cost a look-up of the asset for each change. */
    assetId: uuid("asset_id").notNull(),
    /** A field name of `domain/asset-history`. */
    field: text("field").notNull(),
    before: jsonb("before"),
    after: jsonb("after"),
    runId: uuid("run_id"),
    actor: text("actor"),
    changedAt: instant("changed_at").notNull(),
    /**
     * The asset that changed, if it was merged into this one later. Undoing the merge returns the row to that asset.
     */
    mergedFrom: uuid("merged_from"),
  },
  (t) => [
    index("asset_changes_asset_idx").on(t.assetId, t.id),
    index("asset_changes_run_idx")
      .on(t.runId, t.id)
      .where(sql`${t.runId} is not null`),
    index("asset_changes_age_idx").on(t.tenantId, t.changedAt),
    tenantPolicy(),
  ],
);
