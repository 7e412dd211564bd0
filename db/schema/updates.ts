import { bigint, boolean, index, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";

import { integrationId } from "./integrations";
import { createdAt, id, instant, tenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";

/** An operating-system update that a device has been offered. */
export const rmmDeviceUpdates = pgTable(
  "rmm_device_updates",
  {
    id: id(),
    tenantId: tenantId(),
    integrationId: integrationId(),
    externalUpdateId: text("external_update_id").notNull(),
    externalDeviceId: text("external_device_id").notNull(),
    name: text("name").notNull(),
    category: text("category"),
    version: text("version"),
    kbIds: text("kb_ids").array().notNull().default([]),
    sizeBytes: bigint("size_bytes", { mode: "number" }),
    error: text("error"),
    /** Free form at the provider (date or date-time); kept as the provider wrote it. */
    publishedOn: text("published_on"),
    /** False once a complete sweep no longer lists it. */
    isAvailable: boolean("is_available").notNull().default(true),
    contentHash: text("content_hash").notNull(),
    observedAt: instant("observed_at").notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("rmm_device_updates_external_key").on(t.tenantId, t.integrationId, t.externalUpdateId),
    index("rmm_device_updates_device_idx").on(t.tenantId, t.integrationId, t.externalDeviceId),
    tenantPolicy(),
  ],
);
