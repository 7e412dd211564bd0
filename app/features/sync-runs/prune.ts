import type { Db } from "@db/client";
import { pruneAssetChanges } from "@db/queries/assets/asset-changes";
import { pruneFreshness } from "@db/queries/overview/freshness";
import { pruneNotifications } from "@db/queries/notifications/notifications";
import { pruneIgnored } from "@db/queries/sync-runs/ignored-records";
import { summariseRuns } from "@db/queries/sync-runs/run-days";
import { pruneEvents, pruneRunDetails } from "@db/queries/sync-runs/run-history";
import { DEFAULT_HISTORY_DAYS } from "@domain/asset-history";
import { RUN_DETAILS_DAYS } from "@domain/schedule-limits";
import { inBatches, type Batch } from "~/platform/in-batches";
import type { SyncDeps } from "~/platform/ports";

/** A full sync of 10,000 devices has some thousand pages: so many runs are deleted in a moment. */
const RUNS_AT_ONCE = 100;
const SUMMARISED_AT_ONCE = 5_000;
const EVENTS_AT_ONCE = 10_000;
const FRESHNESS_AT_ONCE = 10_000;
const NOTIFICATIONS_AT_ONCE = 10_000;
const IGNORED_AT_ONCE = 1_000;
const ASSET_CHANGES_AT_ONCE = 10_000;

const DAY_MS = 24 * 60 * 60_000;

/**
 * Deletes pages, single errors and plans of runs that ended more than 90 days ago.
 * @returns of how many runs
 */
export const pruneDetails = (deps: PruneDeps): Promise<number> => prune(deps, pruneRunDetails, RUNS_AT_ONCE);

/**
 * Adds up runs that ended more than 90 days ago by day and deletes them: otherwise ten thousand a year per connection
 * would stay. Runs after their details are deleted.
 * @returns how many
 */
export const summariseOldRuns = (deps: PruneDeps): Promise<number> =>
  prune(deps, summariseRuns, SUMMARISED_AT_ONCE);

/** Deletes events that were relayed more than 90 days ago. @returns how many */
export const pruneOldEvents = (deps: PruneDeps): Promise<number> => prune(deps, pruneEvents, EVENTS_AT_ONCE);

/** Removes notifications that were sent or given up and written more than 90 days ago. @returns how many */
export const pruneOldNotifications = (deps: PruneDeps): Promise<number> =>
  prune(deps, pruneNotifications, NOTIFICATIONS_AT_ONCE);

/** Removes what was recorded of the freshness of days more than 90 days ago. @returns how many rows */
export const pruneOldFreshness = (deps: PruneDeps): Promise<number> =>
  prune(deps, pruneFreshness, FRESHNESS_AT_ONCE);

/** Forgets ignored records that no run has met for 90 days, full syncs among them. @returns how many */
export const pruneOldIgnoredRecords = (deps: PruneDeps): Promise<number> =>
  prune(deps, pruneIgnored, IGNORED_AT_ONCE);

/** Removes changes of assets that are older than the installation keeps them. @returns how many */
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

function prune(
  { db, clock, log }: PruneDeps,
  remove: (db: Db, before: Date, batch: Batch) => Promise<number>,
  atMost: number,
): Promise<number> {
  const before = new Date(clock().getTime() - RUN_DETAILS_DAYS * DAY_MS);
  return inBatches(log, atMost, (batch) => remove(db, before, batch));
}
