import { withTenant, type TenantDb } from "@db/client";
import { attributeChanges } from "@db/queries/assets/asset-changes";
import { audit, type AuditEntry } from "@db/queries/audit/audit";
import { lockIntegrations } from "@db/queries/connections/connections";
import { markApprovedGone } from "@db/queries/device-sync/gone";
import {
  applyMoves,
  applyRenames,
  deleteHeld,
  keepHeldFields,
  listHeldIds,
  listIntegrationsOfHeld,
  lockHeld,
  rejectRemovals,
  type LockedHeld,
  type SeenHeld,
} from "@db/queries/review/held";
import type { HeldFilter } from "@db/queries/review/held-filter";
import { getRun, subtractDecided } from "@db/queries/sync-runs/runs";
import { groupBy } from "@domain/group-by";
import { latestCredibleInstant } from "@domain/observation";
import type { RunRef } from "@domain/refs";
import { noteHealth } from "~/features/connection-health/note-health";
import { isSweep } from "~/features/device-sync/device-plans";
import { recountPending } from "~/features/device-sync/recount-pending";
import { resolvePendingMatches } from "~/features/device-sync/resolve-pending-matches";
import type { Actor } from "@domain/actor";
import { recordMoves } from "~/platform/audit-moves";
import { inTransaction } from "~/platform/outbox/in-transaction";
import { announceGone, announceUpdated } from "~/platform/outbox/publish-updated";
import type { SyncDeps } from "~/platform/ports";

export interface HeldDecision {
  tenantId: string;
  /** These changes as shown, or all that match the filter. */
  which: { seen: SeenHeld[] } | { filter: HeldFilter };
  decision: "approve" | "reject";
  actor: Actor;
}

/** `changed`: the number of changes that a sync altered since they were shown. They stay pending. */
export type DecideHeldOutcome = { changed: number } & (
  | { state: "decided"; changes: number; gone: number }
  /** The changes were withdrawn, altered, or decided by another person meanwhile. */
  | { state: "nothing_held" }
);

/**
 * Approves or rejects held changes in one transaction. Approved ones are applied. A rejected move or rename overrides
 * the asset's client or name; a device whose removal is rejected is ignored by sweeps until one lists it again.
 * @returns how many changes were decided, and how many devices are gone by it
 */
export async function decideHeld(deps: SyncDeps, request: HeldDecision): Promise<DecideHeldOutcome> {
  return inTransaction(deps, request.tenantId, (tx) => decide(deps, tx, request));
}

async function decide(
  deps: SyncDeps,
  tx: TenantDb,
  { tenantId, which, decision, actor }: HeldDecision,
): Promise<DecideHeldOutcome> {
  const seen = "seen" in which ? new Map(which.seen.map(({ id, mark }) => [id, mark])) : undefined;
  const wanted = "filter" in which ? await listHeldIds(tx, tenantId, which.filter) : [...seen!.keys()];
  await lockIntegrations(tx, tenantId, await listIntegrationsOfHeld(tx, tenantId, wanted));
  const held = await lockHeld(tx, tenantId, wanted);
  const changes = seen === undefined ? held : held.filter(({ id, mark }) => seen.get(id) === mark);
  const changed = held.length - changes.length;
  if (changes.length === 0) return { state: "nothing_held", changed };
  await attributeChanges(tx, actor.name);
  const goneOf =
    decision === "approve"
      ? await approve(deps, tx, tenantId, changes, actor)
      : await reject(deps, tx, tenantId, changes);
  const ofConnections = groupBy(changes, (change) => change.connectionId);
  const entries = [...ofConnections.values()].map((ofOne) => auditOf(ofOne, decision));
  await audit(tx, tenantId, actor, ...entries);
  for (const [runId, ofRun] of groupBy(changes, (change) => change.runId)) {
    const gone = goneOf.get(runId) ?? 0;
    await subtractDecided(tx, tenantId, runId, { changes: ofRun.length, gone });
    const run = (await getRun(tx, tenantId, runId))!;
    // Re-enrolled machines waited for the removal of their old device. Their assets are not part of what the run did,
    // so its plan stays as it was.
    if (gone > 0 && isSweep({ run })) {
      const now = deps.clock();
      const { created, joined } = await resolvePendingMatches(tx, { ...run, appliesRunId: null }, now);
      if (created + joined > 0) await recountPending(tx, run, now);
    }
    await noteHealth(tx, deps, run);
  }
  const gone = [...goneOf.values()].reduce((sum, ofRun) => sum + ofRun, 0);
  return { state: "decided", changes: changes.length, gone, changed };
}

