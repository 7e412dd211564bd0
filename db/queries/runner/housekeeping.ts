import { sql } from "drizzle-orm";

import type { Db } from "../../client";

import { SEEN_HOURS } from "./enqueue";

/** How long a run and its steps are kept after its end, and one that failed. */
const KEEP_HOURS = 24;
const KEEP_FAILED_HOURS = 7 * 24;

/** How many runs go in one statement: a backlog is worked off over several rounds, not in one long lock. */
const BATCH = 2_000;

/** Deletes what is old. Safe in any process at any time. */
export async function prune(db: Db, now: Date): Promise<void> {
  const before = (hours: number) =>
    sql`${new Date(now.getTime() - hours * 3_600_000).toISOString()}::timestamptz`;
  await db.execute(sql`
    delete from runner.runs where id in (
      select id from runner.runs
      where ended_at < ${before(KEEP_HOURS)} and (status <> 'failed' or ended_at < ${before(KEEP_FAILED_HOURS)})
      order by ended_at limit ${BATCH})`);
  await db.execute(sql`delete from runner.seen_keys where seen_at < ${before(SEEN_HOURS)}`);
}
