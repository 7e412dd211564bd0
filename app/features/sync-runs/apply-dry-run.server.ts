import { withTenant } from "@db/client";
import { getRun } from "@db/queries/sync-runs/runs";
import type { RunRef } from "@domain/refs";
import type { SyncRequestOutcome } from "~/features/sync-engine/request-sync";
import { startSync } from "~/features/sync-execution/start-sync.server";
import type { Actor } from "@domain/actor";
import type { SyncDeps } from "~/platform/ports";

export type ApplyDryRunOutcome =
  | Exclude<SyncRequestOutcome, { state: "joined" }>
  /** Another full sync is already active, which does not apply this plan. */
  | { state: "busy"; runId: string }
  | { state: "not_ready" }
  | { state: "unknown_run" };

/**
 * Starts the full sync that applies a dry run. It works on Level's current data, and lists where the result differs
 * from the plan.
 */
export async function applyDryRun(
  deps: SyncDeps,
  { tenantId, runId }: RunRef,
  actor: Actor,
): Promise<ApplyDryRunOutcome> {
  const dryRun = await withTenant(deps.db, tenantId, (tx) => getRun(tx, tenantId, runId));
  if (dryRun?.type !== "dry_run") return { state: "unknown_run" };
  if (dryRun.status !== "completed" && dryRun.status !== "completed_with_errors")
    return { state: "not_ready" };
  const outcome = await startSync(deps, {
    tenantId,
    connectionId: dryRun.connectionId,
    type: "full",
    trigger: "manual",
    actor: actor.name,
    person: actor,
    appliesRunId: dryRun.id,
  });
  if (outcome.state === "joined") return { state: "busy", runId: outcome.run.id };
  return outcome;
}