/** The audit entry for the decisions on one connection's changes. */
function auditOf(changes: LockedHeld[], decision: HeldDecision["decision"]): AuditEntry {
  const byKind = (kind: LockedHeld["kind"]) => changes.filter((change) => change.kind === kind).length;
  return {
    action: decision === "approve" ? "held.approved" : "held.rejected",
    targetType: "integration",
    targetId: changes[0]!.connectionId,
    details: {
      removals: byKind("removal"),
      moves: byKind("move"),
      renames: byKind("rename"),
      runIds: [...new Set(changes.map((change) => change.runId))],
    },
  };
}

async function approve(
  deps: SyncDeps,
  tx: TenantDb,
  tenantId: string,
  changes: LockedHeld[],
  actor: Actor,
): Promise<Map<string, number>> {
  const now = deps.clock();
  const which = { ids: changes.map((change) => change.id) };
  const moves = await applyMoves(tx, tenantId, which, now);
  const runOf = new Map(changes.map((change) => [change.assetId, change.runId]));
  const ofRuns = moves.map((move) => ({ ...move, runId: runOf.get(move.assetId) ?? "" }));
  await recordMoves(tx, tenantId, ofRuns, actor);
  const renames = await applyRenames(tx, tenantId, which, now);
  await announceUpdated(tx, tenantId, [...moves, ...renames], now);
  const removals = changes.filter((change) => change.kind === "removal");
  const goneOf = new Map<string, number>();
  for (const [runId, ofRun] of groupBy(removals, (change) => change.runId)) {
    const { connectionId } = ofRun[0]!;
    const ids = ofRun.map((change) => change.id);
    const at = { now, credibleUntil: latestCredibleInstant(now) };
    const scope = { tenantId, connectionId };
    goneOf.set(runId, await announceGone(tx, scope, await markApprovedGone(tx, scope, ids, at), now));
  }
  await deleteHeld(
    tx,
    tenantId,
    removals.map((change) => change.id),
  );
  return goneOf;
}

async function reject(
  deps: SyncDeps,
  tx: TenantDb,
  tenantId: string,
  changes: LockedHeld[],
): Promise<Map<string, number>> {
  const now = deps.clock();
  const idsOf = (kind: LockedHeld["kind"]) =>
    changes.filter((change) => change.kind === kind).map((change) => change.id);
  await keepHeldFields(tx, tenantId, "rename", idsOf("rename"), now);
  await keepHeldFields(tx, tenantId, "move", idsOf("move"), now);
  await rejectRemovals(tx, tenantId, idsOf("removal"), now);
  await deleteHeld(
    tx,
    tenantId,
    changes.filter((change) => change.kind !== "removal").map((change) => change.id),
  );
  return new Map();
}

export type ConfirmOutcome =
  | { state: "confirmed"; gone: number }
  | { state: "nothing_held" }
  /** A newer complete sync has ended since. */
  | { state: "superseded" }
  | { state: "unknown_run" };

/** Confirms the held removals of a run: the devices that it did not list are gone. */
export async function confirmHeldDevices(
  deps: SyncDeps,
  { tenantId, runId }: RunRef,
  actor: Actor,
): Promise<ConfirmOutcome> {
  const run = await withTenant(deps.db, tenantId, (tx) => getRun(tx, tenantId, runId));
  if (run === undefined) return { state: "unknown_run" };
  if (run.itemsHeld === 0) return { state: "nothing_held" };
  const which = { filter: { runId, kind: "removal" as const } };
  const outcome = await decideHeld(deps, { tenantId, which, decision: "approve", actor });
  switch (outcome.state) {
    case "nothing_held":
      return { state: "superseded" };
    case "decided":
      return { state: "confirmed", gone: outcome.gone };
  }
}
