import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

import { segmentStates } from "../../domain/segments";
import {
  runStatuses,
  syncResources,
  syncTriggers,
  syncTypes,
  type HeldKind,
  type ResourceCounts,
  type SyncResource,
} from "../../domain/sync-words";
import { connectionId } from "./integrations";
import { id, instant, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

interface DegradedNote {
  resource: SyncResource;
  kind?: HeldKind | "absent";
  /** For `absent`: how many known records the list lacked. */
  loss?: { known: number; absent: number };
  reason: string;
  hint: string;
}

/** One execution of a sync. Each page's transaction also writes the progress here. */
export const rmmSyncRuns = pgTable(
  "rmm_sync_runs",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    type: text("type", { enum: syncTypes }).notNull(),
    trigger: text("trigger", { enum: syncTriggers }).notNull(),
    /** Who asked: an e-mail address, `schedule`, `cli`, … */
    actor: text("actor").notNull(),
    /**
     * `levelio:<op>:<tenant>:<integration>:<timestamp>`. It is also the event's id, so that a repeated request is one
     * run.
     */
    key: text("key").notNull(),
    transport: text("transport").notNull(),
    /**
     * The id of the device or of the one alert; `active` if only active alerts are compared; otherwise empty, not null,
     * so that one unique index covers all runs.
     */
    targetExternalId: text("target_external_id").notNull().default(""),
    /** For a device run: whether the RMM itself reported the deletion, so that a 404 confirms it. */
    isReportedGone: boolean("is_told_gone").notNull().default(false),
    status: text("status", { enum: runStatuses }).notNull().default("queued"),
    stage: text("stage"),
    pages: integer("pages").notNull().default(0),
    /** Devices in a full or device run, otherwise records of the run's own resource. */
    itemsSeen: integer("items_seen").notNull().default(0),
    itemsCreated: integer("items_created").notNull().default(0),
    itemsUpdated: integer("items_updated").notNull().default(0),
    itemsUnchanged: integer("items_unchanged").notNull().default(0),
    itemsSkipped: integer("items_skipped").notNull().default(0),
    itemsFailed: integer("items_failed").notNull().default(0),
    /** Records that could not be stored and that a person ignores. Not included in `itemsFailed`. */
    itemsIgnored: integer("items_ignored").notNull().default(0),
    itemsGone: integer("items_gone").notNull().default(0),
    itemsHeld: integer("items_held").notNull().default(0),
    /** Moves and renames made in the RMM that the run applied. */
    itemsMoved: integer("items_moved").notNull().default(0),
    itemsRenamed: integer("items_renamed").notNull().default(0),
    /** For a comparison of alerts: how many opened or closed in Level without a webhook. */
    itemsMissed: integer("items_untold"),
    /** For a full sync that applies a dry run: that dry run, to compare the two. */
    appliesRunId: uuid("applies_run_id"),
    /** For such a run, once it has completed: for how many devices it differs from the dry run. */
    divergences: integer("divergences"),
    /** How many devices the account had at the last complete sweep: the estimate for the progress bar. */
    expectedItems: integer("expected_items"),
    requests: integer("requests").notNull().default(0),
    retries: integer("retries").notNull().default(0),
    /** How many answers to its calls had status 429. */
    rateLimits: integer("rate_limits").notNull().default(0),
    rateLimitedMs: integer("rate_limited_ms").notNull().default(0),
    steps: integer("steps").notNull().default(0),
    /**
     * Resources that could not be read, kinds of changes that were held, and losses that the next run must confirm,
     * each with the reason. The rest of the run continued.
     */
    degraded: jsonb("degraded").$type<DegradedNote[]>().notNull().default([]),
    /**
     * By resource, written when the run ends. Until then it is the sum over the run's pages, unless records were found
     * gone.
     */
    summary: jsonb("summary").$type<Partial<Record<SyncResource, ResourceCounts>>>(),
    pendingPatches: integer("pending_patches"),
    errorCode: text("error_code"),
    errorMessage: text("error_message"),
    errorHint: text("error_hint"),
    cancelRequestedAt: instant("cancel_requested_at"),
    /** When a person last undid this run's changes to assets, and who. */
    undoneAt: instant("undone_at"),
    undoneBy: text("undone_by"),
    /**
     * The run sleeps until then, because the provider asked for it or a step will be retried; then it waits for its
     * turn. Null while a process works on it.
     */
    waitingUntil: instant("waiting_until"),
    waitingReason: text("waiting_reason"),
    requestedAt: instant("requested_at").notNull().defaultNow(),
    startedAt: instant("started_at"),
    heartbeatAt: instant("heartbeat_at"),
    endedAt: instant("ended_at"),
  },
  (t) => [
    uniqueIndex("rmm_sync_runs_key").on(t.key),
    uniqueIndex("rmm_sync_runs_in_flight_key")
      .on(t.tenantId, t.connectionId, t.type, t.targetExternalId)
      .where(sql`${t.status} in ('queued', 'running')`),
    index("rmm_sync_runs_list_idx").on(t.tenantId, t.connectionId, t.requestedAt, t.id),
    index("rmm_sync_runs_newest_idx").on(t.tenantId, t.requestedAt, t.id),
    index("rmm_sync_runs_type_idx").on(t.tenantId, t.connectionId, t.type, t.requestedAt),
    index("rmm_sync_runs_open_idx")
      .on(t.heartbeatAt)
      .where(sql`${t.status} in ('queued', 'running')`),
    tenantPolicy(),
  ],
);

