import { withTenant, type TenantDb } from "@db/client";
import { isDatabaseLost } from "@db/errors";
import { getIntegration } from "@db/queries/connections/connections";
import { getWalkPosition } from "@db/queries/sync-runs/run-pages";
import { countStep, getRun, updateOpenRun, type RunRow, noteDegraded } from "@db/queries/sync-runs/runs";
import { IN_FLIGHT } from "@domain/in-flight";
import type { RunRef } from "@domain/refs";
import type { SyncResource, SyncType } from "@domain/sync-words";
import { isRmmError, type RmmError, type RmmErrorCode } from "~/connectors/rmm-error";
import { noRequests, type RequestStats, type RmmProvider } from "~/connectors/rmm-provider";
import { alertsResource } from "~/features/alert-sync/alerts";
import { refreshCustomFields } from "~/features/custom-fields/refresh-device";
import { removeDevice } from "~/features/device-sync/conclude-device";
import { isSweep } from "~/features/device-sync/device-plans";
import { devicesResource } from "~/features/device-sync/devices";
import { groupsResource } from "~/features/device-sync/groups";
import { updatesResource } from "~/features/device-sync/updates";
import { withHeartbeat } from "~/features/sync-engine/heartbeat";
import type { Resource } from "~/features/sync-engine/resource";
import { createTurns } from "~/features/sync-engine/in-turn";
import { walkSideBySide } from "~/features/sync-engine/side-by-side";
import { walkResource } from "~/features/sync-engine/walk";
import type { PageWalkOptions, WalkOutcome } from "~/features/sync-engine/walk-from";
import { writePage } from "~/features/sync-engine/write-page";
import type { SyncDeps } from "~/platform/ports";

import { cancelRun, describeFailure, failRun } from "./end-run";

/** `sweep` reads devices and updates in parallel. */
export type Stage = "groups" | "sweep" | "devices" | "updates" | "alerts" | "device";

/** The stages of each kind of run, in order. A single-device run uses the stored group tree. */
export const stagesOf: Record<SyncType, readonly Stage[]> = {
  organizations: ["groups"],
  full: ["groups", "sweep"],
  device: ["device", "updates"],
  dry_run: ["groups", "devices"],
  alerts: ["alerts"],
};

export type StageOutcome =
  | { state: "done" }
  /** Call the stage again: it used up the time of one step. */
  | { state: "more" }
  /** Sleep, then call the stage again. A rate limit is never a failure; a provider fault may become one. */
  | { state: "wait"; waitMs: number; isFault: boolean }
  /** The run has ended, so nothing more may be done for it. */
  | { state: "ended" };

/** The longest wait in ms that Level may ask for, so that an absurd header cannot park a run for days. */
const MAX_WAIT_MS = 60 * 60_000;

/** The longest wait in ms during a fault of the provider. */
const MAX_FAULT_WAIT_MS = 15 * 60_000;

/** Milliseconds that a run may be silent while a failed step waits for its retry; longer than the longest back-off. */
const RETRY_GRACE_MS = 10 * 60_000;

/**
 * Works on one stage of a run for at most the time of one step.
 * @param isLastTry whether the step will not be tried again: then a provider fault is returned as an outcome, because
 * an engine keeps only the text of a thrown error, and the run would end without a reason
 * @param maySleep whether to wait out a provider fault that says how long it lasts
 * @returns what to do next
 * @throws errors that a retry may cure: network, database
 */
