import type { TenantDb } from "@db/client";
import { attachLeftAlerts } from "@db/queries/alerts/alerts";
import {
  getIntegration,
  noteKeyAccepted,
  setSyncStatus,
  updateIntegration,
} from "@db/queries/connections/connections";
import { recordFreshness } from "@db/queries/overview/freshness";
import { clearDeviceFailures } from "@db/queries/device-sync/device-failures";
import { recordLedger } from "@db/queries/device-ledger/record";
import { recordDivergences } from "@db/queries/sync-runs/divergences";
import { forgetSeenIds, sumPages, type ResourceTotals } from "@db/queries/sync-runs/run-pages";
import { getRun, type RunRow } from "@db/queries/sync-runs/runs";
import { promisedMs } from "@domain/freshness";
import type { RunRef } from "@domain/refs";
import { fullUnpaused } from "@domain/schedule";
import { scheduleOf, syncKindOf, type SyncResource } from "@domain/sync-words";
import { requestMissedRefresh } from "~/features/connection-health/missed-refresh";
import { noteHealth } from "~/features/connection-health/note-health";
import { concludeDevice } from "~/features/device-sync/conclude-device";
import { concludeSweep, type SweepOutcome } from "~/features/device-sync/conclude-sweep";
import { isSweep } from "~/features/device-sync/device-plans";
import { targetDeviceOf } from "~/features/device-sync/updates";
import { lockActiveRun, type Stopped } from "~/features/sync-engine/lock-active-run";
import { emit } from "~/platform/outbox/emit";
import { inTransaction } from "~/platform/outbox/in-transaction";
import { recountPatches } from "~/platform/outbox/publish-updated";
import type { SyncDeps } from "~/platform/ports";

import { cancelRun, countFailed, endRun, eventIds } from "./end-run";

export type ConcludeOutcome = { state: "ended"; status: RunRow["status"] } | { state: "already_ended" };

/**
 * Ends a run whose stages are done, in one transaction: applies removals and pending changes, adds up the counts, and
 * publishes the result. Only a complete sweep concludes that a device is gone; changes over the limits are held.
 * @returns how the run ended, or that it had already ended
 */
export async function concludeRun(deps: SyncDeps, ref: RunRef): Promise<ConcludeOutcome> {
  const outcome = await inTransaction(deps, ref.tenantId, async (tx): Promise<ConcludeOutcome | Stopped> => {
    const held = await lockActiveRun(tx, { tenantId: ref.tenantId, id: ref.runId });
    if (held.state === "stopped") return held;
    const before = (await getRun(tx, ref.tenantId, ref.runId))!;
    const totals = await sumPages(tx, ref.tenantId, ref.runId);
    const { resolved, ...counts } = await concludeDevices(deps, tx, before, totals);
    if (before.type === "full" || before.type === "device") await attachLeftAlerts(tx, before);
    const pendingPatches = await countPending(deps, tx, before, totals);
    if (before.appliesRunId !== null) await recordDivergences(tx, ref, before.appliesRunId);
    if (before.type === "full") await recordLedger(tx, before.tenantId, deps.clock());
    const run = (await getRun(tx, ref.tenantId, ref.runId))!;
    const hasErrors = run.degraded.length > 0 || countFailed(totals) > 0 || counts.held > 0;
    const status = hasErrors ? "completed_with_errors" : "completed";
    const items = {
      itemsGone: counts.gone,
      itemsHeld: counts.held,
      itemsMoved: counts.moved,
      itemsRenamed: counts.renamed,
    };
    await endRun(tx, deps, ref, { status, pendingPatches, ...items }, resolved);
    await forgetSeenIds(tx, run);
    const goesOn = await noteKeyAccepted(tx, run.tenantId, run.connectionId);
    if (goesOn !== undefined) await requestMissedRefresh(tx, goesOn, deps.clock());
    if (run.type === "full") await noteFullSync(deps, tx, run);
    const kind = syncKindOf(run);
    if (kind !== null)
      await setSyncStatus(
        tx,
        run,
        kind === "full" ? { full: status, groups: "completed" } : { [kind]: status },
      );
    await forgetFailure(tx, run);
    if (scheduleOf(run) === "alerts")
      await updateIntegration(tx, run.tenantId, run.connectionId, { alertsFailures: 0 });
    // A dry run changes neither the connection's state nor anything that subscribers receive.
    if (run.type !== "dry_run") await publish(deps, tx, run, status);
    return { state: "ended", status };
  });
  if (outcome.state !== "stopped") return outcome;
  if (outcome.cancelled) await cancelRun(deps, ref);
  return { state: "already_ended" };
}

async function noteFullSync(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<void> {
  const now = deps.clock();
  const before = await getIntegration(tx, run.tenantId, run.connectionId);
  // Refresh requests were ignored while full syncs were paused, and this run may have read the account before those
  // changes.
  const wasPaused = before?.fullSyncEnabled === true && before.pausedAt !== null;
  await updateIntegration(tx, run.tenantId, run.connectionId, {
    lastFullSyncAt: now,
    lastSyncError: null,
    lastSyncHint: null,
    lastDegraded: [...new Set(run.degraded.map((note) => note.resource))],
    ...fullUnpaused,
    ...(wasPaused && { nextFullSyncAt: now }),
  });
  await recordFreshness(tx, {
    tenantId: run.tenantId,
    connectionId: run.connectionId,
    from: before?.lastFullSyncAt ?? null,
    to: now,
    promise: before?.fullSyncEnabled === true ? promisedMs(before.fullSyncIntervalMinutes) : null,
  });
}

/** Forgets the stored failure of a device that was read; a complete sweep reads all devices. */
async function forgetFailure(tx: TenantDb, run: RunRow): Promise<void> {
  if (run.type === "device") await clearDeviceFailures(tx, run, run.targetExternalId);
  if (run.type === "full") await clearDeviceFailures(tx, run);
}

async function publish(deps: SyncDeps, tx: TenantDb, run: RunRow, status: string): Promise<void> {
  await noteHealth(tx, deps, run);
  const data = { ...eventIds(run), status };
  await emit(tx, [{ name: "RMM_SYNC_COMPLETED", data, key: `${run.key}:completed` }], deps.clock());
}

/**
 * Counts pending updates after the end of the sweep, when all devices have their assets. Null if not all updates were
 * read.
 */
async function countPending(
  deps: SyncDeps,
  tx: TenantDb,
  run: RunRow,
  totals: ResourceTotals[],
): Promise<number | null> {
  if (!isComplete(totals, "updates")) return null;
  return recountPatches(tx, run, deps.clock(), targetDeviceOf(run));
}

async function concludeDevices(
  deps: SyncDeps,
  tx: TenantDb,
  run: RunRow,
  totals: ResourceTotals[],
): Promise<SweepOutcome> {
  const resolved = { created: 0, joined: 0 };
  const nothing = { gone: run.itemsGone, held: run.itemsHeld, moved: 0, renamed: 0, resolved };
  if (run.type === "device") {
    const staged = await concludeDevice(deps, tx, run);
    return { ...nothing, ...staged, held: run.itemsHeld + staged.held };
  }
  if (!isSweep({ run })) return nothing;
  return isComplete(totals, "devices") ? concludeSweep(deps, tx, run) : { ...nothing, gone: 0 };
}

const isComplete = (totals: ResourceTotals[], resource: SyncResource): boolean =>
  totals.some((total) => total.resource === resource && total.complete);
