import { withTenant } from "@db/client";
import { listDueFullSyncs, updateIntegration } from "@db/queries/integrations";

import type { SyncDeps } from "./ports";
import { requestSync } from "./request-sync";

/** Connections started by one tick at most; the rest is started by the next, a minute later. */
const BATCH = 500;

/**
 * Starts the full syncs that are due and sets when they are due next: one interval after the time they were due, or
 * after now when that has passed as well, so downtime is caught up once and never in a burst.
 * @returns the runs that were queued
 */
export async function startDueSyncs(deps: SyncDeps): Promise<{ tenantId: string; runId: string }[]> {
  const now = deps.clock();
  const started: { tenantId: string; runId: string }[] = [];
  for (const due of await listDueFullSyncs(deps.db, now, BATCH)) {
    const outcome = await requestSync(deps, {
      tenantId: due.tenantId,
      integrationId: due.id,
      type: "full",
      trigger: "schedule",
      actor: "schedule",
    });
    if (outcome.state === "queued") started.push({ tenantId: due.tenantId, runId: outcome.run.id });
    const nextFullSyncAt = nextDue(due.nextFullSyncMs, due.fullSyncIntervalMinutes * 60_000, now);
    await withTenant(deps.db, due.tenantId, (tx) =>
      updateIntegration(tx, due.tenantId, due.id, { nextFullSyncAt }),
    );
  }
  return started;
}

function nextDue(due: number | null, intervalMs: number, now: Date): Date {
  if (due === null) return new Date(now.getTime() + intervalMs);
  const missed = Math.floor((now.getTime() - due) / intervalMs);
  return new Date(due + (missed + 1) * intervalMs);
}
