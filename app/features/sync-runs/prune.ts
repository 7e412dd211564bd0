import type { Db } from "@db/client";
import { pruneAssetChanges } from "@db/queries/assets/asset-changes";
import { pruneFreshness } from "@db/queries/overview/freshness";
import { prunePromiseDays } from "@db/queries/overview/freshness-promise";
import { pruneNotifications } from "@db/queries/notifications/notifications";
import {
  pruneAuditLog,
  pruneClosedUpdates,
  pruneResolvedIncidents,
  pruneSeenIds,
  pruneUpdateIntervals,
} from "@db/queries/operations/retention";
import { pruneIgnored } from "@db/queries/sync-runs/ignored-records";
import { summariseRuns } from "@db/queries/sync-runs/run-days";
import { pruneEvents, pruneRunDetails } from "@db/queries/sync-runs/run-history";
import { DEFAULT_HISTORY_DAYS } from "@domain/asset-history";
import { DAY_MS } from "@domain/durations";
import { DEFAULT_RETENTION, SEEN_IDS_DAYS } from "@domain/retention";
import { RUN_DETAILS_DAYS } from "@domain/schedule-limits";
import { inBatches, type Batch } from "~/platform/in-batches";
import type { SyncDeps } from "~/platform/ports";

/**
 * Runs per transaction. A full sync of 10,000 devices has about a thousand pages, and a transaction deletes those of
 * this many runs in a moment.
 */
const RUNS_AT_ONCE = 100;
const SUMMARISED_AT_ONCE = 5_000;
const EVENTS_AT_ONCE = 10_000;
const FRESHNESS_AT_ONCE = 10_000;
const NOTIFICATIONS_AT_ONCE = 10_000;
const IGNORED_AT_ONCE = 1_000;
const ASSET_CHANGES_AT_ONCE = 10_000;
const INCIDENTS_AT_ONCE = 1_000;
const UPDATES_AT_ONCE = 10_000;
const AUDIT_AT_ONCE = 10_000;

/**
 * Deletes pages, single errors and plans of runs that are older than the installation keeps them.
 * @returns of how many runs
 */
export const pruneDetails = (deps: RetentionDeps): Promise<number> =>
  prune(deps, pruneRunDetails, RUNS_AT_ONCE, kept(deps).runs);

/**
 * Deletes the ids that runs listed, a day after the run ended, unless a removal of the run is held.
 * @returns of how many runs
 */
export const pruneListedIds = (deps: PruneDeps): Promise<number> =>
  prune(deps, pruneSeenIds, RUNS_AT_ONCE, SEEN_IDS_DAYS);

/**
 * Replaces runs that are older than the installation keeps them by totals for each day; otherwise a connection would
 * add ten thousand a year. Runs after the details of those runs were deleted.
 * @returns how many
 */
export const summariseOldRuns = (deps: RetentionDeps): Promise<number> =>
  prune(deps, summariseRuns, SUMMARISED_AT_ONCE, kept(deps).runs);

/**
 * Deletes events that were relayed and are older than the installation keeps them.
 * @returns how many
 */
export const pruneOldEvents = (deps: RetentionDeps): Promise<number> =>
  prune(deps, pruneEvents, EVENTS_AT_ONCE, kept(deps).events);

/**
 * Deletes old resolved incidents that no person worked on, with their alerts.
 * @returns how many incidents
 */
export const pruneOldIncidents = (deps: RetentionDeps): Promise<number> =>
  prune(deps, pruneResolvedIncidents, INCIDENTS_AT_ONCE, kept(deps).alerts);

/**
 * Deletes old updates that were installed or withdrawn, and old former intervals of the others.
 * @returns how many
 */
export async function pruneOldUpdates(deps: RetentionDeps): Promise<number> {
  const { updates } = kept(deps);
  const closed = await prune(deps, pruneClosedUpdates, UPDATES_AT_ONCE, updates);
  return closed + (await prune(deps, pruneUpdateIntervals, UPDATES_AT_ONCE, updates));
}

/**
 * Deletes old entries of the audit log, unless the installation keeps them forever.
 * @returns how many
 */
export async function pruneOldAudit(deps: RetentionDeps): Promise<number> {
  const { audit } = kept(deps);
  return audit === null ? 0 : prune(deps, pruneAuditLog, AUDIT_AT_ONCE, audit);
}

/**
 * Deletes notifications that were sent or given up, 90 days after they were written.
 * @returns how many
 */
export const pruneOldNotifications = (deps: PruneDeps): Promise<number> =>
  prune(deps, pruneNotifications, NOTIFICATIONS_AT_ONCE);

/**
 * Deletes records of freshness 90 days after their day.
 * @returns how many rows
 */
export const pruneOldFreshness = (deps: PruneDeps): Promise<number> =>
  prune(deps, pruneFreshness, FRESHNESS_AT_ONCE).then(
    async (days) => days + (await prune(deps, prunePromiseDays, FRESHNESS_AT_ONCE)),
  );

/**
 * Deletes ignored records that no run, full syncs included, has seen for 90 days.
 * @returns how many
 */
export const pruneOldIgnoredRecords = (deps: PruneDeps): Promise<number> =>
  prune(deps, pruneIgnored, IGNORED_AT_ONCE);

/**
 * Deletes changes of assets that are older than the installation keeps them.
 * @returns how many
 */
export function pruneOldAssetChanges({
  db,
  clock,
  log,
  assetHistoryDays = DEFAULT_HISTORY_DAYS,
}: PruneDeps & Pick<SyncDeps, "assetHistoryDays">): Promise<number> {
  const before = new Date(clock().getTime() - assetHistoryDays * DAY_MS);
  return inBatches(log, ASSET_CHANGES_AT_ONCE, (batch) => pruneAssetChanges(db, before, batch));
}

type PruneDeps = Pick<SyncDeps, "db" | "clock" | "log">;
type RetentionDeps = PruneDeps & Pick<SyncDeps, "retention">;

const kept = ({ retention = DEFAULT_RETENTION }: RetentionDeps) => retention;

function prune(
  { db, clock, log }: PruneDeps,
  remove: (db: Db, before: Date, batch: Batch) => Promise<number>,
  atMost: number,
  days = RUN_DETAILS_DAYS,
): Promise<number> {
  const before = new Date(clock().getTime() - days * DAY_MS);
  return inBatches(log, atMost, (batch) => remove(db, before, batch));
}
