import { withTenant, type TenantDb } from "@db/client";
import {
  getWalkPosition,
  insertIssues,
  insertPageCheckpoint,
  lockRun,
  type RunRow,
  type WalkPosition,
} from "@db/queries/runs";
import { refreshStatistics } from "@db/statistics";
import { describeDataError, isDataError, violatesUnique } from "@db/errors";
import type { RecordIssue } from "~/domain/snapshots";
import type { SyncType } from "~/domain/sync-words";
import { isRmmError, RmmError } from "~/integrations/rmm-error";
import type { ProviderPage, RequestStats, RmmProvider } from "~/integrations/rmm-provider";

import type { SyncDeps } from "./ports";
import type { OpenResource, Resource, WriteCounts } from "./resources/resource";

/** About 20 s of work a step: few steps for a large account, little to repeat after a crash. */
const DEFAULT_STEP_BUDGET_MS = 20_000;

export type WalkOutcome =
  | { state: "complete" }
  /** The budget of this step is used; the next one goes on behind the last committed page. */
  | { state: "more" }
  /** The run was cancelled, closed, or its integration disconnected: nothing more is written for it. */
  | { state: "stopped"; cancelled: boolean };

export interface WalkOptions<Item> {
  deps: SyncDeps;
  run: RunRow;
  resource: Resource<Item>;
  provider: RmmProvider;
  /** The provider adds to it; each page's transaction takes what is there into the run's row. */
  stats: RequestStats;
}

/**
 * Walks a resource from its last committed page on, page by page: the next page is fetched while this one is written,
 * and a page is written in one transaction with its checkpoint. Nothing is kept from page to page.
 * @throws RmmError whatever the provider throws, except a lost cursor, for which the walk starts anew once
 */
export async function walkResource<Item>(options: WalkOptions<Item>): Promise<WalkOutcome> {
  const { deps, run, resource } = options;
  const { open, position } = await withTenant(deps.db, run.tenantId, async (tx) => ({
    open: await resource.open(deps, tx, run),
    position: await getWalkPosition(tx, run.tenantId, run.id, resource.name),
  }));
  const deadline = Date.now() + (deps.stepBudgetMs ?? DEFAULT_STEP_BUDGET_MS);
  const outcome = position.complete ? COMPLETE : await walkPages(options, open, position, deadline);
  if (outcome.state === "complete" && open.conclude !== undefined) {
    await withTenant(deps.db, run.tenantId, (tx) => open.conclude!(deps, tx, run));
  }
  return outcome;
}

const COMPLETE: WalkOutcome = { state: "complete" };

async function walkPages<Item>(
  options: WalkOptions<Item>,
  open: OpenResource<Item>,
  position: WalkPosition,
  deadline: number,
): Promise<WalkOutcome> {
  try {
    return await walkFrom(options, open, position, deadline);
  } catch (error) {
    if (!isRmmError(error) || error.code !== "cursor_lost" || position.walk > 0) throw error;
    options.deps.log.warn(
      { runId: options.run.id, resource: options.resource.name },
      "cursor lost, sweep restarted",
    );
    return walkFrom(options, open, { walk: 1, sequence: 0, cursor: null, complete: false }, deadline);
  }
}

async function walkFrom<Item>(
  options: WalkOptions<Item>,
  open: OpenResource<Item>,
  position: WalkPosition,
  deadline: number,
): Promise<WalkOutcome> {
  const abort = new AbortController();
  const pages = open.list(options.provider, {
    ...(position.cursor === null ? {} : { cursor: position.cursor }),
    signal: abort.signal,
  });
  const fetchNext = () => {
    const next = pages.next();
    // Awaited one page later; until then a failure is nobody's unhandled rejection.
    next.catch(() => {});
    return next;
  };
  const statistics = refreshStatisticsAsItGrows(options);
  try {
    let next = fetchNext();
    for (let sequence = position.sequence; ; sequence++) {
      const fetched = await next;
      if (fetched.done) return COMPLETE;
      const page = fetched.value;
      const isLast = page.cursorAfter === null;
      const isOverBudget = Date.now() >= deadline;
      if (!isLast && !isOverBudget) next = fetchNext();
      const written = await writePage(options, open, page, { walk: position.walk, sequence });
      if (written.state === "stopped") return written;
      await statistics.grown(written.created, isLast);
      if (isLast) return COMPLETE;
      if (isOverBudget) return { state: "more" };
    }
  } finally {
    abort.abort();
  }
}

/** New rows in a walk after which the planner is told first; then after each five times as many, and at the end. */
const FIRST_GROWTH = 300;
const GROWTH_FACTOR = 5;

function refreshStatisticsAsItGrows<Item>({ deps, resource }: WalkOptions<Item>) {
  let created = 0;
  let toldAt = 0;
  return {
    async grown(more: number, isLast: boolean): Promise<void> {
      created += more;
      const isDue = created >= Math.max(FIRST_GROWTH, toldAt * GROWTH_FACTOR);
      if (!isDue && !(isLast && created >= FIRST_GROWTH && created > toldAt)) return;
      toldAt = created;
      await refreshStatistics(deps.db, resource.tables);
    },
  };
}

