import { sql } from "drizzle-orm";

import { queryRows, type Db } from "../../client";
import { holding } from "./end-runs";
import { LeaseLostError } from "./lease";
import type { RunnerEvent } from "./run-plan";

/** A run in the leader's memory. */
export interface RunnerRun {
  id: string;
  functionId: string;
  event: RunnerEvent;
  attempt: number;
  dueAt: Date | null;
  expiresAt: Date | null;
  concurrencyKeys: string[];
  wakes: number;
  steps: Map<string, Step>;
}

type StepState = "planned" | "sleeping" | "invoking" | "done" | "failed";

export interface Step {
  id: string;
  name: string;
  state: StepState;
  attempt: number;
  dueAt: Date | null;
  /** The data of a completed step, or the error of a failed one. */
  result: unknown;
}

/** A run that could be started or continued now. */
export interface DueCandidate {
  id: string;
  functionId: string;
  concurrencyKeys: string[];
  startExpired: boolean;
}

/** The run was cancelled, or another process ended it, so that nothing more may be written for it. */
export class RunGoneError extends Error {
  override readonly name = "RunGoneError";
}

/**
 * The due runs, oldest first, at most `limit`. Leaves out those in `except`, and those with a saturated concurrency
 * key.
 */
export async function listDue(
  db: Db,
  now: Date,
  except: readonly string[],
  saturated: readonly string[],
  limit: number,
): Promise<DueCandidate[]> {
  const rows = await queryRows<{
    id: string;
    function_id: string;
    concurrency_keys: string[];
    start_expired: boolean;
  }>(
    db,
    sql`
      select id, function_id, concurrency_keys,
        started_at is null and expires_at <= ${iso(now)}::timestamptz as start_expired
      from runner.runs
      where ended_at is null and due_at <= ${iso(now)}::timestamptz
        and id not in (select jsonb_array_elements_text(${JSON.stringify(except)}::text::jsonb)::uuid)
        and not concurrency_keys && ${textArray(saturated)}
      order by due_at, id limit ${limit}`,
  );
  return rows.map((row) => ({
    id: row.id,
    functionId: row.function_id,
    concurrencyKeys: row.concurrency_keys,
    startExpired: row.start_expired === true,
  }));
}

/**
 * Marks due runs as running and returns them with their steps. Sets `expires_at` of runs that start. Leaves out runs
 * that have ended meanwhile; returns none if the lease is lost.
 */
export async function claimRuns(
  db: Db,
  token: string,
  given: readonly { id: string; expires_at: Date | null }[],
  now: Date,
): Promise<RunnerRun[]> {
  const rows = await queryRows<RunRow>(
    db,
    sql`
      with held as materialized (${holding(token)})
      update runner.runs r set
        status = 'running',
        started_at = coalesce(r.started_at, ${iso(now)}::timestamptz),
        expires_at = case when r.started_at is null then c.expires_at else r.expires_at end
      from jsonb_to_recordset(${JSON.stringify(given)}::text::jsonb) as c(id uuid, expires_at timestamptz)
      where r.id = c.id and r.ended_at is null and exists (select from held)
      returning r.id, function_id, event, attempt, due_at, r.expires_at, concurrency_keys, wakes`,
  );
  const steps = await loadSteps(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => toRun(row, steps.get(row.id) ?? new Map()));
}

/**
 * Reads a run with its steps.
 * @throws RunGoneError if it has ended
 */
export async function getRunnerRun(db: Db, id: string): Promise<RunnerRun> {
  const [row] = await queryRows<RunRow>(
    db,
    sql`
      select id, function_id, event, attempt, due_at, expires_at, concurrency_keys, wakes
      from runner.runs where id = ${id}::uuid and ended_at is null`,
  );
  if (row === undefined) throw new RunGoneError();
  return toRun(row, (await loadSteps(db, [id])).get(id) ?? new Map());
}

/** Which of these runs are stored. */
export async function listExisting(tx: Db, runIds: readonly string[]): Promise<string[]> {
  const ids = JSON.stringify(runIds);
  const rows = await queryRows<{ id: string }>(
    tx,
    sql`
      select id from runner.runs
      where id in (select jsonb_array_elements_text(${ids}::text::jsonb)::uuid)`,
  );
  return rows.map((row) => row.id);
}

/**
 * Stores steps of an active run, and how often its next request has failed.
 * @throws LeaseLostError, RunGoneError
 */
