import { isRmmError } from "~/connectors/rmm-error";
import type { WalkOptions } from "~/connectors/rmm-provider";

import { cursorLost, endlessList } from "./errors";
import { recordId } from "./read-record";
import type { LevelResource } from "./resources";

/** Level's envelope of a page, as received. */
export interface ListAnswer {
  data: unknown[];
  hasMore: boolean;
  observedAt: Date;
  /** The known fields of a single record that was too large to read; `data` then contains it. */
  tooLarge?: Record<string, unknown>;
}

export interface RawPage {
  /** The records that were not on this or the previous page. Those without a usable id are all kept, to be reported. */
  records: unknown[];
  /** The usable ids of `records`. */
  ids: string[];
  cursorAfter: string | null;
  observedAt: Date;
  tooLarge?: ListAnswer["tooLarge"];
}

/**
 * Walks a list from `cursor` to its end, one page per `next()`. The list may change meanwhile: a record that moves to
 * the next page is returned once. Keeps the ids of two pages in memory.
 * @param walk `cursor` is where to start; `endOf` says where to end
 * @throws RmmError `endless_list` if Level reports more without a new cursor; `cursor_lost` if Level no longer knows
 * the cursor
 */
export async function* paginate(
  resource: LevelResource,
  fetchPage: (cursor: string | undefined) => Promise<ListAnswer>,
  { cursor: start, endOf }: Pick<WalkOptions, "cursor" | "endOf"> = {},
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
    const end = (await endOf?.(ids)) ?? null;
    const cursorAfter = answer.hasMore && end === null ? lastId : null;
    const page = end === null ? { records, ids } : upTo(end, records);
    yield { ...page, cursorAfter, observedAt: answer.observedAt, tooLarge: answer.tooLarge };
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

/** The records of a page up to the last one of the walk. */
function upTo(last: string, page: unknown[]): Pick<RawPage, "records" | "ids"> {
  const records = page.slice(0, page.findIndex((record) => recordId(record) === last) + 1);
  return { records, ids: records.map(recordId).filter((each) => each !== null) };
}

/**
 * Detects a repeated cursor while remembering only one (Brent's cycle detection): an immediate repetition at once, a
 * cycle of n pages within about 3n pages.
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
