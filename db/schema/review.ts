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
import { createdAt, id, instant, sortedBy, tenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";

/** An asset that a device may be, with what they share. */
export interface IdentityCandidate {
  assetId: string;
  by: MatchKey;
  key: string;
}

/** A device that is not tied to an asset yet, see `ReviewReason`. The row goes when it is decided. */
export const rmmIdentityReviews = pgTable(
  "rmm_identity_reviews",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    externalId: text("external_id").notNull(),
    name: text("name").notNull(),
    reason: text("reason", { enum: reviewReasons }).notNull(),
    candidates: jsonb("candidates").$type<IdentityCandidate[]>().notNull(),
    /**
     * The device as last seen, which is written once it is decided. As text, because its hash depends on the order of
     * keys.
     */
    device: json("device").$type<Record<string, unknown>>().notNull(),
    /** Who approved a new asset for it; it then only waits for its match. */
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

/** Which assets a device may be, as `matchDevice` found it. */
export type StoredMatch =
  | { state: "none" }
  | ({ state: "link" } & IdentityCandidate)
  | { state: "ambiguous" | "waiting"; candidates: IdentityCandidate[]; isDoubtful?: boolean };

/**
 * Devices that a sweep sees for the first time and that may match existing assets: deferred until its end, when every
 * device is known and all are compared. Rows are deleted when they are decided; those still waiting, when the next
 * sweep has decided.
 */
export const rmmPendingMatches = pgTable(
  "rmm_sweep_arrivals",
  {
    tenantId: tenantId(),
    runId: uuid("run_id")
      .notNull()
      .references(() => rmmSyncRuns.id, { onDelete: "cascade" }),
    externalId: text("external_id").notNull(),
    /** Serial number and MAC addresses it is known by. */
    keys: text("keys").array().notNull(),
    /** Number of the run's pending matches with a key, if it is more than this one. */
    keyCounts: jsonb("bearers").$type<Record<string, number>>().notNull().default({}),
    /** Its snapshot, as text for its hash; null if nothing is open (any more) and the row only has its keys. */
    device: json("device").$type<Record<string, unknown>>(),
    observedAt: instant("observed_at").notNull(),
    match: jsonb("match").$type<StoredMatch>(),
    /** How many arrivals of the run would join the same asset by their match. */
    competingDevices: integer("claimants").notNull().default(1),
  },
  (t) => [primaryKey({ columns: [t.runId, t.externalId] }), tenantPolicy()],
);

/**
 * A change of Level's that is not applied: `staged` until the sweep that saw it ends, `held` because there were
 * surprisingly many, `rejected` by a person (removals alone: a refused move or rename becomes a field that a person
 * holds). Applied and withdrawn ones leave no row.
 */
export const rmmHeldChanges = pgTable(
  "rmm_held_changes",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    /** The sweep that saw it last. */
    runId: uuid("run_id")
      .notNull()
      .references(() => rmmSyncRuns.id, { onDelete: "cascade" }),
    externalId: text("external_id").notNull(),
    assetId: uuid("asset_id").references(() => assets.id, { onDelete: "cascade" }),
    kind: text("kind", { enum: heldKinds }).notNull(),
    state: text("state", { enum: ["staged", "held", "rejected"] }).notNull(),
    name: text("name").notNull(),
    /** Names of a rename, client ids of a move; null for a removal. */
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

/** A field of an asset before and after. `staged` names the kind of change that may be held as one of too many. */
export interface FieldChange {
  field: string;
  from: unknown;
  to: unknown;
  staged?: "move" | "rename";
}

/** What a dry run would do to a device, or what the run that applies it did: the same rows, to be compared. */
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
    assetId: uuid("asset_id"),
    fromClientId: uuid("from_client_id"),
    toClientId: uuid("to_client_id"),
    changes: jsonb("changes").$type<FieldChange[]>().notNull().default([]),
    reason: text("reason"),
    /** Of the device's own mapped record: two runs that saw the same plan the same. */
    contentHash: text("content_hash"),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.externalId] }),
    index("rmm_planned_changes_list_idx").on(t.tenantId, t.runId, t.action, sortedBy(t.name)),
    tenantPolicy(),
  ],
);
