import { withTenant, type TenantDb } from "@db/client";
import { describeDataError, isDataError, violatesUnique } from "@db/errors";
import { insertPageCheckpoint } from "@db/queries/sync-runs/run-pages";
import { advanceSegment } from "@db/queries/sync-runs/segments";
import { findIgnored } from "@db/queries/sync-runs/ignored-records";
import { insertIssues, type IssueRow, type RunRow } from "@db/queries/sync-runs/runs";
import { recordFingerprint } from "@domain/record-fingerprint";
import type { RecordIssue } from "@domain/snapshots";
import { headlineOf, type SyncResource } from "@domain/sync-words";
import { RmmError } from "~/connectors/rmm-error";
import type { ProviderPage, RequestStats } from "~/connectors/rmm-provider";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

import { lockActiveRun, type LockedRun, type Stopped } from "./lock-active-run";
import type { LockedScope, OpenResource, Resource, WriteCounts } from "./resource";
import type { InTurn } from "./in-turn";

export interface PageOptions<Item> {
  deps: SyncDeps;
  run: RunRow;
  resource: Resource<Item>;
  /** The counted requests. Each page's transaction moves the counts so far to the run's row. */
  stats: RequestStats;
  /** Serialises the pages of parallel walks. */
  inTurn?: InTurn;
  /** The resource that the run shows as being read; `resource` if absent. */
  stage?: () => SyncResource;
}

export interface PagePlace {
  walk: number;
  sequence: number;
  /** For a walk that reads a segment: the walk of the segment that began where this one ended. */
  segment?: { next: number | null };
}

/** Another worker dropped the segment, or the one at which it ends, so nothing of the page may be written. */
class SegmentDroppedError extends Error {}

export type Written =
  | { state: "written"; created: number }
  /** Another worker wrote this page first. */
  | { state: "overtaken" }
  | Stopped;

/**
 * Writes a page and its checkpoint in one transaction. If the database refuses a value, tests the records one by one
 * and leaves out the refused ones, so that one bad record does not block the others.
 */
export async function writePage<Item>(
  options: PageOptions<Item>,
  open: OpenResource<Item>,
  page: ProviderPage<Item>,
  place: PagePlace,
): Promise<Written> {
  const { inTurn = (work) => work() } = options;
  return inTurn(() => writePageInTurn(options, open, page, place));
}

async function writePageInTurn<Item>(
  options: PageOptions<Item>,
  open: OpenResource<Item>,
  page: ProviderPage<Item>,
  place: PagePlace,
): Promise<Written> {
  try {
    return await writePageOnce(options, open, page, place);
  } catch (error) {
    if (error instanceof SegmentDroppedError) return { state: "overtaken" };
    if (violatesUnique(error, "rmm_sync_run_pages_run_id_resource_walk_sequence_pk"))
      return { state: "overtaken" };
    if (violatesUnique(error, "rmm_sync_run_pages_cursor_key")) throw endlessList(options.resource.name);
    if (!isDataError(error)) throw error;
    const tried = await quarantine(options, open, page);
    if (tried.state === "stopped") return tried;
    const { good, issues } = tried;
    options.deps.log.warn(
      { runId: options.run.id, records: issues.length },
      "records refused by the database",
    );
    return writePageOnce(options, open, { ...page, items: good, issues: [...page.issues, ...issues] }, place);
  }
}

/** The connector detects a cycle of pages within one step; the checkpoints detect a longer one. */
const endlessList = (resource: string) =>
  new RmmError({
    code: "endless_list",
    message: `${resource}: a cursor was given a second time within one walk`,
    userMessage: `Level's list of ${resource} leads back to its own beginning.`,
    hint: "This is a fault at Level. What was read so far is kept; the next sync tries again.",
  });