export async function runStage(
  deps: SyncDeps,
  ref: RunRef,
  stage: Stage,
  { isLastTry = false, maySleep = false } = {},
): Promise<StageOutcome> {
  const { run, connection } = await withTenant(deps.db, ref.tenantId, async (tx) => {
    const row = await claim(deps, tx, ref);
    return { run: row, connection: row && (await getIntegration(tx, row.tenantId, row.connectionId)) };
  });
  if (run === undefined || connection === undefined || run.status !== "running") return { state: "ended" };
  if (run.cancelRequestedAt !== null) return stop(deps, ref, true);
  const stats = noRequests();
  const markStep = (waiting: { until: Date; reason: string } | null) =>
    withTenant(deps.db, ref.tenantId, (tx) =>
      countStep(tx, ref.tenantId, ref.runId, stats, waiting, deps.clock()),
    );
  try {
    const outcome = await withHeartbeat(deps, ref, () => work(deps, run, connection.provider, stage, stats));
    await markStep(null);
    if (outcome.state === "stopped") return stop(deps, ref, outcome.cancelled);
    return { state: outcome.state === "complete" ? "done" : "more" };
  } catch (error) {
    const now = deps.clock().getTime();
    if (isRmmError(error) && error.code === "rate_limited") {
      const waitMs = Math.min(error.retryAfterMs ?? 60_000, MAX_WAIT_MS);
      stats.rateLimitedMs += waitMs;
      await markStep({ until: new Date(now + waitMs), reason: "Level asked to slow down" });
      return { state: "wait", waitMs, isFault: false };
    }
    if (isRmmError(error) && error.retryAfterMs !== undefined && maySleep) {
      const waitMs = Math.min(error.retryAfterMs, MAX_FAULT_WAIT_MS);
      await markStep({ until: new Date(now + waitMs), reason: error.userMessage.replace(/\.$/, "") });
      return { state: "wait", waitMs, isFault: true };
    }
    if (isRmmError(error) && error.code === "invalid_api_key") {
      const savedSince = await withTenant(deps.db, ref.tenantId, (tx) => whenKeySaved(tx, run));
      // A step keeps its API key. If a person replaced the key meanwhile, the next step uses the new one.
      if (savedSince !== connection.keySavedAt?.getTime()) {
        await markStep(null);
        return { state: "more" };
      }
    }
    if (isRmmError(error) && (isLastTry || isRefusedForGood(error))) {
      await markStep(null);
      return refuse(deps, run, stage, error);
    }
    const reason = isDatabaseLost(error) ? "The database was away" : describeFailure(error).message;
    await markStep({ until: new Date(now + RETRY_GRACE_MS), reason });
    throw error;
  }
}

/** Ends the run's waiting state. From then on its heartbeat shows that a worker is busy with it. */
async function claim(deps: SyncDeps, tx: TenantDb, ref: RunRef): Promise<RunRow | undefined> {
  const run = await getRun(tx, ref.tenantId, ref.runId);
  if (run === undefined || run.waitingUntil === null) return run;
  const atWork = { heartbeatAt: deps.clock(), waitingUntil: null, waitingReason: null };
  return updateOpenRun(tx, ref.tenantId, ref.runId, atWork);
}

/** Whether a retry would meet the error again; other errors are thrown and retried with back-off. */
const isRefusedForGood = (error: RmmError): boolean => error.code !== "unreachable" && !error.isTransient;

async function whenKeySaved(tx: TenantDb, { tenantId, connectionId }: RunRow): Promise<number | undefined> {
  return (await getIntegration(tx, tenantId, connectionId))?.keySavedAt?.getTime();
}

async function stop(deps: SyncDeps, ref: RunRef, cancelled: boolean): Promise<StageOutcome> {
  if (cancelled) await cancelRun(deps, ref);
  return { state: "ended" };
}

async function work(
  deps: SyncDeps,
  run: RunRow,
  providerKey: string,
  stage: Stage,
  stats: RequestStats,
): Promise<WalkOutcome> {
  const provider = await deps.openProvider(
    { tenantId: run.tenantId, connectionId: run.connectionId, provider: providerKey },
    stats,
  );
  const walk = <Item>(resource: Resource<Item>, besides?: Besides) =>
    walkResource({ deps, run, resource, provider, stats, ...besides });
  const segments = isSweep({ run }) ? (deps.requestsInFlight ?? IN_FLIGHT.default) : 1;
  switch (stage) {
    case "sweep":
      return sweep(deps, run, (resource, besides) => walk(resource, { ...besides, segments }));
    case "groups":
      return walk(groupsResource);
    case "devices":
      return walk(devicesResource, { segments });
    case "updates":
      // A gone device has no updates.
      if (run.type === "device" && !(await isWritten(deps, run, "devices"))) return { state: "complete" };
      return walk(updatesResource);
    case "alerts":
      return walk(alertsResource);
    case "device":
      return fetchDevice(deps, run, provider, stats);
  }
}

type Besides = Pick<PageWalkOptions<never>, "halt" | "inTurn" | "stage" | "segments">;
type Walk = <Item>(resource: Resource<Item>, besides: Besides) => Promise<WalkOutcome>;

