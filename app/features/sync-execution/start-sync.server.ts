import { requestSync, type SyncRequest, type SyncRequestOutcome } from "~/features/sync-engine/request-sync";
import type { SyncDeps } from "~/platform/ports";

import { runDirect } from "./run-direct";

/**
 * Asks for a sync as somebody at a page does, who does not wait for its end. Under the direct transport nobody else
 * would execute it, so it begins in this process.
 */
export async function startSync(deps: SyncDeps, request: SyncRequest): Promise<SyncRequestOutcome> {
  const outcome = await requestSync(deps, request);
  if (outcome.state === "queued" && deps.transport === "direct") {
    const ref = { tenantId: request.tenantId, runId: outcome.run.id };
    runDirect(deps, ref).catch((error: unknown) =>
      deps.log.error({ runId: ref.runId, error: String(error) }, "a direct sync could not be ended"),
    );
  }
  return outcome;
}
