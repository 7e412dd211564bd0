import { sql } from "drizzle-orm";

import { queryRows, type Db } from "../../client";

import { endRuns } from "./end-runs";
import type { RunPlan } from "./run-plan";

/** How many hours the id of an event or an idempotency key is remembered. */
export const SEEN_HOURS = 24;

/** Stores runs, unless their idempotency or singleton key forbids it. Returns the ids of those it stored. */
export async function enqueueRuns(tx: Db, planned: readonly RunPlan[], now: Date): Promise<string[]> {
  let runs = planned;
  const keyed = runs.filter((run) => run.idempotencyKey !== null);
  if (keyed.length > 0) {
    const seen = keyed.map((run) => ({ scope: run.functionId, key: run.idempotencyKey! }));
    const fresh = new Set(await firstSeen(tx, seen, now));
    runs = runs.filter(
      (run) => run.idempotencyKey === null || fresh.delete(seenId(run.functionId, run.idempotencyKey)),
    );
  }
  const debounced = lastOfEach(
    runs.filter((run) => run.debounceKey !== null),
    (run) => run.debounceKey!,
  );
  const replacing = lastOfEach(
    runs.filter((run) => run.replaces && run.debounceKey === null),
    (run) => run.singletonKey!,
  );
  const plain = runs.filter((run) => !run.replaces && run.debounceKey === null);
  await cancelReplaced(tx, replacing, now);
  const ids = await insertPlanned(tx, [...plain, ...replacing], now);
  await upsertDebounces(tx, debounced, now);
  return ids;
}

async function insertPlanned(tx: Db, runs: readonly RunPlan[], now: Date): Promise<string[]> {
  if (runs.length === 0) return [];
  const rows = await queryRows<{ id: string }>(
    tx,
    sql`
      insert into runner.runs
        (id, function_id, status, event, due_at, expires_at, concurrency_keys, singleton_key,
         parent_run_id, parent_step_id, created_at)
      select id, function_id, 'queued', event, due_at, expires_at,
        array(select jsonb_array_elements_text(concurrency_keys)), singleton_key,
        parent_run_id, parent_step_id, ${now.toISOString()}::timestamptz
      from ${recordset(runs)} as r(${columns})
      order by function_id, singleton_key, id
      on conflict do nothing
      returning id`,
  );
  return rows.map((row) => row.id);
}

/** Stores debounces. One that already waits takes the newer event and starts its period again, up to its own end. */
async function upsertDebounces(tx: Db, runs: readonly RunPlan[], now: Date): Promise<void> {
  if (runs.length === 0) return;
  await tx.execute(sql`
    insert into runner.runs as waiting
      (id, function_id, status, event, due_at, concurrency_keys, debounce_key, debounce_until, created_at)
    select id, function_id, 'debounced', event, due_at,
      array(select jsonb_array_elements_text(concurrency_keys)), debounce_key, debounce_until,
      ${now.toISOString()}::timestamptz
    from ${recordset(runs)} as r(${columns})
    order by function_id, debounce_key
    on conflict (function_id, debounce_key) where status = 'debounced' do update set
      event = excluded.event,
      concurrency_keys = excluded.concurrency_keys,
      due_at = least(excluded.due_at, waiting.debounce_until)`);
}

const recordset = (runs: readonly RunPlan[]) =>
  sql`jsonb_to_recordset(${JSON.stringify(
    runs.map((run) => ({
      id: run.id,
      function_id: run.functionId,
      event: JSON.stringify(run.event),
      due_at: run.dueAt,
      expires_at: run.expiresAt,
      concurrency_keys: run.concurrencyKeys,
      singleton_key: run.singletonKey,
      debounce_key: run.debounceKey,
      debounce_until: run.debounceUntil,
      parent_run_id: run.parent?.runId ?? null,
      parent_step_id: run.parent?.stepId ?? null,
    })),
  )}::text::jsonb)`;

const columns = sql.raw(`
  id uuid, function_id text, event text, due_at timestamptz, expires_at timestamptz, concurrency_keys jsonb,
  singleton_key text, debounce_key text, debounce_until timestamptz, parent_run_id uuid, parent_step_id text`);

/** Of the given event ids, those that were not seen within the last `SEEN_HOURS`. Records all of them. */
export async function firstSeenEvents(tx: Db, ids: readonly string[], now: Date): Promise<Set<string>> {
  const seen = new Set(
    await firstSeen(
      tx,
      ids.map((key) => ({ scope: "event", key })),
      now,
    ),
  );
  return new Set(ids.filter((id) => seen.has(seenId("event", id))));
}

/** An active run as its cancellation needs it. `event` is JSON. */
export interface ActiveRun {
  id: string;
  function_id: string;
  event: string;
  created_at: string;
}

/** The active runs of functions, without debounced ones. */
export function listActiveOf(tx: Db, functionIds: readonly string[]): Promise<ActiveRun[]> {
  return queryRows<ActiveRun>(
    tx,
    sql`
      select id, function_id, event, created_at from runner.runs
      where ended_at is null and status <> 'debounced' and function_id in (
        select jsonb_array_elements_text(${JSON.stringify(functionIds)}::text::jsonb))`,
  );
}

/** Records keys. Returns, as `seenId`, those that were not recorded within the last `SEEN_HOURS`. */
async function firstSeen(
  tx: Db,
  keys: readonly { scope: string; key: string }[],
  now: Date,
): Promise<string[]> {
  const forgotten = new Date(now.getTime() - SEEN_HOURS * 3_600_000);
  const rows = await queryRows<{ scope: string; key: string }>(
    tx,
    // Always in the same order, so that two senders of the same keys cannot deadlock.
    sql`
      insert into runner.seen_keys as seen (scope, key, seen_at)
      select distinct scope, key, ${now.toISOString()}::timestamptz
      from jsonb_to_recordset(${JSON.stringify(keys)}::text::jsonb) as k(scope text, key text)
      order by scope, key
      on conflict (scope, key) do update set seen_at = excluded.seen_at
        where seen.seen_at < ${forgotten.toISOString()}::timestamptz
      returning scope, key`,
  );
  return rows.map((row) => seenId(row.scope, row.key));
}

const seenId = (scope: string, key: string) => `${scope} ${key}`;

async function cancelReplaced(tx: Db, replacing: readonly RunPlan[], now: Date): Promise<void> {
  if (replacing.length === 0) return;
  const rows = await queryRows<{ id: string }>(
    tx,
    sql`
      select r.id from runner.runs r join ${recordset(replacing)} as n(${columns})
        on r.function_id = n.function_id and r.singleton_key = n.singleton_key
      where r.status in ('queued', 'running')`,
  );
  await endRuns(tx, { ids: rows.map((row) => row.id), status: "cancelled", result: replacedError, now });
}

const replacedError = { name: "Error", message: "The run was cancelled: a newer one took its place." };

function lastOfEach(runs: readonly RunPlan[], keyOf: (run: RunPlan) => string): RunPlan[] {
  return [...new Map(runs.map((run) => [`${run.functionId} ${keyOf(run)}`, run])).values()];
}
