import { withTenant } from "@db/client";
import { touchHeartbeat } from "@db/queries/sync-runs/runs";
import type { RunRef } from "@domain/refs";
import type { SyncDeps } from "~/platform/ports";

/** Well below the silence after which a run is called dead. One call to a slow provider may take longer than that. */
const EVERY_MS = 30_000;

/** Shows a sign of life of the run while the work goes on, however long one part of it takes. */
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