/** Reads devices and updates in parallel. If the updates cannot be read, the devices still are. */
function sweep(deps: SyncDeps, run: RunRow, walk: Walk): Promise<WalkOutcome> {
  const inTurn = createTurns();
  let stage: SyncResource = "devices";
  const besides = (halt: AbortSignal): Besides => ({ halt, inTurn, stage: () => stage });
  return walkSideBySide([
    async (halt) => {
      const outcome = await walk(devicesResource, besides(halt));
      stage = "updates";
      return outcome;
    },
    async (halt) => {
      if (isSkipped(run, updatesResource.name)) return { state: "complete" };
      try {
        return await walk(updatesResource, besides(halt));
      } catch (error) {
        if (!isRmmError(error) || !lostResource.has(error.code)) throw error;
        await skip(deps, run, updatesResource.name, error);
        return { state: "complete" };
      }
    },
  ]);
}

const resourceOf = {
  groups: groupsResource,
  sweep: devicesResource,
  devices: devicesResource,
  updates: updatesResource,
  alerts: alertsResource,
  device: devicesResource,
} satisfies Record<Stage, Pick<Resource<never>, "name" | "isOptional">>;

/** Errors that only skip an optional resource: a 403, a 404, or a second 404 on its cursor. */
const lostResource: ReadonlySet<RmmErrorCode> = new Set(["forbidden", "not_found", "cursor_lost"]);

/** Skips an optional resource that cannot be read; any other permanent refusal ends the run. */
async function refuse(deps: SyncDeps, run: RunRow, stage: Stage, error: RmmError): Promise<StageOutcome> {
  const { name: resource, isOptional } = resourceOf[stage];
  if (isOptional && lostResource.has(error.code)) {
    await skip(deps, run, resource, error);
    return { state: "done" };
  }
  deps.log.warn(
    { runId: run.id, stage, code: error.code, error: error.message },
    "sync refused by the provider",
  );
  await failRun(deps, { tenantId: run.tenantId, runId: run.id }, describeFailure(error));
  return { state: "ended" };
}

const skip = (
  deps: SyncDeps,
  run: RunRow,
  resource: SyncResource,
  { userMessage: reason, hint }: RmmError,
): Promise<void> =>
  withTenant(deps.db, run.tenantId, (tx) => noteDegraded(tx, run, { resource, reason, hint }));

/** Whether an earlier step of the run skipped the resource. Notes about anything else have a kind. */
const isSkipped = (run: RunRow, resource: SyncResource): boolean =>
  run.degraded.some((note) => note.resource === resource && note.kind === undefined);

async function isWritten(deps: SyncDeps, run: RunRow, resource: SyncResource): Promise<boolean> {
  const position = await withTenant(deps.db, run.tenantId, (tx) =>
    getWalkPosition(tx, run.tenantId, run.id, resource),
  );
  return position.complete;
}

/** Reads one device by id and writes it as a sweep does. A 404 means that the device is gone. */
async function fetchDevice(
  deps: SyncDeps,
  run: RunRow,
  provider: RmmProvider,
  stats: RequestStats,
): Promise<WalkOutcome> {
  const { open, position } = await withTenant(deps.db, run.tenantId, async (tx) => ({
    open: await devicesResource.open(deps, tx, run),
    position: await getWalkPosition(tx, run.tenantId, run.id, "devices"),
  }));
  if (position.complete) return { state: "complete" };
  const externalId = run.targetExternalId;
  const fetched = await provider.getDevice(externalId);
  if (fetched.state === "gone") return removeDevice(deps, run);
  const page = {
    items: fetched.state === "found" ? [fetched.item] : [],
    idsSeen: [externalId],
    issues: fetched.issues,
    cursorAfter: null,
    observedAt: fetched.observedAt,
  };
  const place = { walk: 0, sequence: 0 };
  const written = await writePage({ deps, run, resource: devicesResource, stats }, open, page, place);
  if (written.state === "stopped") return written;
  // Webhooks refresh devices often, and one more call for each would cost too much.
  if (run.trigger !== "webhook") await refreshCustomFields(deps, run, provider, fetched.customFields);
  return { state: "complete" };
}
