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
 * Calls `listener` with the run: once soon, then whenever it changes; with null if there is none.
 * @returns a function that stops it; a run without watchers is no longer polled
 */
export const watchRun = (
  { db, tenantId, runId, onError }: RunWatchOptions,
  listener: (run: RunSummary | null) => void,
): (() => void) => {
  const look = () => readRunSummary(db, tenantId, runId);
  return runs.watch({ db, key: `${tenantId}/${runId}`, look, onError }, listener);
};

/** How many runs are polled now. */
export const countWatched = runs.count;
