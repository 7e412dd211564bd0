import { bigint, boolean, index, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";

import { assetTypes } from "./assets";
import { instant, narrowTenantPolicy } from "./shared";

/**
 * How many listed assets of a type wait for an update, so that the list of updates need not count a million rows. Valid
 * for updates without a row in `stalePatches`.
 */
export const patchTotals = pgTable(
  "patch_totals",
  {
    tenantId: uuid("tenant_id").notNull(),
    patchKey: text("patch_key").notNull(),
    assetType: text("asset_type", { enum: assetTypes }).notNull(),
    devices: integer("devices").notNull(),
    /** Since when the update has been pending on the asset that waits longest. */
    oldest: instant("oldest").notNull(),
    category: text("category"),
    /** Whether the update has this category on every asset. */
    hasOneCategory: boolean("has_one_category").notNull(),
    /**
     * The hours, counted from 1970, in which the update became available to these assets, and the number of assets for
     * each.
     */
    hours: integer("hours").array().notNull().default([]),
    hourDevices: integer("hour_devices").array().notNull().default([]),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.patchKey, t.assetType] }), narrowTenantPolicy()],
);

/**
 * Updates whose totals may have changed since they were counted. Triggers add a row in the transaction of the change.
 * An update may have many rows, so that no transaction waits for another.
 */
export const stalePatches = pgTable(
  "stale_patches",
  {
    id: bigint("id", { mode: "number" }).generatedByDefaultAsIdentity().primaryKey(),
    tenantId: uuid("tenant_id").notNull(),
    patchKey: text("patch_key").notNull(),
  },
  (t) => [index("stale_patches_key_idx").on(t.tenantId, t.patchKey), narrowTenantPolicy()],
);
