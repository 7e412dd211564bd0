import { withTenant, type TenantDb } from "@db/client";
import { noteFailureOnIntegration, restoreSyncStatus } from "@db/queries/integrations";
import { getRun, sumPages, updateOpenRun, type ResourceTotals, type RunRow } from "@db/queries/runs";
import type { ResourceCounts } from "~/domain/snapshots";
import type { SyncResource } from "~/domain/sync-words";
import { isRmmError, type RmmErrorCode } from "~/integrations/rmm-error";

import { pauseAfterFailures } from "./pause";
import type { RunRef, SyncDeps } from "./ports";
import { emit } from "./request-sync";

/** Why a run failed, for the log and for the person. */
export interface RunFailure {
  code: RmmErrorCode | "no_heartbeat" | "not_started" | "internal";
  message: string;
  hint: string;
}

/** Puts any error into the words of a run. */
export function describeFailure(error: unknown): RunFailure {
  if (isRmmError(error)) return { code: error.code, message: error.userMessage, hint: error.hint };
  return {
    code: "internal",
    message: "The sync stopped on a fault of its own.",
    hint: "It resumes with the next sync. If it happens again, look for the run's id in the server's log.",
  };
}

/** Ends a run as failed, once: a run that has ended stays as it ended. Returns whether this call ended it. */
export async function failRun(deps: SyncDeps, ref: RunRef, failure: RunFailure): Promise<boolean> {
  const ended = await withTenant(deps.db, ref.tenantId, async (tx) => {
    const now = deps.clock();
    const run = await endRun(tx, deps, ref, {
      status: "failed",
      errorCode: failure.code,
      errorMessage: failure.message,
      errorHint: failure.hint,
    });
    if (run === undefined) return false;
    const failures = await noteFailureOnIntegration(tx, run, failure);
    if (failures !== undefined) await pauseAfterFailures(tx, deps, run, failures);
    const data = { ...eventIds(run), errorCode: failure.code };
    await emit(tx, [{ name: "RMM_SYNC_FAILED", data, key: `${run.key}:failed` }], now);
    return true;
  });
  deps.nudge();
  return ended;
}

/** Ends a run that a person cancelled. What was written stays; the next run goes over everything again. */
export async function cancelRun(deps: SyncDeps, ref: RunRef): Promise<void> {
  await withTenant(deps.db, ref.tenantId, async (tx) => {
    const run = await endRun(tx, deps, ref, { status: "cancelled" });
    if (run?.type === "full") await restoreSyncStatus(tx, run.tenantId, run.integrationId);
  });
}

/** Writes the end of a run with its totals per resource. Undefined when it had ended already. */
export async function endRun(
  tx: TenantDb,
  deps: SyncDeps,
  ref: RunRef,
  set: Partial<RunRow>,
): Promise<RunRow | undefined> {
  const run = await getRun(tx, ref.tenantId, ref.runId);
  if (run === undefined) return undefined;
  const totals = await sumPages(tx, ref.tenantId, ref.runId);
  const ended = await updateOpenRun(tx, ref.tenantId, ref.runId, {
    endedAt: deps.clock(),
    stage: null,
    waitingUntil: null,
    waitingReason: null,
    summary: summarise(totals, {
      gone: set.itemsGone ?? run.itemsGone,
      held: set.itemsHeld ?? run.itemsHeld,
    }),
    ...set,
  });
  if (ended !== undefined) deps.meter?.runEnded(ended);
  return ended;
}

function summarise(totals: ResourceTotals[], devices: { gone: number; held: number }): RunRow["summary"] {
  const summary: Partial<Record<SyncResource, ResourceCounts>> = {};
  for (const { resource, complete: _, ...counts } of totals) {
    summary[resource] = { ...counts, ...(resource === "devices" ? devices : { gone: 0, held: 0 }) };
  }
  return summary;
}

export const eventIds = (run: RunRow) => ({
  tenantId: run.tenantId,
  integrationId: run.integrationId,
  runId: run.id,
  type: run.type as string,
});
