import { withTenant } from "@db/client";
import { countAbsentDevices, markAbsentDevicesGone } from "@db/queries/gone";
import { noteKeyAccepted, updateIntegration } from "@db/queries/integrations";
import { getRun, isLatestCompleteRun, settleHeld, sumPages, type RunRow } from "@db/queries/runs";
import { isSurprisingLoss } from "~/domain/fleet-guard";

import { noteDegraded } from "./degrade";
import { endRun, eventIds } from "./end-run";
import type { RunRef, SyncDeps } from "./ports";
import { emit } from "./request-sync";

export type ConcludeOutcome = { state: "ended"; status: RunRow["status"] } | { state: "already_ended" };

/**
 * Ends a run whose sweeps are done: marks what is gone, adds up, and says so, in one transaction.
 * Only a complete sweep may conclude that a device is gone, and a surprising loss is held instead.
 */
export async function concludeRun(deps: SyncDeps, ref: RunRef): Promise<ConcludeOutcome> {
  const outcome = await withTenant(deps.db, ref.tenantId, async (tx): Promise<ConcludeOutcome> => {
    const now = deps.clock();
    const before = await getRun(tx, ref.tenantId, ref.runId);
    if (before === undefined || before.status !== "running") return { state: "already_ended" };
    const { gone, held } = await concludeDevices(deps, tx, before);
    const run = (await getRun(tx, ref.tenantId, ref.runId))!;
    const hasErrors = run.degraded.length > 0 || run.itemsFailed > 0 || held > 0;
    const status = hasErrors ? "completed_with_errors" : "completed";
    const ended = await endRun(tx, deps, ref, { status, itemsGone: gone, itemsHeld: held });
    if (ended === undefined) return { state: "already_ended" };
    await noteKeyAccepted(tx, run.tenantId, run.integrationId);
    if (run.type === "full") {
      await updateIntegration(tx, run.tenantId, run.integrationId, {
        syncStatus: status,
        lastFullSyncAt: now,
        lastSyncError: null,
        lastSyncHint: null,
        lastDegraded: run.degraded.map((note) => note.resource),
        consecutiveFailures: 0,
      });
    }
    await emit(
      tx,
      [{ name: "RMM_SYNC_COMPLETED", data: { ...eventIds(run), status }, key: `${run.key}:completed` }],
      now,
    );
    return { state: "ended", status };
  });
  deps.nudge();
  return outcome;
}

async function concludeDevices(
  deps: SyncDeps,
  tx: Parameters<typeof countAbsentDevices>[0],
  run: RunRow,
): Promise<{ gone: number; held: number }> {
  const nothing = { gone: 0, held: 0 };
  if (run.type !== "full") return { ...nothing, gone: run.itemsGone };
  const totals = await sumPages(tx, run.tenantId, run.id);
  if (!totals.some((total) => total.resource === "devices" && total.complete)) return nothing;
  const loss = await countAbsentDevices(tx, run, run.id);
  if (loss.absent === 0) return nothing;
  if (isSurprisingLoss(loss)) {
    await noteDegraded(tx, run, {
      resource: "devices",
      reason: `${loss.absent} of ${loss.known} devices are missing from the account's list; nobody was retired.`,
      hint: "If they were really removed in Level, confirm the removal; a later complete sync that lists them settles it too.",
    });
    return { gone: 0, held: loss.absent };
  }
  return { gone: await markAbsentDevicesGone(tx, run, run.id, deps.clock()), held: 0 };
}

export type ConfirmOutcome =
  | { state: "confirmed"; gone: number }
  | { state: "nothing_held" }
  /** A newer complete sync has spoken since. */
  | { state: "superseded" }
  | { state: "unknown_run" };

/** A person confirms a held loss: the devices that the run did not list are gone. */
export async function confirmHeldDevices(deps: SyncDeps, ref: RunRef): Promise<ConfirmOutcome> {
  return withTenant(deps.db, ref.tenantId, async (tx): Promise<ConfirmOutcome> => {
    const run = await getRun(tx, ref.tenantId, ref.runId);
    if (run === undefined) return { state: "unknown_run" };
    if (run.itemsHeld === 0) return { state: "nothing_held" };
    if (!(await isLatestCompleteRun(tx, run))) return { state: "superseded" };
    const gone = await markAbsentDevicesGone(tx, run, run.id, deps.clock());
    await settleHeld(tx, run, gone);
    return { state: "confirmed", gone };
  });
}
