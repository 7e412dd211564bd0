import type { WalkPosition } from "@db/queries/sync-runs/run-pages";
import { refreshStatistics } from "@db/statistics";
import type { RmmProvider, WalkOptions } from "~/connectors/rmm-provider";

import type { Stopped } from "./lock-active-run";
import type { OpenResource } from "./resource";
import { writePage, type PageOptions } from "./write-page";

export type WalkOutcome =
  | { state: "complete" }
  /**
   * The step's time is used up, or the process is about to end. The next step continues after the last committed page.
   */
  | { state: "more" }
  | Stopped;

/** Another worker is ahead, so the position must be read again. */
export interface Overtaken {
  state: "overtaken";
}

export interface PageWalkOptions<Item> extends PageOptions<Item> {
  provider: RmmProvider;
  /** Aborted when a parallel walk ended the step: then commit the present page and read no further. */
  halt?: AbortSignal;
  /**
   * The most segments that the sweep is divided into; see `domain/segments`. If absent, one walk reads the whole list.
   */
  segments?: number;
}

/** The part of a list that a walk reads. */
export interface SegmentWalk {
  endOf: NonNullable<WalkOptions["endOf"]>;
  /**
   * The walk of the next segment, if this one ends on the page at hand.
   * @param isLast whether the page is the last one of this segment
   */
  nextOf(isLast: boolean): number | null;
}

export const COMPLETE: WalkOutcome = { state: "complete" };
export const MORE: WalkOutcome = { state: "more" };

/**
 * Whether the step ends after the page at hand: its time is used up, a parallel walk ended it, or the process is about
 * to end.
 */
export const mustHandBack = <Item>(
  { deps, halt }: Pick<PageWalkOptions<Item>, "deps" | "halt">,
  deadline: number,
): boolean => Date.now() >= deadline || halt?.aborted === true || deps.stopping?.aborted === true;

/**
 * Reads pages from a position on, fetching the next page while writing the current one. Commits each page with its
 * checkpoint, and keeps nothing in memory between pages.
 * @param segment the part of the list to read; the whole list if absent
 */
export async function walkFrom<Item>(
  options: PageWalkOptions<Item>,
  open: OpenResource<Item>,
  position: Pick<WalkPosition, "walk" | "sequence" | "cursor">,
  deadline: number,
  segment?: SegmentWalk,
): Promise<WalkOutcome | Overtaken> {
  const { halt } = options;
  const abort = new AbortController();
  const pages = open.list(options.provider, {
    ...(position.cursor === null ? {} : { cursor: position.cursor }),
    ...(segment && { endOf: segment.endOf }),
    signal: halt === undefined ? abort.signal : AbortSignal.any([abort.signal, halt]),
  });
  const fetchNext = () => {
    const next = pages.next();
    // Awaited one page later. Until then, its rejection must not count as unhandled.
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
      const isOverBudget = mustHandBack(options, deadline);
      if (!isLast && !isOverBudget) next = fetchNext();
      const place = {
        walk: position.walk,
        sequence,
        ...(segment && { segment: { next: segment.nextOf(isLast) } }),
      };
      const written = await writePage(options, open, page, place);
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
 * The planner's statistics are refreshed after this many new rows of a walk, then each time their number has grown by a
 * factor of five, and at the end.
 */
const FIRST_GROWTH = 300;
const GROWTH_FACTOR = 5;

/**
 * Refreshes the planner's statistics while further pages are read. Waiting for it would cost 5 % of the time for 10,000
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