/** The checkpoint of a page. The transaction that writes the page's rows writes it too. */
export const rmmSyncRunPages = pgTable(
  "rmm_sync_run_pages",
  {
    tenantId: uuid("tenant_id").notNull(),
    runId: uuid("run_id")
      .notNull()
      .references(() => rmmSyncRuns.id, { onDelete: "cascade" }),
    resource: text("resource", { enum: syncResources }).notNull(),
    /**
     * 0 for the first walk. A sweep in segments has a walk for each segment. If the provider answers a cursor with 404,
     * the sweep restarts once, with the number after the last walk.
     */
    walk: integer("walk").notNull(),
    sequence: integer("sequence").notNull(),
    /** The cursor of the next page; null on the last page. */
    cursorAfter: text("cursor_after"),
    isLast: boolean("is_last").notNull(),
    /**
     * The ids on the page, including records that could not be parsed but had an id: a record that was seen is not
     * gone.
     */
    idsSeen: text("ids_seen").array().notNull(),
    seen: integer("seen").notNull(),
    created: integer("created").notNull().default(0),
    updated: integer("updated").notNull().default(0),
    unchanged: integer("unchanged").notNull().default(0),
    skipped: integer("skipped").notNull().default(0),
    failed: integer("failed").notNull().default(0),
    ignored: integer("ignored").notNull().default(0),
    committedAt: instant("committed_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.resource, t.walk, t.sequence] }),
    uniqueIndex("rmm_sync_run_pages_cursor_key").on(t.runId, t.resource, t.walk, t.cursorAfter),
    tenantPolicy(),
  ],
);

/**
 * The segments of a sweep that several walks read together; see `domain/segments`. A sweep of a single walk has none.
 */
export const rmmSyncRunSegments = pgTable(
  "rmm_sync_run_segments",
  {
    tenantId: uuid("tenant_id").notNull(),
    runId: uuid("run_id")
      .notNull()
      .references(() => rmmSyncRuns.id, { onDelete: "cascade" }),
    resource: text("resource", { enum: syncResources }).notNull(),
    walk: integer("walk").notNull(),
    startCursor: text("start_cursor"),
    state: text("state", { enum: segmentStates }).notNull().default("planned"),
    nextWalk: integer("next_walk"),
  },
  (t) => [primaryKey({ columns: [t.runId, t.resource, t.walk] }), tenantPolicy()],
);

/** A record that could not be stored, and the reason. */
export const rmmSyncRunErrors = pgTable(
  "rmm_sync_run_errors",
  {
    id: id(),
    tenantId: uuid("tenant_id").notNull(),
    runId: uuid("run_id")
      .notNull()
      .references(() => rmmSyncRuns.id, { onDelete: "cascade" }),
    resource: text("resource", { enum: syncResources }).notNull(),
    /** `record`: the whole record was left out. `field`: only that field was. */
    severity: text("severity", { enum: ["record", "field"] }).notNull(),
    externalId: text("external_id"),
    name: text("name"),
    field: text("field"),
    reason: text("reason").notNull(),
    /** The record's fingerprint; see `domain/record-fingerprint`. */
    fingerprint: text("fingerprint"),
    /** Whether a person already ignored the record when the run saw it. */
    isIgnored: boolean("is_ignored").notNull().default(false),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (t) => [index("rmm_sync_run_errors_run_idx").on(t.runId, t.id), tenantPolicy()],
);

/** The sums of a day's runs of one kind, kept after the runs themselves are deleted. Days are UTC. */
export const rmmSyncRunDays = pgTable(
  "rmm_sync_run_days",
  {
    tenantId: tenantId(),
    connectionId: connectionId(),
    type: text("type", { enum: syncTypes }).notNull(),
    day: date("day").notNull(),
    runs: integer("runs").notNull(),
    failed: integer("failed").notNull(),
    cancelled: integer("cancelled").notNull(),
    /** The number of runs that began, to which the time and records below belong. */
    started: integer("started").notNull(),
    durationMs: bigint("duration_ms", { mode: "number" }).notNull(),
    itemsSeen: bigint("items_seen", { mode: "number" }).notNull(),
    itemsCreated: bigint("items_created", { mode: "number" }).notNull(),
    itemsUpdated: bigint("items_updated", { mode: "number" }).notNull(),
    itemsGone: bigint("items_gone", { mode: "number" }).notNull(),
    itemsFailed: bigint("items_failed", { mode: "number" }).notNull(),
    pages: bigint("pages", { mode: "number" }).notNull(),
    requests: bigint("requests", { mode: "number" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.connectionId, t.type, t.day] }), tenantPolicy()],
);