export async function saveSteps(
  db: Db,
  token: string,
  runId: string,
  attempt: number,
  steps: readonly Step[],
): Promise<void> {
  const rows = steps.map((step) => ({
    step_id: step.id,
    name: step.name,
    state: step.state,
    attempt: step.attempt,
    due_at: step.dueAt,
    result: isDone(step) ? JSON.stringify(step.result ?? null) : null,
  }));
  const [answer] = await queryRows<{ held: boolean; alive: boolean }>(
    db,
    sql`
      with held as materialized (${holding(token)}),
      alive as materialized (
        select id from runner.runs r
        where id = ${runId}::uuid and ended_at is null and exists (select from held) for no key update of r
      ),
      counted as (
        update runner.runs set attempt = ${attempt}
        where id in (select id from alive) and attempt <> ${attempt} returning 1
      ),
      saved as (
        insert into runner.steps (run_id, step_id, name, state, attempt, due_at, result, ordinal)
        select a.id, s.step_id, s.name, s.state, s.attempt, s.due_at, s.result,
          case when s.state in ('done', 'failed') then nextval('runner.step_order') end
        from alive a, jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
          as s(step_id text, name text, state text, attempt int, due_at timestamptz, result text)
        on conflict (run_id, step_id) do update set
          state = excluded.state, attempt = excluded.attempt, due_at = excluded.due_at,
          result = excluded.result, ordinal = excluded.ordinal
          where runner.steps.state not in ('done', 'failed')
        returning 1
      )
      select exists (select from held) as held, exists (select from alive) as alive`,
  );
  if (!answer!.held) throw new LeaseLostError();
  if (!answer!.alive) throw new RunGoneError();
}

/**
 * Lets a run wait until `dueAt`, or, with null, until something wakes it. Returns false if the run has ended, or others
 * have changed it since it was read.
 * @throws LeaseLostError
 */
export async function parkRun(db: Db, token: string, run: RunnerRun, dueAt: Date | null): Promise<boolean> {
  const [answer] = await queryRows<{ held: boolean; parked: boolean }>(
    db,
    sql`
      with held as materialized (${holding(token)}),
      parked as (
        update runner.runs set due_at = ${dueAt === null ? null : iso(dueAt)}::timestamptz, attempt = ${run.attempt}
        where id = ${run.id}::uuid and ended_at is null and wakes = ${run.wakes} and exists (select from held)
        returning 1
      )
      select exists (select from held) as held, exists (select from parked) as parked`,
  );
  if (!answer!.held) throw new LeaseLostError();
  return answer!.parked;
}

async function loadSteps(db: Db, runIds: readonly string[]): Promise<Map<string, Map<string, Step>>> {
  const runs = new Map<string, Map<string, Step>>();
  if (runIds.length === 0) return runs;
  const rows = await queryRows<StepRow>(
    db,
    sql`
      select run_id, step_id, name, state, attempt, due_at, result from runner.steps
      where run_id in (select jsonb_array_elements_text(${JSON.stringify(runIds)}::text::jsonb)::uuid)
      order by ordinal nulls last, step_id`,
  );
  for (const row of rows) {
    const steps = runs.get(row.run_id) ?? new Map<string, Step>();
    runs.set(row.run_id, steps);
    steps.set(row.step_id, {
      id: row.step_id,
      name: row.name,
      state: row.state,
      attempt: row.attempt,
      dueAt: toDate(row.due_at),
      result: row.result === null ? null : (JSON.parse(row.result) as unknown),
    });
  }
  return runs;
}

/** Whether a step has its result. */
export const isDone = (step: Step) => step.state === "done" || step.state === "failed";

interface RunRow {
  id: string;
  function_id: string;
  event: string;
  attempt: number;
  due_at: string | Date | null;
  expires_at: string | Date | null;
  concurrency_keys: string[];
  wakes: number;
}

interface StepRow {
  run_id: string;
  step_id: string;
  name: string;
  state: StepState;
  attempt: number;
  due_at: string | Date | null;
  result: string | null;
}

function toRun(row: RunRow, steps: Map<string, Step>): RunnerRun {
  return {
    id: row.id,
    functionId: row.function_id,
    event: JSON.parse(row.event) as RunnerEvent,
    attempt: row.attempt,
    dueAt: toDate(row.due_at),
    expiresAt: toDate(row.expires_at),
    concurrencyKeys: row.concurrency_keys,
    wakes: row.wakes,
    steps,
  };
}

const iso = (date: Date) => date.toISOString();
const toDate = (value: string | Date | null) => (value === null ? null : new Date(value));
const textArray = (values: readonly string[]) =>
  sql`array(select jsonb_array_elements_text(${JSON.stringify(values)}::text::jsonb))`;

/** Whether any run is due, whichever process executes it. */
export async function anyDue(db: Db, now: Date): Promise<boolean> {
  const rows = await queryRows(
    db,
    sql`select 1 from runner.runs where ended_at is null and due_at <= ${iso(now)}::timestamptz limit 1`,
  );
  return rows.length > 0;
}
