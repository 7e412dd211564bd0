import { sql } from "drizzle-orm";

import { queryRows, type Db } from "../../client";
import { holding } from "./end-runs";
import { LeaseLostError } from "./lease";

/**
 * Moves the instants of all open runs back by `ms` milliseconds, together with the clock, so that runs wait only for
 * the rest of their time. Raises `wakes`, so that a run in progress notices and reads its instants again.
 * @throws LeaseLostError
 */
export async function moveRunsBack(db: Db, token: string, ms: number): Promise<void> {
  const back = sql`${ms}::float8 * interval '1 millisecond'`;
  const [answer] = await queryRows<{ held: boolean }>(
    db,
    sql`
      with held as materialized (${holding(token)}),
      moved as (
        update runner.runs set
          due_at = due_at - ${back}, expires_at = expires_at - ${back}, debounce_until = debounce_until - ${back},
          created_at = created_at - ${back}, wakes = wakes + 1
        where ended_at is null and exists (select from held)
        returning id
      ),
      steps as (
        update runner.steps set due_at = due_at - ${back}
        where due_at is not null and run_id in (select id from moved)
      )
      select exists (select from held) as held`,
  );
  if (!answer!.held) throw new LeaseLostError();
}
