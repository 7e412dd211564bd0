import { sql } from "drizzle-orm";
import {
  index,
  integer,
  json,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

import { plannedActions } from "../../domain/device-plan";
import { reviewReasons } from "../../domain/match-decision";
import type { MatchKey } from "../../domain/identity";
import { heldKinds } from "../../domain/sync-words";
import { assets } from "./assets";
import { connectionId } from "./integrations";
import { rmmSyncRuns } from "./runs";
import { createdAt, id, instant, nameKey, tenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";

/** An asset that a device may be, and the value that they share. */
export interface IdentityCandidate {
  assetId: string;
  by: MatchKey;
  key: string;
}

/** A device that is not linked to an asset yet; see `ReviewReason`. Deciding it deletes the row. */
export const rmmIdentityReviews = pgTable(
  "rmm_identity_reviews",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    externalId: text("external_id").notNull(),
    name: text("name").notNull(),
    nameKey: nameKey(),
    reason: text("reason", { enum: reviewReasons }).notNull(),
    candidates: jsonb("candidates").$type<IdentityCandidate[]>().notNull(),
    /**
     * The device as last observed, which is written once a decision is made. Of type `json`, which keeps the order of
     * keys, because the device's hash depends on it.
     */
    device: json("device").$type<Record<string, unknown>>().notNull(),
    /** Who approved a new asset for the device. The device then waits only for its match. */
    approvedBy: text("approved_by"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("rmm_identity_reviews_external_key").on(t.tenantId, t.connectionId, t.externalId),
    index("rmm_identity_reviews_list_idx").on(t.tenantId, t.reason, t.id),
    tenantPolicy(),
  ],
);

/** The assets that a device may be, as `matchDevice` found them. */
export type StoredMatch =
  | { state: "none" }
  | ({ state: "link" } & IdentityCandidate)
  | { state: "ambiguous" | "waiting"; candidates: IdentityCandidate[]; isDoubtful?: boolean };

/**
 * Devices that a sweep sees for the first time and that may match existing assets. The sweep defers them until its end,
 * when every device is known and it can compare them all. Deciding a device deletes its row; the rows of devices that
 * still wait go after the next sweep has decided.
 */
export const rmmPendingMatches = pgTable(
  "rmm_sweep_arrivals",
  {
    tenantId: tenantId(),
    runId: uuid("run_id")
      .notNull()
      .references(() => rmmSyncRuns.id, { onDelete: "cascade" }),
    externalId: text("external_id").notNull(),
    /** The serial number and MAC addresses of the device. */
    keys: text("keys").array().notNull(),
    /** By key: how many of the run's pending matches have it, if more than this one. */
    keyCounts: jsonb("bearers").$type<Record<string, number>>().notNull().default({}),
    /**
     * The device's snapshot, of type `json` because its hash depends on the order of keys. Null if there is nothing to
     * decide and only the keys matter.
     */
    device: json("device").$type<Record<string, unknown>>(),
    observedAt: instant("observed_at").notNull(),
    match: jsonb("match").$type<StoredMatch>(),
    /** How many pending matches of the run would link to the same asset. */
    competingDevices: integer("claimants").notNull().default(1),
  },
  (t) => [primaryKey({ columns: [t.runId, t.externalId] }), tenantPolicy()],
);

/**
 * A change in Level that is not applied: `staged` until the sweep that saw it ends, `held` if there were too many at
 * once, `rejected` by a person (only removals: a refused move or rename becomes an override instead). Applied and
 * withdrawn changes leave no row.
 */
export const rmmHeldChanges = pgTable(
  "rmm_held_changes",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    /** The last sweep that saw the change. */
    runId: uuid("run_id")
      .notNull()
      .references(() => rmmSyncRuns.id, { onDelete: "cascade" }),
    externalId: text("external_id").notNull(),
    assetId: uuid("asset_id").references(() => assets.id, { onDelete: "cascade" }),
    kind: text("kind", { enum: heldKinds }).notNull(),
    state: text("state", { enum: ["staged", "held", "rejected"] }).notNull(),
    name: text("name").notNull(),
    nameKey: nameKey(),
    /** The names of a rename or the client ids of a move; null for a removal. */
    fromValue: text("from_value"),
    toValue: text("to_value"),
    reason: text("reason"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("rmm_held_changes_key").on(t.tenantId, t.connectionId, t.kind, t.externalId),
    index("rmm_held_changes_run_idx").on(t.runId, t.kind),
    index("rmm_held_changes_list_idx")
      .on(t.tenantId, t.id)
      .where(sql`${t.state} = 'held'`),
    tenantPolicy(),
  ],
);

/** A field of an asset before and after. `staged` names the kind of a change that may be held if there are too many. */
export interface FieldChange {
  field: string;
  from: unknown;
  to: unknown;
  staged?: "move" | "rename";
}

/**
 * What a dry run would do to a device, or what the run that applied it did: the same kind of row, so that the two can
 * be compared.
 */
export const rmmPlannedChanges = pgTable(
  "rmm_planned_changes",
  {
    tenantId: tenantId(),
    runId: uuid("run_id")
      .notNull()
      .references(() => rmmSyncRuns.id, { onDelete: "cascade" }),
    externalId: text("external_id").notNull(),
    action: text("action", { enum: plannedActions }).notNull(),
    name: text("name").notNull(),
    nameKey: nameKey(),
    assetId: uuid("asset_id"),
    fromClientId: uuid("from_client_id"),
    toClientId: uuid("to_client_id"),
    changes: jsonb("changes").$type<FieldChange[]>().notNull().default([]),
    reason: text("reason"),
    /** The hash of the device's own mapped record. If two runs have the same hash, they planned on the same data. */
    contentHash: text("content_hash"),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.externalId] }),
    index("rmm_planned_changes_list_idx").on(t.tenantId, t.runId, t.action, sql`${t.nameKey} collate "C"`),
    tenantPolicy(),
  ],
);

/**
 * A device for which a run differs from the dry run that it applied. `rmm_planned_changes` has what the dry run planned
 * and what the run did; written when the run completes, because to compare two plans takes as long as reading both.
 */
export const rmmRunDivergences = pgTable(
  "rmm_run_divergences",
  {
    tenantId: tenantId(),
    runId: uuid("run_id")
      .notNull()
      .references(() => rmmSyncRuns.id, { onDelete: "cascade" }),
    externalId: text("external_id").notNull(),
    name: text("name").notNull(),
    nameKey: nameKey(),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.externalId] }),
    index("rmm_run_divergences_list_idx").on(t.tenantId, t.runId, sql`${t.nameKey} collate "C"`),
    tenantPolicy(),
  ],
);
