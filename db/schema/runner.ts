import { sql } from "drizzle-orm";
import { bigint, index, integer, pgSchema, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { instant } from "./shared";

/**
 * The embedded runner's own tables. They hold no tenant's records and the tenant role has no right on them. JSON is in
 * `text` columns: SQL never looks into it, and it may hold \u0000, which `jsonb` refuses.
 */
export const runnerSchema = pgSchema("runner");

const runStatuses = ["debounced", "queued", "running", "completed", "failed", "cancelled"] as const;
const stepStates = ["planned", "sleeping", "invoking", "done", "failed"] as const;

/** Who executes runs: one row. */
export const runnerLease = runnerSchema.table("lease", {
  name: text("name").primaryKey(),
  /**
   * Unique although there is one row: only a change of a unique column conflicts with `for key share`, so a
   * take-over waits for the writes of the old leader (and they for it), while a renewal disturbs nobody.
   */
  token: uuid("token").unique("lease_token"),
  expiresAt: instant("expires_at").notNull(),
});

/** One execution of a function. A debounce is a run that has not been released yet. */
export const runnerRuns = runnerSchema.table(
  "runs",
  {
    id: uuid("id").primaryKey(),
    functionId: text("function_id").notNull(),
    status: text("status", { enum: runStatuses }).notNull(),
    event: text("event").notNull(),
    /** Failed attempts of the request that comes next. */
    attempt: integer("attempt").notNull().default(0),
    /** When there is something to do; null while the run waits for a run it invoked. */
    dueAt: instant("due_at"),
    /** The start timeout while queued, the finish timeout once running. */
    expiresAt: instant("expires_at"),
    concurrencyKeys: text("concurrency_keys").array().notNull(),
    singletonKey: text("singleton_key"),
    debounceKey: text("debounce_key"),
    /** However many events follow, a debounce is released at this instant. */
    debounceUntil: instant("debounce_until"),
    parentRunId: uuid("parent_run_id"),
    parentStepId: text("parent_step_id"),
    /** Counts what was done to the run from outside, so that a run about to wait notices. */
    wakes: integer("wakes").notNull().default(0),
    /** What the function returned, or the error it ended with. */
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

/** Numbers results in the order of completion, which the SDK replays. */
export const runnerStepOrder = runnerSchema.sequence("step_order");

/** What a run has asked for: results to hand back to the function, and what it still waits for. */
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
    /** When a planned step may run, a sleep ends or an invocation is given up. */
    dueAt: instant("due_at"),
    /** The data of a step that is done, the error of one that failed. */
    result: text("result"),
    /** From `step_order`, once done or failed. */
    ordinal: bigint("ordinal", { mode: "number" }),
  },
  (t) => [primaryKey({ columns: [t.runId, t.stepId] })],
);

/** Ids of events and idempotency keys, kept for a day: the second one does nothing. */
export const runnerSeenKeys = runnerSchema.table(
  "seen_keys",
  {
    /** `event`, or the id of the function whose idempotency key it is. */
    scope: text("scope").notNull(),
    key: text("key").notNull(),
    seenAt: instant("seen_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.scope, t.key] }), index("seen_keys_seen_at").on(t.seenAt)],
);

/** When each cron trigger last fired, so that downtime costs one late run and not a burst. */
export const runnerCrons = runnerSchema.table(
  "crons",
  {
    functionId: text("function_id").notNull(),
    expression: text("expression").notNull(),
    firedAt: instant("fired_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.functionId, t.expression] })],
);
