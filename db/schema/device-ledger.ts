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
 * The devices that were counted last, each with the client and type that it was counted for: what they are compared
 * with when they are counted again. Without references, so that a deleted asset or client still leaves the count.
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

/** Each change of a count by one device: one that moves leaves a client and joins another. Days are of UTC. */
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
    /** Where a moved device came from, or went to. */
    otherClientId: uuid("other_client_id"),
    recordedAt: instant("recorded_at").notNull(),
  },
  (t) => [
    index("ledger_entries_day_idx").on(t.tenantId, t.day, t.id),
    // Answers how many joined and left without their rows.
    index("ledger_entries_counts_idx").on(t.tenantId, t.day, t.clientId, t.assetType, t.change),
    index("ledger_entries_client_idx").on(t.tenantId, t.clientId, t.day, t.id),
    narrowTenantPolicy(),
  ],
);

/** The counts at the end of a day, as far as it has come. A client and type without devices has a row of the day it lost the last. */
export const ledgerDays = pgTable(
  "ledger_days",
  {
    tenantId: tenantId(),
    day: date("day").notNull(),
    clientId: uuid("client_id"),
    assetType: text("asset_type", { enum: assetTypes }).notNull(),
    devices: integer("devices").notNull(),
    /** Pending updates of these devices, and how many of the devices have any. */
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
    // Answers the counts of each day without their rows.
    index("ledger_days_counts_idx").on(t.tenantId, t.day, t.assetType, t.clientId, t.devices, t.patches),
    index("ledger_days_client_idx").on(t.tenantId, t.clientId, t.day),
    narrowTenantPolicy(),
  ],
);

/** Months whose days and entries a person has locked: a trigger refuses every change of them. */
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
