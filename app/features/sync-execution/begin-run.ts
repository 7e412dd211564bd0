import { getIntegration, setSyncStatus } from "@db/queries/connections/connections";
import { countLiveDevices, getRun, lockRun, updateOpenRun, type RunRow } from "@db/queries/sync-runs/runs";
import type { RunRef } from "@domain/refs";
import { emit } from "~/platform/outbox/emit";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

import { endCancelled, eventIds } from "./end-run";

export type BeginOutcome = { state: "running"; type: RunRow["type"] } | { state: "ended" };

/**
 * Marks a queued run as running and publishes that it started. Leaves a run unchanged that is already running (because
 * of a repeated step or a hand-over) or has ended.
 */
export async function beginRun(deps: SyncDeps, ref: RunRef): Promise<BeginOutcome> {
  return inTransaction(deps, ref.tenantId, async (tx): Promise<BeginOutcome> => {
    const now = deps.clock();
    // Takes the locks of a page in the same order, so that a cancellation takes effect before or after this
    // transaction.
    await lockRun(tx, ref.tenantId, ref.runId);
    const run = await getRun(tx, ref.tenantId, ref.runId);
    if (run === undefined) return { state: "ended" };
    const integration = await getIntegration(tx, run.tenantId, run.connectionId);
    if (integration === undefined || integration.status === "disconnected") {
      await endCancelled(tx, deps, ref);
      return { state: "ended" };
    }
    const isFirst = run.status === "queued";
    const started = await updateOpenRun(tx, run.tenantId, run.id, {
      heartbeatAt: now,
      ...(isFirst
        ? {
            status: "running",
            startedAt: now,
            // The run's next step may be queued behind many steps of other runs.
            ...(run.transport === "inngest" ? { waitingUntil: now } : {}),
            expectedItems:
              run.type === "full" || run.type === "dry_run"
                ? await countLiveDevices(tx, run.tenantId, run.connectionId)
                : null,
          }
        : {}),
    });
    if (started === undefined) return { state: "ended" };
    if (isFirst) {
      if (run.type === "full") await setSyncStatus(tx, run, { full: "syncing" });
      // A dry run changes nothing, so its start is not published.
      if (run.type !== "dry_run")
        await emit(tx, [{ name: "RMM_SYNC_STARTED", data: eventIds(run), key: `${run.key}:started` }], now);
    }
    return { state: "running", type: run.type };
  });
}