async function writePageOnce<Item>(
  { deps, run, resource, stats, stage }: PageOptions<Item>,
  open: OpenResource<Item>,
  page: ProviderPage<Item>,
  place: PagePlace,
): Promise<Written> {
  const now = deps.clock();
  const taken = takeStats(stats);
  try {
    return await inTransaction(deps, run.tenantId, async (tx): Promise<Written> => {
      const held = await lockActiveRun(tx, run);
      if (held.state === "stopped") return held;
      const counts = await open.write(tx, scopeOf(run, now, held), page);
      const issues = await markIgnored(tx, run, resource.name, page.issues);
      await insertIssues(tx, run.tenantId, run.id, issues);
      const { segment, ...position } = place;
      if (segment !== undefined) {
        const sweep = { tenantId: run.tenantId, runId: run.id, resource: resource.name };
        const isLast = page.cursorAfter === null;
        if (!(await advanceSegment(tx, sweep, { ...position, ...segment, isLast })))
          throw new SegmentDroppedError();
      }
      const checkpoint = {
        resource: resource.name,
        stage: stage?.() ?? resource.name,
        ...position,
        cursorAfter: page.cursorAfter,
        idsSeen: page.idsSeen,
        ...countPage(page.items.length, issues, counts),
        isHeadline: headlineOf[run.type] === resource.name,
        ...taken,
      };
      await insertPageCheckpoint(tx, run.tenantId, run.id, checkpoint, now);
      return { state: "written", created: counts.created };
    });
  } catch (error) {
    giveBack(stats, taken);
    throw error;
  }
}

const scopeOf = (run: RunRow, now: Date, { mappingVersion, provider }: LockedRun): LockedScope => ({
  tenantId: run.tenantId,
  connectionId: run.connectionId,
  provider,
  run,
  now,
  mappingVersion,
});

/** The issues, each with whether a person has ignored it. One statement; none if every record could be written. */
async function markIgnored(
  tx: TenantDb,
  run: RunRow,
  resource: SyncResource,
  issues: RecordIssue[],
): Promise<IssueRow[]> {
  const fingerprints = issues.flatMap(({ fingerprint }) => (fingerprint === undefined ? [] : [fingerprint]));
  const ignored = await findIgnored(tx, run, resource, fingerprints);
  return issues.map((issue) => ({
    ...issue,
    resource,
    isIgnored: issue.fingerprint !== undefined && ignored.has(issue.fingerprint),
  }));
}

function countPage(items: number, issues: IssueRow[], counts: WriteCounts) {
  const records = issues.filter((issue) => issue.severity === "record");
  const ignored = records.filter((issue) => issue.isIgnored).length;
  const unchanged = items - counts.created - counts.updated - counts.skipped;
  return { seen: items + records.length, ...counts, unchanged, failed: records.length - ignored, ignored };
}

/** Tests each record alone, in a transaction that is rolled back. */
async function quarantine<Item>(
  { deps, run }: PageOptions<Item>,
  open: OpenResource<Item>,
  page: ProviderPage<Item>,
): Promise<{ state: "tried"; good: Item[]; issues: RecordIssue[] } | Stopped> {
  const good: Item[] = [];
  const issues: RecordIssue[] = [];
  let stopped: Stopped | undefined;
  const rollback = new Error("rolled back on purpose");
  await withTenant(deps.db, run.tenantId, async (tx) => {
    const held = await lockActiveRun(tx, run);
    if (held.state === "stopped") {
      stopped = held;
      throw rollback;
    }
    const scope = scopeOf(run, deps.clock(), held);
    for (const item of page.items) {
      try {
        await tx.transaction((trial) =>
          open.write(trial as unknown as TenantDb, scope, { ...page, items: [item] }),
        );
        good.push(item);
      } catch (error) {
        if (!isDataError(error)) throw error;
        issues.push({
          severity: "record",
          ...open.idOf(item),
          field: null,
          reason: describeDataError(error),
          fingerprint: recordFingerprint(item),
        });
      }
    }
    throw rollback;
  }).catch((error: unknown) => {
    if (error !== rollback) throw error;
  });
  return stopped ?? { state: "tried", good, issues };
}

function takeStats(stats: RequestStats): RequestStats {
  const taken = { ...stats };
  stats.requests = stats.retries = stats.rateLimits = stats.rateLimitedMs = 0;
  return taken;
}

function giveBack(stats: RequestStats, taken: RequestStats): void {
  stats.requests += taken.requests;
  stats.retries += taken.retries;
  stats.rateLimits += taken.rateLimits;
  stats.rateLimitedMs += taken.rateLimitedMs;
}
