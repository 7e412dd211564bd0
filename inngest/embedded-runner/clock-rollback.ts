import { sql } from "drizzle-orm";

import { queryRows, type Db } from "@db/client";

import { holding } from "./end-runs";
import { LeaseLostError } from "./lease";

/** So little is a clock being trimmed: whatever waits, waits that much longer. */
const TRIM_MS = 1_000;

/** Notices when the machine's clock is put back. A clock that jumps ahead needs nobody: what waits is due sooner. */
export class ClockWatch {
  private latestMs: number;

  /** @param latest the latest that the clock is known to have shown, also before the process started */
  constructor(latest: Date) {
    this.latestMs = latest.getTime();
  }

  /** How far the clock has been put back since it was looked at last; 0 where it was not. */
  putBackMs(now: Date): number {
    const backMs = this.latestMs - now.getTime();
    if (backMs > 0 && backMs <= TRIM_MS) return 0;
    this.latestMs = now.getTime();
    return Math.max(0, backMs);
  }
}

/**
 * Moves every instant of the runs that have not ended back with the clock: they wait as long as they still had to, and
 * not until the clock has caught up with itself. A run in hand notices by its `wakes` and reads its instants anew.
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
