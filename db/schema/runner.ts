import { sql } from "drizzle-orm";
import { bigint, index, integer, pgSchema, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { instant } from "./shared";

/**
 * The embedded runner's own tables. They hold no records of tenants, and the tenant role has no rights on them. JSON is
 * stored as `text`, because no SQL reads it and it may contain \u0000, which `jsonb` refuses.
 */
export const runnerSchema = pgSchema("runner");

const runStatuses = ["debounced", "queued", "running", "completed", "failed", "cancelled"] as const;
const stepStates = ["planned", "sleeping", "invoking", "done", "failed"] as const;

/** The single row that says which process executes runs. */
export const runnerLease = runnerSchema.table("lease", {
  name: text("name").primaryKey(),
  /**
   * Unique although the table has one row: only a change of a unique column conflicts with `for key share`. So a
   * takeover waits for the old leader's writes (and they for it), but a renewal blocks nobody.
   */
  token: uuid("token").unique("lease_token"),
  expiresAt: instant("expires_at").notNull(),
});

/** One execution of a function. A debounce is a run that is not released yet. */
export const runnerRuns = runnerSchema.table(
  "runs",
  {
    id: uuid("id").primaryKey(),
    functionId: text("function_id").notNull(),
    status: text("status", { enum: runStatuses }).notNull(),
    event: text("event").notNull(),
    /** How many attempts of the next request have failed. */
    attempt: integer("attempt").notNull().default(0),
    /** When there is something to do; null while the run waits for a run that it invoked. */
    dueAt: instant("due_at"),
    /** The deadline for the start while queued, and for the end once running. */
    expiresAt: instant("expires_at"),
    concurrencyKeys: text("concurrency_keys").array().notNull(),
    singletonKey: text("singleton_key"),
    debounceKey: text("debounce_key"),
    /** The debounce ends at this instant, however many events follow. */
    debounceUntil: instant("debounce_until"),
    parentRunId: uuid("parent_run_id"),
    parentStepId: text("parent_step_id"),
    /** Counts what others did to the run, so that a run about to wait notices it. */
    wakes: integer("wakes").notNull().default(0),
    /** What the function returned, or the error that ended it. */
    result: text("result"),
    createdAt: instant("created_at").notNull(),
    startedAt: instant("started_at"),
    endedAt: instant("ended_at"),
  },
  (t) => [
    index("runs_due")
      .on(t.dueAt, t.id)
      .where(sql`ended_at is null`),
    index("runs_of_function")
      .on(t.functionId)
      .where(sql`ended_at is null`),
    uniqueIndex("runs_singleton")
      .on(t.functionId, t.singletonKey)
      .where(sql`status in ('queued', 'running') and singleton_key is not null`),
    uniqueIndex("runs_debounce")
      .on(t.functionId, t.debounceKey)
      .where(sql`status = 'debounced'`),
    index("runs_ended")
      .on(t.endedAt)
      .where(sql`ended_at is not null`),
  ],
);

/** Numbers the results in the order of completion, in which the SDK replays them. */
export const runnerStepOrder = runnerSchema.sequence("step_order");

/** What a run has asked for: results to return to the function, and what it still waits for. */
export const runnerSteps = runnerSchema.table(
  "steps",
  {
    runId: uuid("run_id")
      .notNull()
      .references(() => runnerRuns.id, { onDelete: "cascade" }),
    /** The SDK's hash of the step's id. */
    stepId: text("step_id").notNull(),
    name: text("name").notNull(),
    state: text("state", { enum: stepStates }).notNull(),
    attempt: integer("attempt").notNull().default(0),
    /** When a planned step may run, a sleep ends, or the wait for an invocation is given up. */
    dueAt: instant("due_at"),
    /** The data of a completed step, or the error of a failed one. */
    result: text("result"),
    /** The number from `step_order` of a completed or failed step. */
    ordinal: bigint("ordinal", { mode: "number" }),
  },
  (t) => [primaryKey({ columns: [t.runId, t.stepId] })],
);

/** Ids of events and idempotency keys, kept for a day. A second event or run with the same one does nothing. */
export const runnerSeenKeys = runnerSchema.table(
  "seen_keys",
  {
    /** `event`, or the id of the function that the idempotency key belongs to. */
    scope: text("scope").notNull(),
    key: text("key").notNull(),
    seenAt: instant("seen_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.scope, t.key] }), index("seen_keys_seen_at").on(t.seenAt)],
);

/** When each cron trigger last fired, so that a downtime costs one late run and not a burst. */
export const runnerCrons = runnerSchema.table(
  "crons",
  {
    functionId: text("function_id").notNull(),
    expression: text("expression").notNull(),
    firedAt: instant("fired_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.functionId, t.expression] })],
);
