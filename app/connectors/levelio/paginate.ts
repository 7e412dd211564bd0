import { isRmmError } from "~/connectors/rmm-error";

import { cursorLost, endlessList } from "./errors";
import { recordId } from "./read-record";
import type { LevelResource } from "./resources";

/** Level's envelope of one page, as it was answered. */
export interface ListAnswer {
  data: unknown[];
  hasMore: boolean;
  observedAt: Date;
  /** What is known of the one record of a page that was too large to be read; it is `data` then. */
  tooLarge?: Record<string, unknown>;
}

export interface RawPage {
  /** Records not met on this or the previous page; those without a usable id are all kept, to be reported. */
  records: unknown[];
  /** The usable ids of `records`. */
  ids: string[];
  cursorAfter: string | null;
  observedAt: Date;
  tooLarge?: ListAnswer["tooLarge"];
}

/**
 * Walks a list behind `cursor` to its end, one page per `next()`. The list may move under the walk: a record
 * that slips onto the next page is told once. Holds two pages of ids, whatever the length of the list.
 *
 * @throws RmmError `endless_list` when Level says there is more and gives no new place to go on from;
 *   `cursor_lost` when it does not know the cursor any more.
 */
export async function* paginate(
  resource: LevelResource,
  fetchPage: (cursor: string | undefined) => Promise<ListAnswer>,
  start?: string,
): AsyncGenerator<RawPage, void, undefined> {
  const meets = cycleWatch(start);
  let cursor = start;
  let previous = new Set<string>();
  for (;;) {
    const answer = await fetchBehind(resource, fetchPage, cursor);
    const { records, ids, lastId } = distinct(answer.data, previous);
    if (answer.hasMore) {
      if (answer.data.length === 0)
        throw endlessList(resource, "it says there is more and sends an empty page");
      if (lastId === null) throw endlessList(resource, "it says there is more and sends records without ids");
      if (meets(lastId)) throw endlessList(resource, "it came back to a record already passed");
    }
    const cursorAfter = answer.hasMore ? lastId : null;
    yield { records, ids, cursorAfter, observedAt: answer.observedAt, tooLarge: answer.tooLarge };
    if (cursorAfter === null) return;
    cursor = cursorAfter;
    previous = new Set(ids);
  }
}

async function fetchBehind(
  resource: LevelResource,
  fetchPage: (cursor: string | undefined) => Promise<ListAnswer>,
  cursor: string | undefined,
): Promise<ListAnswer> {
  try {
    return await fetchPage(cursor);
  } catch (error) {
    if (cursor !== undefined && isRmmError(error) && error.code === "not_found") throw cursorLost(resource);
    throw error;
  }
}

function distinct(data: unknown[], previous: ReadonlySet<string>) {
  const seen = new Set<string>();
  const records: unknown[] = [];
  let lastId: string | null = null;
  for (const record of data) {
    const id = recordId(record);
    if (id !== null) {
      lastId = id;
      if (seen.has(id) || previous.has(id)) continue;
      seen.add(id);
    }
    records.push(record);
  }
  return { records, ids: [...seen], lastId };
}

/**
 * Says whether a cursor was met before, remembering only one: Brent's way of finding a cycle. A cursor that
 * repeats at once is found at once; a cycle of n pages within about 3n pages.
 */
function cycleWatch(start: string | undefined): (cursor: string) => boolean {
  let latest = start;
  let landmark = start;
  let steps = 0;
  let reach = 1;
  return (cursor) => {
    if (cursor === latest || cursor === landmark) return true;
    latest = cursor;
    if (++steps === reach) {
      landmark = cursor;
      steps = 0;
      reach *= 2;
    }
    return false;
  };
}
