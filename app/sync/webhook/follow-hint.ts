import type { Durable, SyncDeps } from "../ports";
import { requestSync, type SyncRequest } from "../request-sync";
import { runDirect } from "../run-direct";

const WAIT_MS = 10_000;
/** Five minutes: a run of one device or of the groups is done long before, unless Level asks it to wait. */
const MAX_WAITS = 30;

/**
 * Looks again at what an event said has changed. A run that is under way may have looked before the change: it is
 * waited for and followed by another; one that has not begun yet will see the change itself.
 */
export async function followHint(
  deps: SyncDeps,
  durable: Pick<Durable, "step" | "sleep">,
  request: Omit<SyncRequest, "trigger">,
): Promise<{ state: string }> {
  for (let waits = 0; ; waits++) {
    const asked = await durable.step(`request-${waits}`, async () => {
      const outcome = await requestSync(deps, { ...request, trigger: "webhook" });
      return "run" in outcome
        ? { state: outcome.state, runId: outcome.run.id, isRunning: outcome.run.status === "running" }
        : { state: outcome.state, runId: null, isRunning: false };
    });
    if (!asked.isRunning || waits === MAX_WAITS) {
      if (asked.state === "queued" && deps.transport === "direct") {
        await durable.step("run", () => runDirect(deps, { tenantId: request.tenantId, runId: asked.runId! }));
      }
      return { state: asked.state };
    }
    await durable.sleep(`wait-${waits}`, WAIT_MS);
  }
}
