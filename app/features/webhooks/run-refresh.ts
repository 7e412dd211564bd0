import { withTenant, type TenantDb } from "@db/client";
import { getIntegration, type IntegrationRow } from "@db/queries/connections/connections";
import { requestSync, type SyncRequest } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";
import type { Durable, SyncDeps } from "~/platform/ports";

/**
 * Milliseconds to wait again for an active run. Most runs end within minutes; that of a large account, or of one that
 * Level rate-limits, takes longer.
 */
export const waitMsAfter = (waits: number): number => (waits < 30 ? 10_000 : 2 * 60_000);
/** The most waits: more than six hours in total, in steps well below the limit of a durable function. */
export const MAX_WAITS = 220;

export type Steps = Pick<Durable, "step" | "sleep">;

/** A provider's event about a device, group or account, as a request to read it again; `reason` is the event's name. */
export interface RefreshRequest {
  tenantId: string;
  connectionId: string;
  reason: string;
}

/**
 * The connection, if its refresh requests are followed. Undefined while it is disconnected, needs a key, or its full
 * syncs are paused: once it resumes, a full sync is due and reads what was requested meanwhile (see
 * `requestMissedRefresh`). A pause does not count while full syncs are switched off, because nobody could end it.
 */
export async function findFollowed(
  tx: TenantDb,
  { tenantId, connectionId }: RefreshRequest,
): Promise<IntegrationRow | undefined> {
  const integration = await getIntegration(tx, tenantId, connectionId);
  if (integration?.status !== "active") return undefined;
  return integration.fullSyncEnabled && integration.pausedAt !== null ? undefined : integration;
}

/**
 * Requests a run that reads again what an event reported. An active run may have read it before the change, so this
 * waits for that run and requests another; a queued run will see the change itself.
 */
export async function runRefresh(
  deps: SyncDeps,
  { step, sleep }: Steps,
  request: RefreshRequest,
  what: Pick<SyncRequest, "type" | "externalDeviceId" | "isReportedGone">,
): Promise<{ state: string }> {
  const { tenantId, connectionId, reason } = request;
  for (let waits = 0; ; waits++) {
    const asked = await step(`request-${waits}`, async () => {
      const integration = await withTenant(deps.db, tenantId, (tx) => findFollowed(tx, request));
      if (integration === undefined) return { state: "not_followed", runId: null, isRunning: false };
      const syncRequest = { tenantId, connectionId, ...what, trigger: "webhook", actor: reason } as const;
      const outcome = await requestSync(deps, syncRequest);
      return "run" in outcome
        ? { state: outcome.state, runId: outcome.run.id, isRunning: outcome.run.status === "running" }
        : { state: outcome.state, runId: null, isRunning: false };
    });
    if (!asked.isRunning || waits === MAX_WAITS) {
      if (asked.state === "queued" && deps.transport === "direct") {
        await step("run", () => runDirect(deps, { tenantId, runId: asked.runId! }));
      }
      return { state: asked.state };
    }
    await sleep(`wait-${waits}`, waitMsAfter(waits));
  }
}
