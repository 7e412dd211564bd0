import { sql } from "drizzle-orm";
import {
  boolean,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";

import { customFieldIntervals } from "../../domain/custom-fields";
import { assets } from "./assets";
import { connectionId, rmmIntegrations } from "./integrations";
import { id, instant, narrowTenantPolicy, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

/** Fields that people of an RMM account defined. Only the RMM changes them and their values. */
export const customFields = pgTable(
  "custom_fields",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    externalId: text("external_id").notNull(),
    name: text("name").notNull(),
    /** The name by which the RMM's scripts refer to it. */
    reference: text("reference"),
    /** Whether only admins of the RMM account may see it. We show such a field to those who manage connections. */
    isAdminOnly: boolean("is_admin_only").notNull(),
    /** Since when complete lists lack the field. Two complete lists in a row without it remove it. */
    missingSince: instant("missing_since"),
  },
  (t) => [
    unique("custom_fields_external_key").on(t.tenantId, t.connectionId, t.externalId),
    unique("custom_fields_tenant_key").on(t.tenantId, t.id),
    tenantPolicy(),
  ],
);

/** The value of a custom field of an asset. A blank value has no row. */
export const customFieldValues = pgTable(
  "custom_field_values",
  {
    tenantId: uuid("tenant_id").notNull(),
    fieldId: uuid("field_id").notNull(),
    assetId: uuid("asset_id")
      .notNull()
      .references(() => assets.id, { onDelete: "cascade" }),
    /** The RMM's value, up to 4,000 characters. */
    value: text("value").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.fieldId, t.assetId] }),
    foreignKey({
      name: "custom_field_values_field_fk",
      columns: [t.tenantId, t.fieldId],
      foreignColumns: [customFields.tenantId, customFields.id],
    }).onDelete("cascade"),
    index("custom_field_values_asset_idx").on(t.assetId),
    // Holds only the beginning, because a B-tree refuses rows over 2,704 bytes.
    index("custom_field_values_value_idx").on(t.fieldId, sql`left(fold_text(${t.value}), 128) collate "C"`),
    narrowTenantPolicy(),
  ],
);

/** When an asset's values were last read. The first reading is not recorded as a change of the asset. */
export const customFieldReads = pgTable(
  "custom_field_reads",
  {
    tenantId: uuid("tenant_id").notNull(),
    connectionId: connectionId(),
    assetId: uuid("asset_id")
      .notNull()
      .references(() => assets.id, { onDelete: "cascade" }),
    readAt: instant("read_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.assetId, t.connectionId] }),
    index("custom_field_reads_age_idx").on(t.connectionId, t.readAt),
    tenantPolicy(),
  ],
);

/**
 * How often a connection's custom fields are read, and how far a reading has come. It reads one device after another,
 * ordered by id; `cursor` is the last one done. Without a row, nothing is read.
 */
export const customFieldSchedules = pgTable(
  "custom_field_schedules",
  {
    connectionId: uuid("integration_id")
      .primaryKey()
      .references(() => rmmIntegrations.id, { onDelete: "cascade" }),
    tenantId: tenantId(),
    interval: text("interval", { enum: customFieldIntervals }).notNull(),
    nextDueAt: instant("next_due_at"),
    /** Null while no reading is in progress. */
    startedAt: instant("started_at"),
    cursor: text("cursor"),
    total: integer("total").notNull().default(0),
    read: integer("read").notNull().default(0),
    failed: integer("failed").notNull().default(0),
    /** The reading pauses until then, because the RMM asked it to wait or was unreachable. */
    waitUntil: instant("wait_until"),
    /** How many times in a row the RMM was unreachable. */
    faults: integer("faults").notNull().default(0),
    workedAt: instant("worked_at"),
    // The result of the last reading that ended, however it ended.
    endedAt: instant("ended_at"),
    lastTotal: integer("last_total"),
    lastRead: integer("last_read"),
    lastFailed: integer("last_failed"),
    /** Why the reading stopped early, or what it waits for. */
    error: text("error"),
    hint: text("hint"),
  },
  (t) => [index("custom_field_schedules_due_idx").on(t.nextDueAt), tenantPolicy()],
);
