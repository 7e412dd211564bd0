import type { Db } from "@db/client";

import type { RunSummary } from "@db/queries/sync-runs/run-list";

import { createWatched } from "./poller.page.server";
import { readRunSummary } from "./runs.page.server";

const runs = createWatched<RunSummary | null>();

export interface RunWatchOptions {
  db: Db;
  tenantId: string;
  runId: string;
  /** A look failed: it is repeated. */
  onError(error: unknown): void;
}

/**
 * Tells `listener` how the run stands: once soon, and then whenever that has changed; null when there is none, or not
 * any more.
 * @returns ends it; with its last watcher a run is looked at no more
 */
export const watchRun = (
  { db, tenantId, runId, onError }: RunWatchOptions,
  listener: (run: RunSummary | null) => void,
): (() => void) => {
  const look = () => readRunSummary(db, tenantId, runId);
  return runs.watch({ db, key: `${tenantId}/${runId}`, look, onError }, listener);
};

/** How many runs are looked at now. */
export const countWatched = runs.count;
