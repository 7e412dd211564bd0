import { sql } from "drizzle-orm";
import {
  bigint,
  date,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

import { ledgerReasons } from "../../domain/device-ledger";
import { assetTypes } from "./assets";
import { instant, narrowTenantPolicy, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

/**
 * The devices of the last count, each with the client and type under which it was counted; the next count compares with
 * them. No foreign keys, so that the count survives a deleted asset or client.
 */
export const ledgerMembers = pgTable(
  "ledger_members",
  {
    tenantId: tenantId(),
    assetId: uuid("asset_id").notNull(),
    clientId: uuid("client_id"),
    assetType: text("asset_type", { enum: assetTypes }).notNull(),
    name: text("name").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.assetId] }), tenantPolicy()],
);

/**
 * Each change of a count by one device. A device that moves leaves one client and joins another: two entries. Days are
 * UTC.
 */
export const ledgerEntries = pgTable(
  "ledger_entries",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedByDefaultAsIdentity(),
    tenantId: tenantId(),
    day: date("day").notNull(),
    clientId: uuid("client_id"),
    assetType: text("asset_type", { enum: assetTypes }).notNull(),
    assetId: uuid("asset_id").notNull(),
    name: text("name").notNull(),
    /** 1 or -1. */
    change: smallint("change").notNull(),
    reason: text("reason", { enum: ledgerReasons }).notNull(),
    /** The client that a moved device came from, or went to. */
    otherClientId: uuid("other_client_id"),
    recordedAt: instant("recorded_at").notNull(),
  },
  (t) => [
    index("ledger_entries_day_idx").on(t.tenantId, t.day, t.id),
    // Answers from the index alone how many devices joined and left.
    index("ledger_entries_counts_idx").on(t.tenantId, t.day, t.clientId, t.assetType, t.change),
    index("ledger_entries_client_idx").on(t.tenantId, t.clientId, t.day, t.id),
    narrowTenantPolicy(),
  ],
);

/**
 * The counts at the end of a day; for the current day, so far. A client and type that lost its last device has a row on
 * that day.
 */
export const ledgerDays = pgTable(
  "ledger_days",
  {
    tenantId: tenantId(),
    day: date("day").notNull(),
    clientId: uuid("client_id"),
    assetType: text("asset_type", { enum: assetTypes }).notNull(),
    devices: integer("devices").notNull(),
    /** The pending updates of these devices, and the number of devices with at least one. */
    patches: integer("patches").notNull(),
    patchDevices: integer("patch_devices").notNull(),
  },
  (t) => [
    uniqueIndex("ledger_days_key").on(
      t.tenantId,
      t.day,
      t.assetType,
      sql`coalesce(${t.clientId}, '00000000-0000-0000-0000-000000000000'::uuid)`,
    ),
    // Answers the counts of each day from the index alone.
    index("ledger_days_counts_idx").on(t.tenantId, t.day, t.assetType, t.clientId, t.devices, t.patches),
    index("ledger_days_client_idx").on(t.tenantId, t.clientId, t.day),
    narrowTenantPolicy(),
  ],
);

/** Months whose days and entries a person has locked. A trigger refuses to change them. */
export const ledgerLocks = pgTable(
  "ledger_locks",
  {
    tenantId: tenantId(),
    /** The first day of the month. */
    month: date("month").notNull(),
    lockedBy: text("locked_by").notNull(),
    lockedAt: instant("locked_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.month] }), tenantPolicy()],
);
