import { sql } from "drizzle-orm";
import { bigint, index, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";

import { instant, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

/**
 * Every change of a field of an asset, before and after. Triggers on `assets` and `asset_details` write it, set-based, in
 * the transaction of the change, so that no way of writing can forget it. What changes each minute (online, last seen,
 * free disk space) is no change, nor are the values that an asset is created with. `run_id` is the sync that made the
 * change, `actor` the person; see `attributeChanges`.
 */
export const assetChanges = pgTable(
  "asset_changes",
  {
    id: bigint("id", { mode: "number" }).generatedByDefaultAsIdentity().primaryKey(),
    tenantId: tenantId(),
    /** Without a reference: to check it costs a look into the assets for each change. */
    assetId: uuid("asset_id").notNull(),
    /** In the words of `domain/asset-history`. */
    field: text("field").notNull(),
    before: jsonb("before"),
    after: jsonb("after"),
    runId: uuid("run_id"),
    actor: text("actor"),
    changedAt: instant("changed_at").notNull(),
    /** The asset it was a change of, before a merge; an undone merge gives it back. */
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
