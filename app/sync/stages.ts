import { withTenant } from "@db/client";
import { markDeviceGone } from "@db/queries/gone";
import { countGone, countStep, getRun, getWalkPosition, type RunRow } from "@db/queries/runs";
import type { DeviceSnapshot } from "~/domain/snapshots";
import type { SyncType } from "~/domain/sync-words";
import { isRmmError, type RmmError } from "~/integrations/rmm-error";
import type { RequestStats, RmmProvider } from "~/integrations/rmm-provider";

import { noteDegraded } from "./degrade";
import { cancelRun, describeFailure, failRun } from "./end-run";
import type { RunRef, SyncDeps } from "./ports";
import { alertsResource } from "./resources/alerts";
import { devicesResource } from "./resources/devices";
import { groupsResource } from "./resources/groups";
import type { Resource } from "./resources/resource";
import { updatesResource } from "./resources/updates";
import { walkResource, writePage, type WalkOutcome } from "./walk";

export type Stage = "groups" | "devices" | "updates" | "alerts" | "device";

/** The order of work of each kind of run. A single device uses the stored group tree. */
export const stagesOf: Record<SyncType, readonly Stage[]> = {
  organizations: ["groups"],
  full: ["groups", "devices", "updates"],
  device: ["device", "updates"],
  alerts: ["alerts"],
};

export type StageOutcome =
  | { state: "done" }
  /** Call the stage again: its budget for one step was used. */
  | { state: "more" }
  /** The provider asks to wait: sleep, then call the stage again. Never a failure. */
  | { state: "wait"; waitMs: number }
  /** The run has ended (failed, cancelled, closed): do nothing more for it. */
  | { state: "ended" };

/** What Level may ask at most; an absurd header must not park a run for days. */
const MAX_WAIT_MS = 60 * 60_000;

/** How long a run may be silent while a failed step waits for its next try; beyond the longest back-off. */
const RETRY_GRACE_MS = 10 * 60_000;

/**
 * Works on one stage of a run for at most one step's budget.
 * What trying again can mend is thrown (network, database); everything else is an outcome.
 */
export async function runStage(deps: SyncDeps, ref: RunRef, stage: Stage): Promise<StageOutcome> {
  const run = await withTenant(deps.db, ref.tenantId, (tx) => getRun(tx, ref.tenantId, ref.runId));
  if (run === undefined || run.status !== "running") return { state: "ended" };
  if (run.cancelRequestedAt !== null) return stop(deps, ref, true);
  const stats: RequestStats = { requests: 0, retries: 0, rateLimitedMs: 0 };
  const markStep = (waiting: { until: Date; reason: string } | null) =>
    withTenant(deps.db, ref.tenantId, (tx) =>
      countStep(tx, ref.tenantId, ref.runId, stats, waiting, deps.clock()),
    );
  try {
    const outcome = await work(deps, run, stage, stats);
    await markStep(null);
    if (outcome.state === "stopped") return stop(deps, ref, outcome.cancelled);
    return { state: outcome.state === "complete" ? "done" : "more" };
  } catch (error) {
    const now = deps.clock().getTime();
    if (isRmmError(error) && error.code === "rate_limited") {
      const waitMs = Math.min(error.retryAfterMs ?? 60_000, MAX_WAIT_MS);
      stats.rateLimitedMs += waitMs;
      await markStep({ until: new Date(now + waitMs), reason: "Level asked to slow down" });
      return { state: "wait", waitMs };
    }
    if (isRmmError(error) && isRefusedForGood(error)) {
      await markStep(null);
      return refuse(deps, run, stage, error);
    }
    await markStep({ until: new Date(now + RETRY_GRACE_MS), reason: describeFailure(error).message });
    throw error;
  }
}

/** Faults that the same call would meet again. The rest is thrown, and tried again with back-off. */
const isRefusedForGood = (error: RmmError): boolean => error.code !== "unreachable";

async function stop(deps: SyncDeps, ref: RunRef, cancelled: boolean): Promise<StageOutcome> {
  if (cancelled) await cancelRun(deps, ref);
  return { state: "ended" };
}

async function work(deps: SyncDeps, run: RunRow, stage: Stage, stats: RequestStats): Promise<WalkOutcome> {
  const provider = await deps.openProvider(
    {
      tenantId: run.tenantId,
      integrationId: run.integrationId,
      provider: run.key.slice(0, run.key.indexOf(":")),
    },
    stats,
  );
  const walk = <Item>(resource: Resource<Item>) => walkResource({ deps, run, resource, provider, stats });
  switch (stage) {
    case "groups":
      return walk(groupsResource);
    case "devices":
      return walk(devicesResource);
    case "updates":
      return walk(updatesResource);
    case "alerts":
      return walk(alertsResource);
    case "device":
      return fetchDevice(deps, run, provider, stats);
  }
}

/** A 403 or 404 on an optional resource costs that resource; anything else that is refused for good ends the run. */
async function refuse(deps: SyncDeps, run: RunRow, stage: Stage, error: RmmError): Promise<StageOutcome> {
  const isOptional = stage === "updates" && run.type !== "alerts";
  if (isOptional && (error.code === "forbidden" || error.code === "not_found")) {
    await withTenant(deps.db, run.tenantId, (tx) =>
      noteDegraded(tx, run, { resource: "updates", reason: error.userMessage, hint: error.hint }),
    );
    return { state: "done" };
  }
  deps.log.warn(
    { runId: run.id, stage, code: error.code, error: error.message },
    "sync refused by the provider",
  );
  await failRun(deps, { tenantId: run.tenantId, runId: run.id }, describeFailure(error));
  return { state: "ended" };
}

const UNKNOWN_DEVICE = {
  resource: "devices",
  reason: "Level has no device with this id, and none of the known ones had it.",
  hint: "Look the id up in the asset's details, or sync all devices.",
} as const;

/** One device by id, on the write path of the sweep. A 404 means that it is gone. */
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
  if (fetched.state === "gone") {
    await withTenant(deps.db, run.tenantId, async (tx) => {
      const gone = await markDeviceGone(
        tx,
        run,
        externalId,
        "Level has no device with this id any more",
        deps.clock(),
      );
      await countGone(tx, run.tenantId, run.id, gone);
      if (gone === 0) await noteDegraded(tx, run, UNKNOWN_DEVICE);
    });
    return { state: "complete" };
  }
  const page = {
    items: [fetched.item] as DeviceSnapshot[],
    idsSeen: [externalId],
    issues: fetched.issues,
    cursorAfter: null,
    observedAt: fetched.observedAt,
  };
  const place = { walk: 0, sequence: 0 };
  const written = await writePage({ deps, run, resource: devicesResource, stats }, open, page, place);
  return written.state === "stopped" ? written : { state: "complete" };
}
