import type { TenantDb } from "@db/client";
import {
  holdAbsentDevices,
  holdAbsentOfClients,
  markAbsentDevicesGone,
  planAbsentDevices,
  withdrawRemovals,
} from "@db/queries/device-sync/gone";
import { deleteFormerPendingMatches } from "@db/queries/device-sync/pending-matches";
import { countPlannedPending, markPlannedHeld, markPlannedHeldStill } from "@db/queries/device-sync/planned";
import { readMatchingRules } from "@db/queries/matching-rules/rules";
import type { Sweep } from "@db/queries/device-sync/seen-ids";
import { sumSweep } from "@db/queries/device-sync/sweep-sums";
import { withdrawUnseen } from "@db/queries/review/held-withdrawals";
import { type RunRow, noteDegraded } from "@db/queries/sync-runs/runs";
import { systemActor } from "@domain/actor";
import { exceedsChangeLimit, whyHeld } from "@domain/mass-change-guard";
import { announceGone } from "~/platform/outbox/publish-updated";
import type { SyncDeps } from "~/platform/ports";

import { resolvePairs } from "./asset-pairs";
import { findClientLosses, type LosingClients } from "./client-losses";
import { changedByDeviceRuns, type DeviceRunSums } from "./device-run-sums";
import {
  pastTense,
  applyPendingChanges,
  pendingChangeKinds,
  type PendingChangeOutcome,
} from "./pending-changes";
import { placeByGroup } from "./place-assets";
import { keepsAPlan } from "./planned-changes";
import { resolvePendingMatches, type ResolvedMatches } from "./resolve-pending-matches";
import { applyStandingRules } from "./standing-rules";
import { sweepOf } from "./sweep-of";

export interface SweepOutcome extends PendingChangeOutcome {
  gone: number;
  resolved: ResolvedMatches;
}

/**
 * Applies what a complete sweep of the devices found, in the transaction that ends the run: pending moves and renames,
 * and removals. Holds them for a person if they exceed the change limits. A dry run makes the same decisions from its
 * plan and applies nothing.
 */
export async function concludeSweep(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<SweepOutcome> {
  const now = deps.clock();
  const sweep = sweepOf(run, now);
  const sums = await sumSweep(tx, sweep);
  const lately = await changedByDeviceRuns(tx, run, now);
  const losses = await findClientLosses(tx, run, now);
  const whyRemovalsWait = whyHeld({ ...sums, removedLately: lately.removals });
  if (keepsAPlan({ run })) {
    await planAbsentDevices(tx, sweep, { all: whyRemovalsWait, ofClients: losses.removals });
    await holdPlanned(tx, run, { known: sums.known, lately, losing: losses.moves });
  }
  if (run.type === "dry_run") {
    return { gone: 0, held: 0, moved: 0, renamed: 0, resolved: await resolvePendingMatches(tx, run, now) };
  }

  const staged = await applyPendingChanges(deps, tx, run, {
    known: sums.known,
    lately,
    losing: losses.moves,
  });
  await withdrawUnseen(tx, run, run.id);

  if (whyRemovalsWait === null) await holdRemovalsOf(tx, run, sweep, losses.removals);
  const gone =
    whyRemovalsWait === null ? await announceGone(tx, run, await markAbsentDevicesGone(tx, sweep), now) : 0;
  const waiting = await holdAbsentDevices(tx, sweep, whyRemovalsWait);
  if (whyRemovalsWait !== null) await noteRemovals(tx, run, `${whyRemovalsWait}; no asset was retired.`);
  else if (waiting > 0 && losses.removals.clientIds.length === 0)
    await noteRemovals(tx, run, `${waiting} devices whose removal is held are not listed.`);
  await withdrawRemovals(tx, sweep);
  await deleteFormerPendingMatches(tx, sweep);
  const held = staged.held + waiting;
  const resolved = await resolvePendingMatches(tx, run, now);
  await resolvePairs(tx, run, now);
  await placeByGroup(deps, tx, run);
  const { rules } = await readMatchingRules(tx, run, run.startedAt ?? now);
  await applyStandingRules(tx, run, rules, systemActor(run.actor), now);
  return { ...staged, gone, held, resolved };
}

/** Holds removals that would take most of a client's assets, unless the groups confirm them. */
async function holdRemovalsOf(tx: TenantDb, run: RunRow, sweep: Sweep, losing: LosingClients): Promise<void> {
  if (losing.clientIds.length === 0) return;
  await holdAbsentOfClients(tx, sweep, losing);
  await noteRemovals(tx, run, `${losing.reason}; none of these was retired.`);
}

const noteRemovals = (tx: TenantDb, run: RunRow, reason: string): Promise<void> =>
  noteDegraded(tx, run, {
    resource: "devices",
    kind: "removal",
    reason,
    hint: "Review what is held. A later complete sync that lists the devices withdraws it.",
  });

/** Marks the moves and renames in a plan that a sync would hold: those over the limit, and those already pending. */
async function holdPlanned(
  tx: TenantDb,
  run: RunRow,
  { known, lately, losing }: { known: number; lately: DeviceRunSums; losing: LosingClients },
): Promise<void> {
  const plan = { tenantId: run.tenantId, runId: run.id };
  const staged = await countPlannedPending(tx, plan);
  for (const kind of pendingChangeKinds) {
    const affected = staged[kind] + lately[`${kind}s`];
    if (staged[kind] === 0) continue;
    if (!exceedsChangeLimit({ known, affected })) {
      if (kind === "move") await markPlannedHeld(tx, plan, kind, losing.reason, losing.clientIds);
      continue;
    }
    await markPlannedHeld(tx, plan, kind, `one of ${affected} devices ${pastTense[kind]} at once`);
  }
  await markPlannedHeldStill(tx, run, run.id, "the change has been held before and waits for a decision");
}
