import {
  addressOf,
  placeAt,
  type KeyValues,
  type KeysetPlace,
  type PageSlice,
  type PlaceCount,
  type SortKey,
} from "@db/queries/shared/keyset";

/** A list whose pages begin after or before a row, so that a page costs the same wherever it is. */
interface KeysetList {
  /** Names the list, its order and its owner. Cursors of any other list are ignored. */
  scope: string;
  keys: readonly SortKey[];
  pageSize: number;
}

/** The page that an address asks for; the first page if the address names none or its cursor is invalid. */
export function pagePlaceOf(
  { scope, keys }: Pick<KeysetList, "scope" | "keys">,
  params: URLSearchParams,
): KeysetPlace {
  const after = placeAt(params.get("after"), scope, keys);
  if (after !== undefined) return { after };
  const before = placeAt(params.get("before"), scope, keys);
  if (before !== undefined) return { before };
  return params.get("page") === "last" ? "last" : "first";
}

interface PagesAround {
  total: number;
  /** How many rows come before the page. */
  first: number;
  /** The places before and after the page; absent at an end of the list. */
  previous: string | undefined;
  next: string | undefined;
}

interface KeysetPage<Row> extends PagesAround {
  rows: Row[];
  pageSize: number;
}

interface Reading<Row> {
  count: (place: KeysetPlace) => PlaceCount | Promise<PlaceCount>;
  read: (slice: PageSlice) => Promise<Row[]>;
}

/** Reads the page of a list that an address asks for: counts the rows, then reads those of the page. */
export async function readKeysetPage<Row extends { keys: KeyValues }>(
  list: KeysetList,
  params: URLSearchParams,
  { count, read }: Reading<Row>,
): Promise<KeysetPage<Omit<Row, "keys">>> {
  const { scope, pageSize } = list;
  const place = pagePlaceOf(list, params);
  const { total, past } = await count(place);
  const { first, ...slice } = sliceOf(place, { total, past }, pageSize);
  const rows = await read(slice);
  return {
    rows: rows.map(({ keys: _, ...row }) => row),
    pageSize,
    ...pagesAround(scope, rows, { first, total }),
  };
}

/** Where a page is in its list, with the places before and after it. */
export function pagesAround(
  scope: string,
  rows: readonly { keys: KeyValues }[],
  { first, total }: { first: number; total: number },
): PagesAround {
  const cursorOf = (row: { keys: KeyValues } | undefined) => row && addressOf(scope, row.keys);
  return {
    total,
    first,
    previous: first > 0 ? cursorOf(rows[0]) : undefined,
    next: first + rows.length < total ? cursorOf(rows.at(-1)) : undefined,
  };
}

/**
 * The rows to read for a page, and how many come before them. The last page holds what the full pages before it leave.
 * If nothing follows a row any more, shows the last page; if less than a page precedes it, shows the first.
 */
function sliceOf(
  place: KeysetPlace,
  { total, past }: PlaceCount,
  pageSize: number,
): PageSlice & { first: number } {
  if (typeof place === "object") {
    if ("after" in place && past > 0) return { first: total - past, place, limit: pageSize };
    if ("before" in place && past > pageSize) return { first: past - pageSize, place, limit: pageSize };
  }
  if (place === "first" || (typeof place === "object" && "before" in place))
    return { first: 0, place: "first", limit: pageSize };
  const first = Math.floor(Math.max(0, total - 1) / pageSize) * pageSize;
  return { first, place: "last", limit: total - first };
}
