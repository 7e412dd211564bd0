import { withTenant } from "@db/client";
import { getIntegration } from "@db/queries/integrations";
import { listFailedDevices } from "@db/queries/run-history";
import { getRun } from "@db/queries/runs";

import type { RunRef, SyncDeps } from "../ports";
import { queueSync } from "../request-sync";
import { runDirect } from "../run-direct";

/** Devices asked for again at once: beyond that a full sync is the cheaper way. */
export const MAX_RETRIED_DEVICES = 200;

export type RetryFailedOutcome =
  /** `joined`: devices that are being synced already. `more`: whether some were left out. */
  | { state: "queued"; queued: number; joined: number; more: boolean }
  | { state: "nothing_failed" }
  | { state: "still_running" }
  | { state: "disconnected" }
  | { state: "unknown_run" };

/** Asks again for the devices that a run could not take over, and for these alone: each gets a run of its own. */
export async function retryFailed(
  deps: SyncDeps,
  { tenantId, runId }: RunRef,
  actor: string,
): Promise<RetryFailedOutcome> {
  const queued: RunRef[] = [];
  const outcome = await withTenant(deps.db, tenantId, async (tx): Promise<RetryFailedOutcome> => {
    const run = await getRun(tx, tenantId, runId);
    const integration = run && (await getIntegration(tx, tenantId, run.integrationId));
    if (run === undefined || integration === undefined) return { state: "unknown_run" };
    if (run.endedAt === null) return { state: "still_running" };
    if (integration.status === "disconnected") return { state: "disconnected" };
    const failed = await listFailedDevices(tx, tenantId, runId, MAX_RETRIED_DEVICES + 1);
    if (failed.length === 0) return { state: "nothing_failed" };
    const now = deps.clock();
    const retried = failed.slice(0, MAX_RETRIED_DEVICES);
    for (const externalDeviceId of retried) {
      const request = {
        tenantId,
        integrationId: integration.id,
        type: "device",
        trigger: "manual",
        actor,
        externalDeviceId,
      } as const;
      const asked = await queueSync(tx, deps, integration, request, now);
      if (asked.state === "queued") queued.push({ tenantId, runId: asked.run.id });
    }
    return {
      state: "queued",
      queued: queued.length,
      joined: retried.length - queued.length,
      more: failed.length > retried.length,
    };
  });
  if (queued.length > 0) {
    deps.nudge();
    if (deps.transport === "direct") void runOneByOne(deps, queued);
  }
  return outcome;
}

/** Under the direct transport nobody else would execute them, so they begin in this process. */
async function runOneByOne(deps: SyncDeps, refs: RunRef[]): Promise<void> {
  for (const ref of refs) {
    try {
      await runDirect(deps, ref);
    } catch (error) {
      deps.log.error({ runId: ref.runId, err: error }, "a direct sync could not be ended");
    }
  }
}
