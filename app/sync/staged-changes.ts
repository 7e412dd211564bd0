import { sql } from "drizzle-orm";

import type { TenantDb } from "@db/client";
import { applyMoves, applyRenames, countHeld, countStaged, holdStaged } from "@db/queries/held";
import type { RunRow } from "@db/queries/runs";
import { isSurprising } from "~/domain/fleet-guard";

import { announceUpdated } from "./announce-updated";
import { noteDegraded } from "./degrade";
import type { DeviceRunSums } from "./device-run-sums";
import type { SyncDeps } from "./ports";
import { recordMoves } from "./record-moves";
import { isSweep } from "./resources/device-plans";

export const stagedKinds = ["move", "rename"] as const;
export type StagedKind = (typeof stagedKinds)[number];
export const pastTense: Record<StagedKind, string> = { move: "moved to another client", rename: "renamed" };

export interface StagedOutcome {
  held: number;
  moved: number;
  renamed: number;
}

/**
 * Carries out the moves and renames that a run put aside, or holds them for a person where they are, with those that
 * wait already and those that single devices brought lately, surprisingly many.
 */
export async function settleStaged(
  deps: SyncDeps,
  tx: TenantDb,
  run: RunRow,
  { known, lately }: { known: number; lately: DeviceRunSums },
): Promise<StagedOutcome> {
  const outcome: StagedOutcome = { held: 0, moved: 0, renamed: 0 };
  const counts = await countStaged(tx, run, run.id);
  // A sweep sees again all that waits; a single device stands beside what waits of the account.
  const waiting = isSweep({ run }) ? null : await countHeld(tx, run.tenantId, run.integrationId);
  for (const kind of stagedKinds) {
    const { staged, held } = counts[kind];
    outcome.held += held;
    if (staged === 0 && held === 0) continue;
    const affected = staged + (waiting?.[`${kind}s`] ?? held) + lately[`${kind}s`];
    if (isSurprising({ known, affected })) {
      await holdStaged(tx, run, run.id, kind);
      outcome.held += staged;
      await noteDegraded(tx, run, surpriseNote(kind, affected, known));
    } else if (kind === "move") outcome.moved = await applyStagedMoves(deps, tx, run);
    else outcome.renamed = await applyStagedRenames(deps, tx, run);
  }
  return outcome;
}

const stagedBy = (run: RunRow) =>
  sql`h.integration_id = ${run.integrationId} and h.run_id = ${run.id} and h.state = 'staged'`;

async function applyStagedMoves(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<number> {
  const moves = await applyMoves(tx, run.tenantId, stagedBy(run), deps.clock());
  const ofRun = moves.map((move) => ({ ...move, runId: run.id }));
  await recordMoves(tx, run.tenantId, ofRun, { name: run.actor });
  await announceUpdated(tx, run.tenantId, moves, deps.clock());
  return moves.length;
}

async function applyStagedRenames(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<number> {
  const renames = await applyRenames(tx, run.tenantId, stagedBy(run), deps.clock());
  await announceUpdated(tx, run.tenantId, renames, deps.clock());
  return renames.length;
}

const surpriseNote = (kind: StagedKind, affected: number, known: number) => ({
  resource: "devices" as const,
  kind,
  reason: `${affected} of ${known} devices were ${pastTense[kind]} in Level at once; the assets stay as they were.`,
  hint: "Review what is held: approve it if it was meant, or reject it.",
});
