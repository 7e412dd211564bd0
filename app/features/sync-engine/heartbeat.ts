import { withTenant } from "@db/client";
import { touchHeartbeat } from "@db/queries/sync-runs/runs";
import type { RunRef } from "@domain/refs";
import type { SyncDeps } from "~/platform/ports";

/**
 * Milliseconds between two heartbeats: well below the two minutes of silence after which the reaper closes a run,
 * because one slow call may delay a heartbeat.
 */
const EVERY_MS = 30_000;

/** Writes the run's heartbeat at intervals until `work` ends, however long one part of it takes. */
export async function withHeartbeat<T>(deps: SyncDeps, ref: RunRef, work: () => Promise<T>): Promise<T> {
  const beat = () =>
    withTenant(deps.db, ref.tenantId, (tx) =>
      touchHeartbeat(tx, ref.tenantId, ref.runId, deps.clock()),
    ).catch((error: unknown) =>
      deps.log.warn({ runId: ref.runId, error: String(error) }, "no heartbeat could be written"),
    );
  const timer = setInterval(() => void beat(), EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
