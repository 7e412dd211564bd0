import type { TenantDb } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { getIntegration, type IntegrationRow } from "@db/queries/connections/connections";
import {
  findRunInFlight,
  insertRun,
  insertRuns,
  noteReportedGone,
  type NewRun,
  type RunRow,
} from "@db/queries/sync-runs/runs";
import type { Actor } from "@domain/actor";
import { executionKey, type SyncTrigger, type SyncType } from "@domain/events";
import { ACTIVE_ALERTS } from "@domain/sync-words";
import { emit } from "~/platform/outbox/emit";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

export interface SyncRequest {
  tenantId: string;
  connectionId: string;
  type: SyncType;
  trigger: SyncTrigger;
  /** The requester: an e-mail address, `schedule`, `cli`, … */
  actor: string;
  /** The person who requests the sync, if a person does; the audit log names them. */
  person?: Actor;
  /** The device, for type `device`. */
  externalDeviceId?: string;
  /** For type `alerts`: only this alert. */
  externalAlertId?: string;
  /** For type `device`: whether the provider reported the device as deleted. */
  isReportedGone?: boolean;
  /** For type `full`: the dry run that the sync applies. Differences from its plan are listed. */
  appliesRunId?: string;
  /** For type `alerts`: compares the active alerts with those that the webhook reported, instead of reading all. */
  activeOnly?: boolean;
}

export type SyncRequestOutcome =
  | { state: "queued"; run: RunRow }
  /** A run of the same kind is active, so no other is queued. */
  | { state: "joined"; run: RunRow }
  | { state: "unknown_integration" }
  | { state: "disconnected" };

/**
 * Queues a run and its event in one transaction, without executing anything.
 * @returns the run, or why none was queued
 * @throws Error if runs of the connection end faster than they can be joined, see `queueSync`
 */
export async function requestSync(deps: SyncDeps, request: SyncRequest): Promise<SyncRequestOutcome> {
  const now = deps.clock();
  return inTransaction(deps, request.tenantId, async (tx): Promise<SyncRequestOutcome> => {
    const integration = await getIntegration(tx, request.tenantId, request.connectionId);
    if (integration === undefined) return { state: "unknown_integration" };
    if (integration.status === "disconnected") return { state: "disconnected" };
    const outcome = await queueSync(tx, deps, integration, request, now);
    if (request.person !== undefined) await auditRequest(tx, integration, request, request.person, outcome);
    return outcome;
  });
}

async function auditRequest(
  tx: TenantDb,
  { label }: IntegrationRow,
  { tenantId, type, externalDeviceId, appliesRunId }: SyncRequest,
  person: Actor,
  { state, run }: Extract<SyncRequestOutcome, { run: RunRow }>,
): Promise<void> {
  await audit(tx, tenantId, person, {
    action: "run.requested",
    targetType: "run",
    targetId: run.id,
    details: {
      type,
      connection: label,
      ...(externalDeviceId !== undefined && { device: externalDeviceId }),
      ...(appliesRunId !== undefined && { appliesRunId }),
      // The run was already open, because of another person or a double click.
      ...(state === "joined" && { joined: true }),
    },
  });
}

/** The most tries, if the open run of that kind ends each time before it can be read. */
const MAX_TRIES = 3;

/**
 * Writes a run and its event in the caller's transaction (`inTransaction`), or joins the open run of that kind.
 * @throws Error if at each try another run was open but had ended when it was read
 */
export async function queueSync(
  tx: TenantDb,
  deps: SyncDeps,
  integration: IntegrationRow,
  request: SyncRequest,
  now: Date,
): Promise<Extract<SyncRequestOutcome, { run: RunRow }>> {
  const { tenantId, connectionId, type } = request;
  const targetExternalId = targetOf(request);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    // An ended run that was requested in the same millisecond keeps its key, so the next try takes another one.
    const requestedAt = new Date(now.getTime() + tries);
    const run = await insertRun(tx, queuedRun(deps, integration, request, requestedAt));
    if (run !== undefined) {
      await emitRequested(tx, [run], now);
      return { state: "queued", run };
    }
    const running = await findRunInFlight(tx, tenantId, { connectionId, type, targetExternalId });
    if (running === undefined) continue;
    const isNews = request.isReportedGone === true && !running.isReportedGone && running.status === "queued";
    if (!isNews) return { state: "joined", run: running };
    // If the run began meanwhile, the next try finds it running.
    const reported = await noteReportedGone(tx, tenantId, running.id);
    if (reported !== undefined) return { state: "joined", run: reported };
  }
  throw new Error(`Runs of ${connectionId} end as fast as they are met.`);
}

/**
 * Queues the runs of many requests with as many statements as for one. Skips requests whose run is already active.
 * @returns the runs that were written
 */
export async function queueSyncs(
  tx: TenantDb,
  deps: SyncDeps,
  integration: IntegrationRow,
  requests: SyncRequest[],
  now: Date,
): Promise<RunRow[]> {
  const runs = await insertRuns(
    tx,
    requests.map((request) => queuedRun(deps, integration, request, now)),
  );
  await emitRequested(tx, runs, now);
  return runs;
}

function queuedRun(
  deps: SyncDeps,
  { provider }: IntegrationRow,
  request: SyncRequest,
  requestedAt: Date,
): NewRun {
  const { tenantId, connectionId, type, trigger, actor } = request;
  return {
    tenantId,
    connectionId,
    type,
    trigger,
    actor,
    key: keyOf(provider, request, requestedAt),
    transport: deps.transport,
    targetExternalId: targetOf(request),
    isReportedGone: request.isReportedGone ?? false,
    appliesRunId: request.appliesRunId ?? null,
    requestedAt,
  };
}

async function emitRequested(tx: TenantDb, runs: RunRow[], now: Date): Promise<void> {
  const events = runs
    .filter(({ transport }) => transport === "inngest")
    .map(({ tenantId, connectionId, id: runId, type, key }) => ({
      name: "rmm/sync.requested" as const,
      data: { tenantId, integrationId: connectionId, runId, type, continuation: 0 },
      key,
    }));
  if (events.length > 0) await emit(tx, events, now);
}

const targetOf = ({ externalDeviceId, externalAlertId, activeOnly }: SyncRequest): string =>
  externalDeviceId ?? externalAlertId ?? (activeOnly === true ? ACTIVE_ALERTS : "");

function keyOf(provider: string, request: SyncRequest, requestedAt: Date): string {
  const { type, tenantId, connectionId } = request;
  const target = targetOf(request);
  // The device is part of the key, because runs for two devices may start in the same millisecond.
  const scope = target === "" ? connectionId : `${connectionId}/${target}`;
  return executionKey({ provider, type, tenantId, connectionId: scope, requestedAt });
}
