import { sql } from "drizzle-orm";

import type { Db } from "../../client";

import { SEEN_HOURS } from "./enqueue";

/** How many hours an ended run and its steps are kept; failed ones are kept longer. */
const KEEP_HOURS = 24;
const KEEP_FAILED_HOURS = 7 * 24;

/** The most runs that one statement deletes. A backlog takes several rounds instead of one long lock. */
const BATCH = 2_000;

/** Deletes old runs and keys. Any process may call it at any time. */
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
