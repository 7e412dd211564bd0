import { pruneRunDetails } from "@db/queries/run-history";
import { RUN_DETAILS_DAYS } from "~/domain/schedule-limits";

import type { SyncDeps } from "../ports";

/** A full sync of 10,000 devices has some thousand pages: so many runs are deleted in a moment. */
const BATCH = 100;

const DAY_MS = 24 * 60 * 60_000;

/**
 * Summarises runs that ended more than 90 days ago: their pages and single errors go, the run with its sums per
 * resource stays. Batch by batch, so that nothing waits long for it.
 * @returns how many runs were summarised
 */
export async function pruneRuns(deps: Pick<SyncDeps, "db" | "clock">): Promise<number> {
  const before = new Date(deps.clock().getTime() - RUN_DETAILS_DAYS * DAY_MS);
  let total = 0;
  for (;;) {
    const pruned = await pruneRunDetails(deps.db, before, BATCH);
    total += pruned;
    if (pruned < BATCH) return total;
  }
}
