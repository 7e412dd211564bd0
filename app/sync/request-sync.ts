import { withTenant, type TenantDb } from "@db/client";
import { insertEvents } from "@db/queries/events";
import { getIntegration, type IntegrationRow } from "@db/queries/integrations";
import { findRunInFlight, getRun, insertRun, updateOpenRun, type RunRow } from "@db/queries/runs";
import { executionKey, type OutgoingEvent, type SyncTrigger, type SyncType } from "~/domain/events";

import type { RunRef, SyncDeps } from "./ports";

export interface SyncRequest {
  tenantId: string;
  integrationId: string;
  type: SyncType;
  trigger: SyncTrigger;
  /** Who asks: an e-mail, `schedule`, `cli`, … */
  actor: string;
  /** The device, for type `device`. */
  externalDeviceId?: string;
  /** For type `alerts`: compare the active ones with what the webhook told, instead of going over all. */
  activeOnly?: boolean;
}

/** Marks a run that goes over the active alerts alone. */
export const ACTIVE_ALERTS = "active";

export type SyncRequestOutcome =
  | { state: "queued"; run: RunRow }
  /** A run of the same kind is in flight: it is the answer. */
  | { state: "joined"; run: RunRow }
  | { state: "unknown_integration" }
  | { state: "disconnected" };

/** Puts events into the outbox, in the transaction that makes them true. */
export async function emit(tx: TenantDb, events: OutgoingEvent[], now: Date): Promise<void> {
  const [first] = events;
  if (first === undefined) return;
  await insertEvents(
    tx,
    first.data.tenantId,
    events.map((event) => ({ ...event, integrationId: event.data.integrationId })),
    now,
  );
}

/** Asks for a sync. Nothing is executed here: the run's row and its event are written together. */
export async function requestSync(deps: SyncDeps, request: SyncRequest): Promise<SyncRequestOutcome> {
  const now = deps.clock();
  const outcome = await withTenant(deps.db, request.tenantId, async (tx): Promise<SyncRequestOutcome> => {
    const integration = await getIntegration(tx, request.tenantId, request.integrationId);
    if (integration === undefined) return { state: "unknown_integration" };
    if (integration.status === "disconnected") return { state: "disconnected" };
    return queueSync(tx, deps, integration, request, now);
  });
  if (outcome.state === "queued") deps.nudge();
  return outcome;
}

/**
 * Writes a run and its event in the transaction of the caller, who nudges once it is committed.
 * @throws when the run that stood in the way has just ended
 */
export async function queueSync(
  tx: TenantDb,
  deps: SyncDeps,
  integration: IntegrationRow,
  request: SyncRequest,
  now: Date,
): Promise<Extract<SyncRequestOutcome, { run: RunRow }>> {
  const { tenantId, integrationId, type } = request;
  const targetExternalId = request.externalDeviceId ?? (request.activeOnly === true ? ACTIVE_ALERTS : "");
  const key = executionKey({
    provider: integration.provider,
    type,
    tenantId,
    // Device runs of one account may start in the same millisecond.
    integrationId: targetExternalId === "" ? integrationId : `${integrationId}/${targetExternalId}`,
    requestedAt: now,
  });
  const run = await insertRun(tx, {
    tenantId,
    integrationId,
    type,
    trigger: request.trigger,
    actor: request.actor,
    key,
    transport: deps.transport,
    targetExternalId,
    requestedAt: now,
  });
  if (run === undefined) {
    const running = await findRunInFlight(tx, tenantId, { integrationId, type, targetExternalId });
    if (running !== undefined) return { state: "joined", run: running };
    // The run that stood in the way ended between the two statements: the next request will get its turn.
    throw new Error(`A run with key ${key} has just ended; ask again.`);
  }
  if (deps.transport === "inngest") {
    const data = { tenantId, integrationId, runId: run.id, type, continuation: 0 };
    await emit(tx, [{ name: "rmm/sync.requested", data, key }], now);
  }
  return { state: "queued", run };
}

export type CancelOutcome =
  /** It ends at its next page. */
  | { state: "cancelling" }
  | { state: "cancelled" }
  | { state: "already_ended"; run: RunRow }
  | { state: "unknown_run" };

/** Cancels a run: at once when nothing is being done for it, else at its next page. */
export async function cancelSync(deps: SyncDeps, { tenantId, runId }: RunRef): Promise<CancelOutcome> {
  const now = deps.clock();
  return withTenant(deps.db, tenantId, async (tx): Promise<CancelOutcome> => {
    const run = await getRun(tx, tenantId, runId);
    if (run === undefined) return { state: "unknown_run" };
    const idle = run.status === "queued" || (run.waitingUntil !== null && run.waitingUntil > now);
    const changed = await updateOpenRun(tx, tenantId, runId, {
      cancelRequestedAt: now,
      ...(idle ? { status: "cancelled", endedAt: now } : {}),
    });
    if (changed === undefined) return { state: "already_ended", run };
    return { state: idle ? "cancelled" : "cancelling" };
  });
}
