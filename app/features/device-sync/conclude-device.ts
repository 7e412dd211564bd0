import { withTenant, type TenantDb } from "@db/client";
import { isKnownDevice } from "@db/queries/connections/connection-counts";
import { holdDeviceRemoval, markDeviceGone } from "@db/queries/device-sync/gone";
import { countHeld } from "@db/queries/review/held";
import { withdrawRemovalOf } from "@db/queries/review/held-withdrawals";
import { countGone, countLiveDevices, type RunRow, noteDegraded } from "@db/queries/sync-runs/runs";
import { exceedsChangeLimit } from "@domain/mass-change-guard";
import { lockActiveRun } from "~/features/sync-engine/lock-active-run";
import type { WalkOutcome } from "~/features/sync-engine/walk-from";
import { announceGone } from "~/platform/outbox/publish-updated";
import type { SyncDeps } from "~/platform/ports";

import { findClientLosses } from "./client-losses";
import { changedByDeviceRuns } from "./device-run-sums";
import { applyPendingChanges, type PendingChangeOutcome } from "./pending-changes";
import { placeByGroup } from "./place-assets";

/** Applies or holds the pending move and rename of a single-device run. */
export async function concludeDevice(
  deps: SyncDeps,
  tx: TenantDb,
  run: RunRow,
): Promise<PendingChangeOutcome> {
  const known = await countLiveDevices(tx, run.tenantId, run.connectionId);
  const now = deps.clock();
  const lately = await changedByDeviceRuns(tx, run, now);
  const { moves } = await findClientLosses(tx, run, now);
  const outcome = await applyPendingChanges(deps, tx, run, { known, lately, losing: moves });
  await placeByGroup(deps, tx, run);
  return outcome;
}

/**
 * Marks a device as gone because Level does not know it. If unusually many devices went lately and Level reported none
 * of them as deleted, an outage or a restricted key is more likely: then the removal waits for a person or a complete
 * sync.
 */
export function removeDevice(deps: SyncDeps, run: RunRow): Promise<WalkOutcome> {
  return withTenant(deps.db, run.tenantId, async (tx): Promise<WalkOutcome> => {
    const held = await lockActiveRun(tx, run);
    if (held.state === "stopped") return held;
    await remove(deps, tx, run);
    return { state: "complete" };
  });
}

async function remove(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<void> {
  const externalId = run.targetExternalId;
  const now = deps.clock();
  const lately = await changedByDeviceRuns(tx, run, now);
  const { removals: waiting } = await countHeld(tx, run.tenantId, run.connectionId);
  const known = (await countLiveDevices(tx, run.tenantId, run.connectionId)) + lately.removals;
  const affected = 1 + lately.removals + waiting;
  if (!run.isReportedGone && exceedsChangeLimit({ known, affected })) {
    const reason = `${affected} of ${known} devices are unknown to Level by their ids since the last complete sync`;
    if (!(await holdDeviceRemoval(tx, run, run.id, { externalId, reason, now }))) return;
    await noteDegraded(tx, run, {
      resource: "devices",
      kind: "removal",
      reason: `${reason}; this one was not retired.`,
      hint: "Review what is held. A later complete sync that lists it withdraws it.",
    });
    return;
  }
  const gone = await markDeviceGone(tx, run, externalId, "Level has no device with this id any more", now);
  await countGone(tx, run.tenantId, run.id, await announceGone(tx, run, gone, now));
  await withdrawRemovalOf(tx, run, externalId);
  // A device that is already gone is not unknown: this step may have been interrupted after its commit, or a sweep may
  // have marked the device first.
  const isKnown = await isKnownDevice(tx, run.tenantId, run.connectionId, externalId);
  if (!isKnown) await noteDegraded(tx, run, UNKNOWN_DEVICE);
}

const UNKNOWN_DEVICE = {
  resource: "devices",
  reason: "Level has no device with this id, and none of the known ones had it.",
  hint: "Look the id up in the asset's details, or sync all devices.",
} as const;
