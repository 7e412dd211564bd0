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
  integrationId: string;
  type: SyncType;
  trigger: SyncTrigger;
  /** Who asks: an e-mail, `schedule`, `cli`, … */
  actor: string;
  /** The person who asks, where it is one: the audit log names who had what read. */
  person?: Actor;
  /** The device, for type `device`. */
  externalDeviceId?: string;
  /** For type `alerts`: this one alone. */
  externalAlertId?: string;
  /** For type `device`: the provider told that it was deleted. */
  isReportedGone?: boolean;
  /** For type `full`: the dry run that it carries out; what it does otherwise is listed. */
  appliesRunId?: string;
  /** For type `alerts`: compare the active ones with what the webhook told, instead of going over all. */
  activeOnly?: boolean;
}

export type SyncRequestOutcome =
  | { state: "queued"; run: RunRow }
  /** A run of the same kind is in flight: it is the answer. */
  | { state: "joined"; run: RunRow }
  | { state: "unknown_integration" }
  | { state: "disconnected" };

/** Asks for a sync. Nothing is executed here: the run's row and its event are written together. */
export async function requestSync(deps: SyncDeps, request: SyncRequest): Promise<SyncRequestOutcome> {
  const now = deps.clock();
  return inTransaction(deps, request.tenantId, async (tx): Promise<SyncRequestOutcome> => {
    const integration = await getIntegration(tx, request.tenantId, request.integrationId);
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
      // It was under way already, for somebody else or by a second click.
      ...(state === "joined" && { joined: true }),
    },
  });
}

/** A run in the way may end between being met and being looked up: so often the place is tried for again. */
const MAX_TRIES = 3;

/**
 * Writes a run and its event in the caller's transaction (`inTransaction`).
 * @throws when run after run stood in the way and had ended when it was looked up
 */
export async function queueSync(
  tx: TenantDb,
  deps: SyncDeps,
  integration: IntegrationRow,
  request: SyncRequest,
  now: Date,
): Promise<Extract<SyncRequestOutcome, { run: RunRow }>> {
  const { tenantId, integrationId, type } = request;
  const targetExternalId = targetOf(request);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    // A run that was asked for in the same millisecond and has ended keeps its key: the next one gets another.
    const requestedAt = new Date(now.getTime() + tries);
    const run = await insertRun(tx, queuedRun(deps, integration, request, requestedAt));
    if (run !== undefined) {
      await emitRequested(tx, [run], now);
      return { state: "queued", run };
    }
    const running = await findRunInFlight(tx, tenantId, { integrationId, type, targetExternalId });
    if (running === undefined) continue;
    const isNews = request.isReportedGone === true && !running.isReportedGone && running.status === "queued";
    if (!isNews) return { state: "joined", run: running };
    // Where it has begun meanwhile, it is met again, as a running one.
    const reported = await noteReportedGone(tx, tenantId, running.id);
    if (reported !== undefined) return { state: "joined", run: reported };
  }
  throw new Error(`Runs of ${integrationId} end as fast as they are met.`);
}

/**
 * Writes the runs of many requests, and their events, by as many statements as for one. A request whose run is in
 * flight already is left to that run.
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
  const { tenantId, integrationId, type, trigger, actor } = request;
  return {
    tenantId,
    integrationId,
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
    .map(({ tenantId, integrationId, id: runId, type, key }) => ({
      name: "rmm/sync.requested" as const,
      data: { tenantId, integrationId, runId, type, continuation: 0 },
      key,
    }));
  if (events.length > 0) await emit(tx, events, now);
}

const targetOf = ({ externalDeviceId, externalAlertId, activeOnly }: SyncRequest): string =>
  externalDeviceId ?? externalAlertId ?? (activeOnly === true ? ACTIVE_ALERTS : "");

function keyOf(provider: string, request: SyncRequest, requestedAt: Date): string {
  const { type, tenantId, integrationId } = request;
  const target = targetOf(request);
  // Device runs of one account may start in the same millisecond.
  const scope = target === "" ? integrationId : `${integrationId}/${target}`;
  return executionKey({ provider, type, tenantId, integrationId: scope, requestedAt });
}
