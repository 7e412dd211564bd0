import { sql } from "drizzle-orm";

import { queryRows, type Db } from "../../client";
import { holding } from "./end-runs";
import { LeaseLostError } from "./lease";

/** When a cron trigger last fired. */
export interface CronRow {
  function_id: string;
  expression: string;
  fired_at: string | Date;
}

/** Stores new triggers as fired now, deletes triggers that do not exist any more, and returns when each last fired. */
export function syncCrons(
  db: Db,
  names: readonly { function_id: string; expression: string }[],
  now: Date,
): Promise<CronRow[]> {
  return queryRows<CronRow>(
    db,
    sql`
      with mine as (
        select function_id, expression from jsonb_to_recordset(${JSON.stringify(names)}::text::jsonb)
          as m(function_id text, expression text)
      ),
      gone as (
        delete from runner.crons c
        where not exists (select from mine m where m.function_id = c.function_id and m.expression = c.expression)
      )
      insert into runner.crons as c (function_id, expression, fired_at)
      select distinct function_id, expression, ${now.toISOString()}::timestamptz from mine
      on conflict (function_id, expression) do update set fired_at = c.fired_at
      returning function_id, expression, fired_at`,
  );
}

/**
 * After the clock was set back: moves triggers that fired after `now` to `now`.
 * @throws LeaseLostError
 */
export async function lowerFiredAt(db: Db, token: string, now: Date): Promise<void> {
  const [answer] = await queryRows<{ held: boolean }>(
    db,
    sql`
      with held as materialized (${holding(token)}),
      lowered as (
        update runner.crons set fired_at = ${now.toISOString()}::timestamptz
        where fired_at > ${now.toISOString()}::timestamptz and exists (select from held)
      )
      select exists (select from held) as held`,
  );
  if (!answer!.held) throw new LeaseLostError();
}

/**
 * Records that a trigger fired.
 * @throws LeaseLostError
 */
export async function markFired(
  tx: Db,
  token: string,
  { functionId, expression }: { functionId: string; expression: string },
  now: Date,
): Promise<void> {
  const rows = await queryRows(
    tx,
    sql`
      with held as materialized (${holding(token)})
      update runner.crons set fired_at = ${now.toISOString()}::timestamptz
      where function_id = ${functionId} and expression = ${expression} and exists (select from held)
      returning 1`,
  );
  if (rows.length === 0) throw new LeaseLostError();
}
