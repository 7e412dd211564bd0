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

/** One execution of a sync. Progress is written here within the page's own transaction. */
export const rmmSyncRuns = pgTable(
  "rmm_sync_runs",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    type: text("type", { enum: syncTypes }).notNull(),
    trigger: text("trigger", { enum: syncTriggers }).notNull(),
    /** Who asked: an e-mail, `schedule`, `cli`, … */
    actor: text("actor").notNull(),
    /** `levelio:<op>:<tenant>:<integration>:<timestamp>`: also the id of the event, so a doubled request is one run. */
    key: text("key").notNull(),
    transport: text("transport").notNull(),
    /** The device or the one alert; `active` where only active alerts are gone over; else empty (one index serves). */
    targetExternalId: text("target_external_id").notNull().default(""),
    /** For a device: the RMM reported the deletion itself, so a 404 confirms it. */
    isReportedGone: boolean("is_told_gone").notNull().default(false),
    status: text("status", { enum: runStatuses }).notNull().default("queued"),
    stage: text("stage"),
    pages: integer("pages").notNull().default(0),
    /** Devices in a full or device run, else the records of the run's own resource. */
    itemsSeen: integer("items_seen").notNull().default(0),
    itemsCreated: integer("items_created").notNull().default(0),
    itemsUpdated: integer("items_updated").notNull().default(0),
    itemsUnchanged: integer("items_unchanged").notNull().default(0),
    itemsSkipped: integer("items_skipped").notNull().default(0),
    itemsFailed: integer("items_failed").notNull().default(0),
    /** Records that could not be stored and that a person has ignored; not among the failed. */
    itemsIgnored: integer("items_ignored").notNull().default(0),
    itemsGone: integer("items_gone").notNull().default(0),
    itemsHeld: integer("items_held").notNull().default(0),
    /** Moves and renames made in the RMM that the run applied. */
    itemsMoved: integer("items_moved").notNull().default(0),
    itemsRenamed: integer("items_renamed").notNull().default(0),
    /** For a comparison of alerts: how many were opened or closed in Level without a webhook. */
    itemsMissed: integer("items_untold"),
    /** For a full sync: the dry run that it applies, for comparison. */
    appliesRunId: uuid("applies_run_id"),
    /** Devices the account had at the last complete sweep: the estimate for a progress bar. */
    expectedItems: integer("expected_items"),
    requests: integer("requests").notNull().default(0),
    retries: integer("retries").notNull().default(0),
    /** Answers of 429 that its calls had. */
    rateLimits: integer("rate_limits").notNull().default(0),
    rateLimitedMs: integer("rate_limited_ms").notNull().default(0),
    steps: integer("steps").notNull().default(0),
    /**
     * Resources that could not be read, kinds of changes that were held, and losses that wait for confirmation by the
     * next run, with the reasons; the rest of the run continued.
     */
    degraded: jsonb("degraded").$type<DegradedNote[]>().notNull().default([]),
    /** Per resource, written when the run ends. Before that the sum over its pages, unless some of it was found gone. */
    summary: jsonb("summary").$type<Partial<Record<SyncResource, ResourceCounts>>>(),
    pendingPatches: integer("pending_patches"),
    errorCode: text("error_code"),
    errorMessage: text("error_message"),
    errorHint: text("error_hint"),
    cancelRequestedAt: instant("cancel_requested_at"),
    /** When a person undid its changes of assets, last, and who. */
    undoneAt: instant("undone_at"),
    undoneBy: text("undone_by"),
    /**
     * Asleep until then, because the provider asked for it or a step is due to be retried; afterwards it waits its
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
    index("rmm_sync_runs_list_idx").on(t.tenantId, t.connectionId, t.requestedAt),
    index("rmm_sync_runs_type_idx").on(t.tenantId, t.connectionId, t.type, t.requestedAt),
    index("rmm_sync_runs_open_idx")
      .on(t.heartbeatAt)
      .where(sql`${t.status} in ('queued', 'running')`),
    tenantPolicy(),
  ],
);

/** The checkpoint of one page, written in the transaction that wrote the page's rows. */
export const rmmSyncRunPages = pgTable(
  "rmm_sync_run_pages",
  {
    tenantId: uuid("tenant_id").notNull(),
    runId: uuid("run_id")
      .notNull()
      .references(() => rmmSyncRuns.id, { onDelete: "cascade" }),
    resource: text("resource", { enum: syncResources }).notNull(),
    /**
     * 0 for the first walk; a sweep in segments has one for each. A 404 on the cursor restarts the sweep once, as the walk
     * after the last.
     */
    walk: integer("walk").notNull(),
    sequence: integer("sequence").notNull(),
    /** The cursor of the next page; null on the last page. */
    cursorAfter: text("cursor_after"),
    isLast: boolean("is_last").notNull(),
    /** Ids of the page, also of records that could not be parsed but had an id: what is seen is not gone. */
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
 * The segments of a sweep that several walks read together, see `domain/segments`. None of a sweep that one walk reads.
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

/** One record that could not be stored, with the reason. */
export const rmmSyncRunErrors = pgTable(
  "rmm_sync_run_errors",
  {
    id: id(),
    tenantId: uuid("tenant_id").notNull(),
    runId: uuid("run_id")
      .notNull()
      .references(() => rmmSyncRuns.id, { onDelete: "cascade" }),
    resource: text("resource", { enum: syncResources }).notNull(),
    /** `record`: the record was left out. `field`: only that field was. */
    severity: text("severity", { enum: ["record", "field"] }).notNull(),
    externalId: text("external_id"),
    name: text("name"),
    field: text("field"),
    reason: text("reason").notNull(),
    /** Of a record, see `domain/record-fingerprint`. */
    fingerprint: text("fingerprint"),
    /** Whether a person had ignored it when the run saw it. */
    isIgnored: boolean("is_ignored").notNull().default(false),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (t) => [index("rmm_sync_run_errors_run_idx").on(t.runId, t.id), tenantPolicy()],
);

/** The sums of a day's runs of one kind, once they are too old to be kept one by one. Days are of UTC. */
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
    /** Runs that began: what the time and the records below are of. */
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