interface PagePlace {
  walk: number;
  sequence: number;
}

type Written = { state: "written"; created: number } | Extract<WalkOutcome, { state: "stopped" }>;

/**
 * Writes a page and its checkpoint in one transaction. When the database refuses a value of a record, the culprits
 * are found one by one and left out, so that one poisonous record cannot block all behind it.
 */
export async function writePage<Item>(
  options: Omit<WalkOptions<Item>, "provider">,
  open: OpenResource<Item>,
  page: ProviderPage<Item>,
  place: PagePlace,
): Promise<Written> {
  try {
    return await writePageOnce(options, open, page, place);
  } catch (error) {
    if (violatesUnique(error, "rmm_sync_run_pages_cursor_key")) throw endlessList(options.resource.name);
    if (!isDataError(error)) throw error;
    const { good, issues } = await quarantine(options, open, page);
    options.deps.log.warn(
      { runId: options.run.id, records: issues.length },
      "records refused by the database",
    );
    return writePageOnce(options, open, { ...page, items: good, issues: [...page.issues, ...issues] }, place);
  }
}

/** The connector sees a ring of pages within one step; the checkpoints see one of any size. */
const endlessList = (resource: string) =>
  new RmmError({
    code: "endless_list",
    message: `${resource}: a cursor was given a second time within one walk`,
    userMessage: `Level's list of ${resource} leads back to its own beginning.`,
    hint: "This is a fault at Level. What was read so far is kept; the next sync tries again.",
  });

async function writePageOnce<Item>(
  { deps, run, resource, stats }: Omit<WalkOptions<Item>, "provider">,
  open: OpenResource<Item>,
  page: ProviderPage<Item>,
  place: PagePlace,
): Promise<Written> {
  const now = deps.clock();
  const taken = takeStats(stats);
  try {
    return await withTenant(deps.db, run.tenantId, async (tx): Promise<Written> => {
      const locked = await lockRun(tx, run.tenantId, run.id);
      if (locked === undefined || locked.status !== "running" || !locked.integration_active) {
        return { state: "stopped", cancelled: false };
      }
      if (locked.cancel_requested) return { state: "stopped", cancelled: true };
      const counts = await open.write(tx, scopeOf(run, now), page);
      const issues = page.issues.map((issue) => ({ ...issue, resource: resource.name }));
      await insertIssues(tx, run.tenantId, run.id, issues);
      const checkpoint = {
        resource: resource.name,
        ...place,
        cursorAfter: page.cursorAfter,
        idsSeen: page.idsSeen,
        ...countPage(page, counts),
        isHeadline: headlineOf[run.type] === resource.name,
        ...taken,
      };
      await insertPageCheckpoint(tx, run.tenantId, run.id, checkpoint, now);
      return { state: "written", created: counts.created };
    });
  } catch (error) {
    giveBack(stats, taken);
    throw error;
  } finally {
    deps.nudge();
  }
}

/** The resource whose counts are the run's own. */
const headlineOf: Record<SyncType, string> = {
  organizations: "groups",
  full: "devices",
  device: "devices",
  alerts: "alerts",
};

const scopeOf = (run: RunRow, now: Date) => ({
  tenantId: run.tenantId,
  integrationId: run.integrationId,
  provider: run.key.slice(0, run.key.indexOf(":")),
  run,
  now,
});

function countPage<Item>(page: ProviderPage<Item>, counts: WriteCounts) {
  const failed = page.issues.filter((issue) => issue.severity === "record").length;
  const seen = page.items.length + failed;
  const unchanged = page.items.length - counts.created - counts.updated - counts.skipped;
  return { seen, ...counts, unchanged, failed };
}

/** Tries each record alone, in a transaction that is never committed. */
async function quarantine<Item>(
  { deps, run }: Omit<WalkOptions<Item>, "provider">,
  open: OpenResource<Item>,
  page: ProviderPage<Item>,
): Promise<{ good: Item[]; issues: RecordIssue[] }> {
  const good: Item[] = [];
  const issues: RecordIssue[] = [];
  const scope = scopeOf(run, deps.clock());
  const rollback = new Error("rolled back on purpose");
  await withTenant(deps.db, run.tenantId, async (tx) => {
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
        });
      }
    }
    throw rollback;
  }).catch((error: unknown) => {
    if (error !== rollback) throw error;
  });
  return { good, issues };
}

function takeStats(stats: RequestStats): RequestStats {
  const taken = { ...stats };
  stats.requests = stats.retries = stats.rateLimitedMs = 0;
  return taken;
}

function giveBack(stats: RequestStats, taken: RequestStats): void {
  stats.requests += taken.requests;
  stats.retries += taken.retries;
  stats.rateLimitedMs += taken.rateLimitedMs;
}
