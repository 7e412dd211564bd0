import { withTenant, type Db } from "@db/client";
import { readRunsFingerprint } from "@db/queries/sync-runs/live";

import { createWatched } from "./poller.page.server";

const tenants = createWatched<string>();

export interface RunsWatchOptions {
  db: Db;
  tenantId: string;
  /** The initial state is read: every change from here on is reported. */
  onBegin(): void;
  /** A look failed: it is repeated. */
  onError(error: unknown): void;
}

/**
 * Calls `listener` whenever a run of the tenant begins, progresses or ends, at most twice a second.
 * @returns a function that stops it; a tenant without watchers is no longer polled
 */
export function watchRuns(
  { db, tenantId, onBegin, onError }: RunsWatchOptions,
  listener: () => void,
): () => void {
  const look = () => withTenant(db, tenantId, (tx) => readRunsFingerprint(tx, tenantId));
  let isFirst = true;
  return tenants.watch({ db, key: tenantId, look, onError }, () => {
    // The initial state is not a change.
    if (!isFirst) return listener();
    isFirst = false;
    onBegin();
  });
}

/** How many tenants are polled now. */
export const countWatchedTenants = tenants.count;
