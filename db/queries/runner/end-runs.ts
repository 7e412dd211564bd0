import { sql } from "drizzle-orm";

import { queryRows, type Db } from "../../client";

export interface Ending {
  ids: readonly string[];
  status: "completed" | "failed" | "cancelled";
  /** What the function returned, or its error. */
  result: unknown;
  now: Date;
  /** The leader's token. Absent for a cancellation, which any process may do. */
  token?: string;
}

/**
 * Ends the runs that are open, and passes the result to the runs that invoked them, in one statement. Callers of a
 * cancelled run get null: an Inngest server lets them continue in the same way, and throws nothing.
 * @returns the ids of the runs that it ended, and whether the lease was held (true without a token)
 */
export async function endRuns(db: Db, ending: Ending): Promise<{ held: boolean; ended: string[] }> {
  if (ending.ids.length === 0) return { held: true, ended: [] };
  const now = sql`${ending.now.toISOString()}::timestamptz`;
  const result = JSON.stringify(ending.result ?? null);
  const [row] = await queryRows<{ held: boolean; ended: string[] | null }>(
    db,
    sql`
      with held as materialized (${holding(ending.token)}),
      ended as (
        update runner.runs set status = ${ending.status}, result = ${result}, ended_at = ${now}, due_at = null
        where ended_at is null and exists (select from held)
          and id in (select jsonb_array_elements_text(${JSON.stringify(ending.ids)}::text::jsonb)::uuid)
        returning id, parent_run_id, parent_step_id
      ),
      answered as (
        update runner.steps s set
          state = ${ending.status === "failed" ? "failed" : "done"}, due_at = null,
          result = ${ending.status === "cancelled" ? "null" : result},
          ordinal = nextval('runner.step_order')
        from ended e
        where s.run_id = e.parent_run_id and s.step_id = e.parent_step_id and s.state = 'invoking'
        returning s.run_id
      ),
      woken as (
        update runner.runs r set due_at = ${now}, wakes = wakes + 1
        where r.ended_at is null and r.id in (select run_id from answered)
        returning r.id
      )
      select exists (select from held) as held, (select array_agg(id) from ended) as ended,
        (select count(*) from woken)::int as woken`,
  );
  return { held: row!.held, ended: row!.ended ?? [] };
}

/**
 * Selects one row if this process holds the lease, and locks the lease until the transaction ends. A takeover waits for
 * that lock, so a former leader can write nothing after the takeover.
 */
export const holding = (token: string | undefined) =>
  token === undefined
    ? sql`select 1`
    : sql`select 1 from runner.lease where token = ${token}::uuid for key share`;
