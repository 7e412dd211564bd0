import { withTenant } from "@db/client";
import { listDueAlertPolls } from "@db/queries/alert-polls";
import { updateIntegration } from "@db/queries/integrations";

import type { RunRef, SyncDeps } from "../ports";
import { requestSync } from "../request-sync";

/** Connections started by one tick at most; the rest is started by the next, a minute later. */
const BATCH = 500;

/**
 * Starts the comparisons of alerts that are due: what the webhook missed is then found within an interval. After a time
 * that nothing ran one comparison is enough, so the next is due an interval from now.
 * @returns the runs that were queued
 */
export async function startDueAlertPolls(deps: SyncDeps): Promise<RunRef[]> {
  const now = deps.clock();
  const started: RunRef[] = [];
  for (const { id: integrationId, tenantId, intervalMinutes } of await listDueAlertPolls(
    deps.db,
    now,
    BATCH,
  )) {
    const outcome = await requestSync(deps, {
      tenantId,
      integrationId,
      type: "alerts",
      activeOnly: true,
      trigger: "schedule",
      actor: "schedule",
    });
    if (outcome.state === "queued") started.push({ tenantId, runId: outcome.run.id });
    const nextAlertsSyncAt = new Date(now.getTime() + intervalMinutes * 60_000);
    await withTenant(deps.db, tenantId, (tx) =>
      updateIntegration(tx, tenantId, integrationId, { nextAlertsSyncAt }),
    );
  }
  return started;
}
