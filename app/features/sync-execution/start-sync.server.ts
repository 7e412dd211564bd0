import { requestSync, type SyncRequest, type SyncRequestOutcome } from "~/features/sync-engine/request-sync";
import type { SyncDeps } from "~/platform/ports";

import { runDirect } from "./run-direct";

/**
 * Requests a sync for a person who does not wait for its end. With the direct transport the sync starts in this
 * process, because nothing else would execute it.
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
