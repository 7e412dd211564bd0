import { withTenant } from "@db/client";
import { unmarkRelayed } from "@db/queries/outbox/events";
import {
  getRun,
  isAnyRunAlive,
  listSilentRuns,
  type RunRow,
  type SilentRun,
} from "@db/queries/sync-runs/runs";
import type { RunRef } from "@domain/refs";
import type { SyncDeps } from "~/platform/ports";

import { cancelRun, failRun } from "./end-run";

const SILENCE_MS = 2 * 60_000;
const QUEUED_MS = 60_000;
const NEVER_STARTED_MS = 15 * 60_000;
/** Milliseconds after which a run that waits its turn, while others run, counts as passed over: a day. */
const PASSED_OVER_MS = 24 * 60 * 60_000;

/** Whether no worker has shown a sign of life of the run within the reaper's limits. */
export const isSilent = (run: RunRow, now: Date): boolean =>
  silenceOf(run, now.getTime()) >= (run.status === "queued" ? QUEUED_MS : SILENCE_MS);

function silenceOf(run: RunRow, now: number): number {
  if (run.status === "queued") return now - run.requestedAt.getTime();
  const signs = [run.heartbeatAt, run.startedAt, run.waitingUntil].map((sign) => sign?.getTime() ?? 0);
  return now - Math.max(...signs);
}

/** Milliseconds that a run may be silent. While other runs are active, a run that waits its turn is not dead. */
function patienceWith(run: RunRow, isAnyAtWork: boolean): number {
  if (run.status === "queued") return patienceOfQueued(isAnyAtWork);
  return isAnyAtWork && run.waitingUntil !== null ? PASSED_OVER_MS : SILENCE_MS;
}

const patienceOfQueued = (isAnyAtWork: boolean): number => (isAnyAtWork ? PASSED_OVER_MS : NEVER_STARTED_MS);

/**
 * Closes runs without a sign of life, so that every run ends: a running one after two minutes without a heartbeat, a
 * queued one after 15 minutes if no run at all is active. While a run is active, queued, sleeping and handed-over runs
 * may wait a day. A run that cannot be closed delays no other.
 *
 * Sends the event of every run again that has been queued for a minute, those of all tenants in one statement, because
 * a thousand runs may wait at a time.
 *
 * Does nothing in the first two minutes of a process, which may be about to continue its own runs.
 * @returns how many runs were closed
 */
export async function sweepSilentRuns(deps: SyncDeps): Promise<number> {
  const now = deps.clock().getTime();
  const sinceStart = now - deps.startedAt.getTime();
  // Negative if the clock was set back; then the process counts as old enough.
  if (sinceStart >= 0 && sinceStart < SILENCE_MS) return 0;
  const silentSince = new Date(now - SILENCE_MS);
  const silent = await listSilentRuns(deps.db, silentSince, new Date(now - QUEUED_MS));
  if (silent.length === 0) return 0;
  const isAnyAtWork = await isAnyRunAlive(deps.db, silentSince, new Date(now));
  const waiting: string[] = [];
  let closed = 0;
  for (const run of silent) {
    if (isWaiting(run, now, isAnyAtWork)) {
      waiting.push(run.id);
      continue;
    }
    const ref = { tenantId: run.tenantId, runId: run.id };
    try {
      closed += Number(await closeIfDead(deps, ref, now, isAnyAtWork));
    } catch (error) {
      deps.log.error({ ...ref, err: error }, "a run without a sign of life could not be closed");
    }
  }
  if (waiting.length > 0) await unmarkRelayed(deps.db, waiting);
  if (closed > 0) deps.log.warn({ closed }, "runs without a sign of life were closed");
  return closed;
}

/** Whether a run is queued and only needs its event sent again. */
const isWaiting = (
  { status, requestedMs, isCancelled }: SilentRun,
  now: number,
  isAnyAtWork: boolean,
): boolean => status === "queued" && !isCancelled && now - requestedMs < patienceOfQueued(isAnyAtWork);

/** Closes a run if it is dead. Returns whether it was closed. */
async function closeIfDead(deps: SyncDeps, ref: RunRef, now: number, isAnyAtWork: boolean): Promise<boolean> {
  const { tenantId, runId } = ref;
  const run = await withTenant(deps.db, tenantId, (tx) => getRun(tx, tenantId, runId));
  if (run === undefined) return false;
  if (run.cancelRequestedAt !== null) {
    await cancelRun(deps, ref);
    return true;
  }
  if (silenceOf(run, now) < patienceWith(run, isAnyAtWork)) return false;
  return failRun(deps, ref, run.status === "queued" ? NOT_STARTED : NO_HEARTBEAT);
}

const NO_HEARTBEAT = {
  code: "no_heartbeat",
  message: "The sync showed no sign of life for two minutes and was closed.",
  hint: "What it had written stays. Start it again, or wait for the next scheduled sync.",
} as const;

const NOT_STARTED = {
  code: "not_started",
  message: "Nothing picked the sync up and it was closed.",
  hint: "Check that the app (or the Inngest server it points to) is running: `npm run cli -- doctor`.",
} as const;
