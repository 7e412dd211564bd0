import { getIntegration } from "@db/queries/connections/connections";
import { listFailedRecords, type FailedRecord } from "@db/queries/sync-runs/run-history";
import { getRun } from "@db/queries/sync-runs/runs";
import type { RunRef } from "@domain/refs";
import { queueSyncs, type SyncRequest } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

/** The most records of one retry; for more, a full sync is cheaper. */
export const MAX_RETRIED = 200;

export type RetryFailedOutcome =
  /** `joined`: the number of records that are already being synced. `more`: whether some records were left out. */
  | { state: "queued"; queued: number; joined: number; more: boolean }
  | { state: "nothing_failed" }
  | { state: "still_running" }
  | { state: "disconnected" }
  | { state: "unknown_run" };

/**
 * Retries only the records that a run could not store. Each record gets a run of its own; an update gets a run of its
 * device, and all groups share one run.
 * @returns how many runs were queued, or why none
 */
export async function retryFailed(
  deps: SyncDeps,
  { tenantId, runId }: RunRef,
  actor: string,
): Promise<RetryFailedOutcome> {
  const queued: RunRef[] = [];
  const outcome = await inTransaction(deps, tenantId, async (tx): Promise<RetryFailedOutcome> => {
    const run = await getRun(tx, tenantId, runId);
    const integration = run && (await getIntegration(tx, tenantId, run.connectionId));
    if (run === undefined || integration === undefined) return { state: "unknown_run" };
    if (run.endedAt === null) return { state: "still_running" };
    if (integration.status === "disconnected") return { state: "disconnected" };
    const failed = await listFailedRecords(tx, tenantId, runId, MAX_RETRIED + 1);
    if (failed.length === 0) return { state: "nothing_failed" };
    const retried = failed.slice(0, MAX_RETRIED);
    const by = { tenantId, connectionId: integration.id, trigger: "manual", actor } as const;
    const requests = retried.map((record) => ({ ...by, ...whatToSync(record) }));
    const runs = await queueSyncs(tx, deps, integration, requests, deps.clock());
    queued.push(...runs.map((queuedRun) => ({ tenantId, runId: queuedRun.id })));
    return {
      state: "queued",
      queued: queued.length,
      joined: retried.length - queued.length,
      more: failed.length > retried.length,
    };
  });
  if (queued.length > 0 && deps.transport === "direct") void runOneByOne(deps, queued);
  return outcome;
}

function whatToSync({
  kind,
  externalId,
}: FailedRecord): Pick<SyncRequest, "type" | "externalDeviceId" | "externalAlertId"> {
  switch (kind) {
    case "groups":
      return { type: "organizations" };
    case "device":
      return { type: "device", externalDeviceId: externalId };
    case "alert":
      return { type: "alerts", externalAlertId: externalId };
  }
}

/** Executes runs in this process, with the direct transport, because nothing else would. */
async function runOneByOne(deps: SyncDeps, refs: RunRef[]): Promise<void> {
  for (const ref of refs) {
    try {
      await runDirect(deps, ref);
    } catch (error) {
      deps.log.error({ runId: ref.runId, err: error }, "a direct sync could not be ended");
    }
  }
}
