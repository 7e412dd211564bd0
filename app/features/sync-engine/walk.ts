import { withTenant, type TenantDb } from "@db/client";
import { getWalkPosition, type WalkPosition } from "@db/queries/sync-runs/run-pages";
import { refreshStatistics } from "@db/statistics";
import { isRmmError } from "~/connectors/rmm-error";
import type { RmmProvider } from "~/connectors/rmm-provider";

import { lockActiveRun, type Stopped } from "./lock-active-run";
import { noteGone } from "./note-gone";
import type { OpenResource } from "./resource";
import { writePage, type PageOptions } from "./write-page";

/** Milliseconds of work in one step: few steps for a large account, little to repeat after a crash. */
const DEFAULT_STEP_BUDGET_MS = 20_000;

export type WalkOutcome =
  | { state: "complete" }
  /** The step's time is used up; the next step continues after the last committed page. */
  | { state: "more" }
  | Stopped;

export interface PageWalkOptions<Item> extends PageOptions<Item> {
  provider: RmmProvider;
  /** Aborted when a walk beside this one ended the step: commit the page at hand and read no further. */
  halt?: AbortSignal;
}

/**
 * Reads a resource page by page from the last committed page on, fetching the next page while it writes the current
 * one. Commits each page with its checkpoint and keeps nothing in memory between pages.
 * @throws RmmError what the provider throws, except a lost cursor, after which the walk starts again once
 */
export async function walkResource<Item>(options: PageWalkOptions<Item>): Promise<WalkOutcome> {
  const { deps, run, resource } = options;
  const { open, position } = await withTenant(deps.db, run.tenantId, async (tx) => ({
    open: await resource.open(deps, tx, run),
    position: await positionOf(tx, options),
  }));
  const deadline = Date.now() + (deps.stepBudgetMs ?? DEFAULT_STEP_BUDGET_MS);
  const outcome = await walkPages(options, open, position, deadline);
  if (outcome.state !== "complete" || open.conclude === undefined) return outcome;
  return withTenant(deps.db, run.tenantId, async (tx): Promise<WalkOutcome> => {
    const held = await lockActiveRun(tx, run);
    if (held.state === "stopped") return held;
    await noteGone(tx, run, resource.name, await open.conclude!(deps, tx, run));
    return COMPLETE;
  });
}

const COMPLETE: WalkOutcome = { state: "complete" };
const MORE: WalkOutcome = { state: "more" };

const NEW_WALK: WalkPosition = { walk: 1, sequence: 0, cursor: null, complete: false };

/**
 * Starts the walk again once after a lost cursor. If another worker is ahead (a step that was taken for dead, a second
 * process), continues after its last page: each page is written once, and either worker may die.
 */
async function walkPages<Item>(
  options: PageWalkOptions<Item>,
  open: OpenResource<Item>,
  start: WalkPosition,
  deadline: number,
): Promise<WalkOutcome> {
  const { deps, run, resource } = options;
  const about = { runId: run.id, resource: resource.name };
  for (let position = start; !position.complete;) {
    try {
      const outcome = await walkFrom(options, open, position, deadline);
      if (outcome.state !== "overtaken") return outcome;
      deps.log.info(about, "another worker is ahead");
      if (Date.now() >= deadline || options.halt?.aborted === true) return MORE;
      position = await withTenant(deps.db, run.tenantId, (tx) => positionOf(tx, options));
    } catch (error) {
      if (!isRmmError(error) || error.code !== "cursor_lost" || position.walk > 0) throw error;
      deps.log.warn(about, "cursor lost, sweep restarted");
      position = NEW_WALK;
    }
  }
  return COMPLETE;
}

const positionOf = <Item>(tx: TenantDb, { run, resource }: PageWalkOptions<Item>): Promise<WalkPosition> =>
  getWalkPosition(tx, run.tenantId, run.id, resource.name);

async function walkFrom<Item>(
  options: PageWalkOptions<Item>,
  open: OpenResource<Item>,
  position: WalkPosition,
  deadline: number,
): Promise<WalkOutcome | { state: "overtaken" }> {
  const { halt } = options;
  const abort = new AbortController();
  const pages = open.list(options.provider, {
    ...(position.cursor === null ? {} : { cursor: position.cursor }),
    signal: halt === undefined ? abort.signal : AbortSignal.any([abort.signal, halt]),
  });
  const fetchNext = () => {
    const next = pages.next();
    // Awaited one page later; until then its rejection must not count as unhandled.
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
      const isOverBudget = Date.now() >= deadline || halt?.aborted === true;
      if (!isLast && !isOverBudget) next = fetchNext();
      const written = await writePage(options, open, page, { walk: position.walk, sequence });
      if (written.state !== "written") return written;
      statistics.grown(written.created, isLast);
      if (isLast) return COMPLETE;
      if (isOverBudget) return MORE;
    }
  } catch (error) {
    if (halt?.aborted === true && error === halt.reason) return MORE;
    throw error;
  } finally {
    abort.abort();
    await statistics.refreshed();
  }
}

/**
 * After this many new rows of a walk the planner's statistics are refreshed, then after each factor of five and at the
 * end.
 */
const FIRST_GROWTH = 300;
const GROWTH_FACTOR = 5;

/**
 * Refreshes the planner's statistics while further pages are read: waiting for it would cost 5 % of the time for 10,000
 * devices.
 */
function refreshStatisticsAsItGrows<Item>({ deps, run, resource }: PageWalkOptions<Item>) {
  let created = 0;
  let refreshedAt = 0;
  let refreshing = Promise.resolve();
  const refresh = () =>
    refreshStatistics(deps.db, resource.tables).catch((error: unknown) =>
      deps.log.warn({ runId: run.id, error: String(error) }, "statistics not refreshed"),
    );
  return {
    grown(more: number, isLast: boolean): void {
      created += more;
      const isDue = created >= Math.max(FIRST_GROWTH, refreshedAt * GROWTH_FACTOR);
      if (!isDue && !(isLast && created >= FIRST_GROWTH && created > refreshedAt)) return;
      refreshedAt = created;
      refreshing = refreshing.then(refresh);
    },
    refreshed: () => refreshing,
  };
}
