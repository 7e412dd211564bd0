import { sql } from "drizzle-orm";
import { bigint, boolean, index, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { connectionId } from "./integrations";
import { createdAt, id, instant, narrowTenantPolicy, tenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";

/** An operating-system update that the RMM offers to a device. */
export const rmmDeviceUpdates = pgTable(
  "rmm_device_updates",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    externalUpdateId: text("external_update_id").notNull(),
    externalDeviceId: text("external_device_id").notNull(),
    name: text("name").notNull(),
    category: text("category"),
    version: text("version"),
    kbIds: text("kb_ids").array().notNull().default([]),
    sizeBytes: bigint("size_bytes", { mode: "number" }),
    error: text("error"),
    /** The provider's own text, because it may be a date, a date-time or free text. */
    publishedOn: text("published_on"),
    /** False once a complete sweep does not list the update. */
    isAvailable: boolean("is_available").notNull().default(true),
    contentHash: text("content_hash").notNull(),
    /** Equal for the same update on every device: derived from its name and its KB numbers. */
    patchKey: text("patch_key").generatedAlwaysAs(sql`patch_key(name, kb_ids)`),
    /**
     * When the current interval of availability began, or the last one if the update is not available.
     * `rmmUpdateIntervals` holds the earlier ones.
     */
    availableSince: instant("available_since").notNull().defaultNow(),
    /** When the last interval ended; null while the update is available. */
    endedAt: instant("ended_at"),
    observedAt: instant("observed_at").notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("rmm_device_updates_external_key").on(t.tenantId, t.connectionId, t.externalUpdateId),
    index("rmm_device_updates_device_idx").on(t.tenantId, t.connectionId, t.externalDeviceId),
    // Also finds when an update was first seen on any device, and its present name.
    index("rmm_device_updates_patch_idx").on(t.tenantId, t.patchKey, t.createdAt),
    index("rmm_device_updates_category_idx").on(t.tenantId, t.category),
    narrowTenantPolicy(),
  ],
);

/**
 * When an update was available to a device before it vanished and came back. The current or last interval is in the
 * update's own row, so that a first sync writes no row here.
 */
export const rmmUpdateIntervals = pgTable(
  "rmm_update_intervals",
  {
    id: id(),
    tenantId: tenantId(),
    updateId: uuid("update_id")
      .notNull()
      .references(() => rmmDeviceUpdates.id, { onDelete: "cascade" }),
    startedAt: instant("started_at").notNull(),
    endedAt: instant("ended_at").notNull(),
  },
  (t) => [index("rmm_update_intervals_update_idx").on(t.tenantId, t.updateId, t.startedAt), tenantPolicy()],
);
