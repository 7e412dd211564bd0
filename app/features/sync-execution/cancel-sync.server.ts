import { withTenant } from "@db/client";
import { getRun, lockRun, updateOpenRun, type RunRow } from "@db/queries/sync-runs/runs";
import type { RunRef } from "@domain/refs";
import type { SyncDeps } from "~/platform/ports";

import { endCancelled } from "./end-run";

export type CancelOutcome =
  /** The run will end at its next page. */
  | { state: "cancelling" }
  | { state: "cancelled" }
  | { state: "already_ended"; run: RunRow }
  | { state: "unknown_run" };

/** Cancels a run: at once if it is queued or sleeping, otherwise at its next page. */
export async function cancelSync(deps: SyncDeps, { tenantId, runId }: RunRef): Promise<CancelOutcome> {
  return withTenant(deps.db, tenantId, async (tx): Promise<CancelOutcome> => {
    // Requests the cancellation before reading the run, because a run that begins meanwhile is no longer idle.
    await lockRun(tx, tenantId, runId);
    const run = await getRun(tx, tenantId, runId);
    if (run === undefined) return { state: "unknown_run" };
    if (run.endedAt !== null) return { state: "already_ended", run };
    const now = deps.clock();
    await updateOpenRun(tx, tenantId, runId, { cancelRequestedAt: now });
    const isIdle = run.status === "queued" || (run.waitingUntil !== null && run.waitingUntil > now);
    if (!isIdle) return { state: "cancelling" };
    await endCancelled(tx, deps, { tenantId, runId });
    return { state: "cancelled" };
  });
}
