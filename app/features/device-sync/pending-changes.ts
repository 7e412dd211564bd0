import type { TenantDb } from "@db/client";
import {
  applyMoves,
  applyRenames,
  countHeld,
  countPendingChanges,
  holdPendingChanges,
} from "@db/queries/review/held";
import { type RunRow, noteDegraded } from "@db/queries/sync-runs/runs";
import { systemActor } from "@domain/actor";
import { exceedsChangeLimit } from "@domain/mass-change-guard";
import { recordMoves } from "~/platform/audit-moves";
import { announceUpdated } from "~/platform/outbox/publish-updated";
import type { SyncDeps } from "~/platform/ports";

import type { LosingClients } from "./client-losses";
import { isSweep } from "./device-plans";
import type { DeviceRunSums } from "./device-run-sums";

export const pendingChangeKinds = ["move", "rename"] as const;
export type PendingChangeKind = (typeof pendingChangeKinds)[number];
export const pastTense: Record<PendingChangeKind, string> = {
  move: "moved to another client",
  rename: "renamed",
};

export interface PendingChangeOutcome {
  held: number;
  moved: number;
  renamed: number;
}

/**
 * Applies the pending moves and renames of a run. Holds those that exceed the change limits, counted together with
 * those already pending and those of recent single-device runs, and those that would take most of a client's assets.
 */
export async function applyPendingChanges(
  deps: SyncDeps,
  tx: TenantDb,
  run: RunRow,
  { known, lately, losing }: { known: number; lately: DeviceRunSums; losing: LosingClients },
): Promise<PendingChangeOutcome> {
  const outcome: PendingChangeOutcome = { held: 0, moved: 0, renamed: 0 };
  const counts = await countPendingChanges(tx, run, run.id);
  // A sweep finds every pending change again; a single device adds to the pending changes of the account.
  const waiting = isSweep({ run }) ? null : await countHeld(tx, run.tenantId, run.connectionId);
  for (const kind of pendingChangeKinds) {
    const { staged, held } = counts[kind];
    outcome.held += held;
    if (staged === 0 && held === 0) continue;
    const affected = staged + (waiting?.[`${kind}s`] ?? held) + lately[`${kind}s`];
    if (exceedsChangeLimit({ known, affected })) {
      outcome.held += await holdPendingChanges(tx, run, run.id, kind);
      await noteDegraded(tx, run, surpriseNote(kind, affected, known));
    } else if (kind === "move") {
      outcome.held += await holdMovesOf(tx, run, losing);
      outcome.moved = await applyStagedMoves(deps, tx, run);
    } else outcome.renamed = await applyStagedRenames(deps, tx, run);
  }
  return outcome;
}

/** Holds moves that would take most of a client's assets; the others are applied. */
async function holdMovesOf(tx: TenantDb, run: RunRow, { clientIds, reason }: LosingClients): Promise<number> {
  if (clientIds.length === 0) return 0;
  const held = await holdPendingChanges(tx, run, run.id, "move", clientIds);
  if (held > 0)
    await noteDegraded(tx, run, {
      resource: "devices",
      kind: "move",
      reason: `${reason}; they stay as they were.`,
      hint: "Where a group was deleted and made again in Level, give the new group its client under Mapping. Otherwise review what is held.",
    });
  return held;
}

async function applyStagedMoves(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<number> {
  const moves = await applyMoves(tx, run.tenantId, { stagedBy: run }, deps.clock());
  const ofRun = moves.map((move) => ({ ...move, runId: run.id }));
  await recordMoves(tx, run.tenantId, ofRun, systemActor(run.actor));
  await announceUpdated(tx, run.tenantId, moves, deps.clock());
  return moves.length;
}

async function applyStagedRenames(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<number> {
  const renames = await applyRenames(tx, run.tenantId, { stagedBy: run }, deps.clock());
  await announceUpdated(tx, run.tenantId, renames, deps.clock());
  return renames.length;
}

const surpriseNote = (kind: PendingChangeKind, affected: number, known: number) => ({
  resource: "devices" as const,
  kind,
  reason: `${affected} of ${known} devices were ${pastTense[kind]} in Level at once; the assets stay as they were.`,
  hint: "Review what is held: approve it if it was meant, or reject it.",
});
