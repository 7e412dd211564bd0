import { withTenant, type Db } from "@db/client";
import { readRunsFingerprint } from "@db/queries/sync-runs/live";

import { createWatched } from "./poller.page.server";

const tenants = createWatched<string>();

export interface RunsWatchOptions {
  db: Db;
  tenantId: string;
  /** A look failed: it is repeated. */
  onError(error: unknown): void;
}

/**
 * Calls `listener` whenever a run of the tenant has begun, moved on or ended; at most twice a second.
 * @returns ends it; with its last watcher a tenant is looked at no more
 */
export function watchRuns({ db, tenantId, onError }: RunsWatchOptions, listener: () => void): () => void {
  const look = () => withTenant(db, tenantId, (tx) => readRunsFingerprint(tx, tenantId));
  let isFirst = true;
  return tenants.watch({ db, key: tenantId, look, onError }, () => {
    // How the runs stand at the beginning is no change.
    if (isFirst) isFirst = false;
    else listener();
  });
}

/** How many tenants are looked at now. */
export const countWatchedTenants = tenants.count;
