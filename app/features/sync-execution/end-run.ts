import type { TenantDb } from "@db/client";
import {
  noteFailureOnIntegration,
  restoreSyncStatus,
  setSyncStatus,
} from "@db/queries/connections/connections";
import { noteDeviceFailure } from "@db/queries/device-sync/device-failures";
import { deletePendingChanges } from "@db/queries/review/held-withdrawals";
import { sumPages, type ResourceTotals } from "@db/queries/sync-runs/run-pages";
import { getRun, lockRun, updateOpenRun, type RunRow } from "@db/queries/sync-runs/runs";
import type { RunRef } from "@domain/refs";
import type { ResourceCounts } from "@domain/snapshots";
import { headlineOf, scheduleOf, syncKindOf, type SyncResource } from "@domain/sync-words";
import { isRmmError, type RmmErrorCode } from "~/connectors/rmm-error";
import { noteHealth } from "~/features/connection-health/note-health";
import { pauseAfterFailures } from "~/features/connection-health/pause";
import type { ResolvedMatches } from "~/features/device-sync/resolve-pending-matches";
import { emit } from "~/platform/outbox/emit";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

/** Why a run failed, for the log and for the pages. */
export interface RunFailure {
  code: RmmErrorCode | "no_heartbeat" | "not_started" | "internal";
  message: string;
  hint: string;
}

/** Describes any error for a run. Of an RMM error that an engine has serialised, only the message is left. */
export function describeFailure(error: unknown): RunFailure {
  if (isRmmError(error) && error.code && error.userMessage && error.hint)
    return { code: error.code, message: error.userMessage, hint: error.hint };
  return {
    code: "internal",
    message: "The sync stopped on a fault of its own.",
    hint: "It resumes with the next sync. If it happens again, look for the run's id in the server's log.",
  };
}

/** Ends a run as failed, unless it has already ended. Returns whether this call ended it. */
export async function failRun(deps: SyncDeps, ref: RunRef, failure: RunFailure): Promise<boolean> {
  return inTransaction(deps, ref.tenantId, async (tx) => {
    const now = deps.clock();
    const run = await endRun(tx, deps, ref, {
      status: "failed",
      errorCode: failure.code,
      errorMessage: failure.message,
      errorHint: failure.hint,
    });
    if (run === undefined) return false;
    const schedule = scheduleOf(run);
    const failures = await noteFailureOnIntegration(tx, run, schedule, failure);
    const kind = syncKindOf(run);
    if (kind !== null) await setSyncStatus(tx, run, { [kind]: "failed" });
    if (run.type === "device")
      await noteDeviceFailure(tx, run, run.targetExternalId, { at: now, message: failure.message });
    const isPausedNow =
      schedule !== null &&
      failures !== undefined &&
      (await pauseAfterFailures(tx, deps, run, schedule, failures));
    await noteHealth(tx, deps, run, isPausedNow ? { paused: schedule } : {});
    const data = { ...eventIds(run), errorCode: failure.code };
    if (run.type !== "dry_run")
      await emit(tx, [{ name: "RMM_SYNC_FAILED", data, key: `${run.key}:failed` }], now);
    return true;
  });
}

/** Ends a run that a person cancelled. Written data stays; the next run reads everything again. */
export const cancelRun = (deps: SyncDeps, ref: RunRef): Promise<void> =>
  inTransaction(deps, ref.tenantId, (tx) => endCancelled(tx, deps, ref));

/** Ends a cancelled run in the caller's transaction (`inTransaction`). */
export async function endCancelled(tx: TenantDb, deps: SyncDeps, ref: RunRef): Promise<void> {
  const run = await endRun(tx, deps, ref, { status: "cancelled" });
  if (run?.type === "full") await restoreSyncStatus(tx, run.tenantId, run.connectionId);
}

/**
 * Ends a run with the totals of its pages, because its running counts include the pages of a restarted walk twice.
 * Deletes its undecided pending changes. Takes the locks in the order of a page, because locking only the run's row
 * would deadlock with a page.
 * @returns the ended run; undefined if it had already ended
 */
export async function endRun(
  tx: TenantDb,
  deps: SyncDeps,
  ref: RunRef,
  set: Partial<RunRow>,
  resolved: ResolvedMatches = { created: 0, joined: 0 },
): Promise<RunRow | undefined> {
  await lockRun(tx, ref.tenantId, ref.runId);
  const run = await getRun(tx, ref.tenantId, ref.runId);
  if (run === undefined) return undefined;
  const totals = await sumPages(tx, ref.tenantId, ref.runId);
  const summary = summarise(totals, run.summary, {
    gone: set.itemsGone ?? run.itemsGone,
    held: set.itemsHeld ?? run.itemsHeld,
    resolved,
  });
  const headline = summary[headlineOf[run.type]];
  const ended = await updateOpenRun(tx, ref.tenantId, ref.runId, {
    endedAt: deps.clock(),
    stage: null,
    waitingUntil: null,
    waitingReason: null,
    summary,
    ...(headline && {
      itemsSeen: headline.seen,
      itemsCreated: headline.created,
      itemsUpdated: headline.updated,
      itemsUnchanged: headline.unchanged,
      itemsSkipped: headline.skipped,
    }),
    itemsFailed: countFailed(totals),
    itemsIgnored: totals.reduce((sum, { ignored }) => sum + ignored, 0),
    ...set,
  });
  if (ended === undefined) return undefined;
  await deletePendingChanges(tx, ended, ended.id);
  deps.meter?.runEnded(ended);
  return ended;
}

/** The number of records of any resource that could not be stored and that nobody ignored. */
export const countFailed = (totals: ResourceTotals[]): number =>
  totals.reduce((sum, { failed }) => sum + failed, 0);

interface DeviceTotals {
  gone: number;
  held: number;
  /** Devices that were decided at the end of the sweep, and that their page had counted as skipped. */
  resolved: ResolvedMatches;
}

function summarise(
  totals: ResourceTotals[],
  before: RunRow["summary"],
  { gone, held, resolved }: DeviceTotals,
): Partial<Record<SyncResource, ResourceCounts>> {
  const summary: Partial<Record<SyncResource, ResourceCounts>> = {};
  for (const { resource, complete: _, ignored: _ignored, ...counts } of totals) {
    summary[resource] =
      resource === "devices"
        ? {
            ...counts,
            created: counts.created + resolved.created,
            updated: counts.updated + resolved.joined,
            skipped: counts.skipped - resolved.created - resolved.joined,
            gone,
            held,
          }
        : { ...counts, gone: before?.[resource]?.gone ?? 0, held: 0 };
  }
  return summary;
}

export const eventIds = (run: RunRow) => ({
  tenantId: run.tenantId,
  integrationId: run.connectionId,
  runId: run.id,
  type: run.type as string,
});
