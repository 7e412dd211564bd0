import { sql, type SQL, type SQLWrapper } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";

/**
 * Pages by the sort keys of the last row: the next page begins after them. The thousandth page costs as much as the
 * first, and rows that appear or disappear meanwhile cause no repeated or skipped rows.
 */

const sqlTypes = { text: "text", int: "int", instant: "timestamptz", id: "uuid" } as const;
type KeyKind = keyof typeof sqlTypes;

export interface SortKey {
  expression: SQLWrapper;
  kind: KeyKind;
  isDescending: boolean;
  /** Whether the key may be null. Rows without a value come last in both directions. */
  isNullable: boolean;
}

/** The sort keys of a row, as texts. The last one is the row's id. */
export type KeyValues = readonly (string | null)[];

/** A number of rows of a list, after a position or from its start. */
export interface Slice {
  after: KeyValues | undefined;
  limit: number;
}

/** Which page of a list to read: the first, the last, or the one directly after or before a row. */
export type KeysetPlace = "first" | "last" | { after: KeyValues } | { before: KeyValues };

/** The rows of a page. A query returns them in the order of the list, even if it reads the list from its end. */
export interface PageSlice {
  place: KeysetPlace;
  limit: number;
}

/** Whether a query reads the page from the end of the list, in reversed order. */
export const isReadFromEnd = (place: KeysetPlace): boolean =>
  typeof place === "string" ? place === "last" : "before" in place;

/** The select item from which cursors are made. */
export const keyValues = (keys: readonly SortKey[]): SQL =>
  sql`array[${sql.join(
    keys.map(({ expression }) => sql`(${expression})::text`),
    sql`, `,
  )}]`;

/** The order of a list, or the reverse order, which reads it from its end. */
export const keyOrder = (keys: readonly SortKey[], fromEnd = false): SQL =>
  sql.join(
    keys.map(({ expression, isDescending, isNullable }) => {
      const nulls = isNullable ? (fromEnd ? sql` nulls first` : sql` nulls last`) : sql``;
      return sql`${expression} ${isDescending !== fromEnd ? sql`desc` : sql`asc`}${nulls}`;
    }),
    sql`, `,
  );

/**
 * The condition that a row comes after these values in the list, or before them.
 * @param ofEvery for a statement that checks every row: converts a text into a time once, not for each row
 */
export function isBeyond(
  keys: readonly SortKey[],
  values: KeyValues,
  isBefore = false,
  ofEvery = false,
): SQL {
  const params = keys.map(({ kind }, i) => {
    const param = sql`${values[i] ?? null}::text::${sql.raw(sqlTypes[kind])}`;
    return ofEvery ? sql`(select ${param})` : param;
  });
  const isAlike = keys.every((key) => !key.isNullable && key.isDescending === keys[0]!.isDescending);
  // An index can answer a single comparison of rows.
  if (isAlike) {
    const row = sql.join(
      keys.map(({ expression }) => sql`${expression}`),
      sql`, `,
    );
    const sign = keys[0]!.isDescending !== isBefore ? sql`<` : sql`>`;
    return sql`(${row}) ${sign} (${sql.join(params, sql`, `)})`;
  }
  const ways = keys.map((key, i) => {
    const equal = keys.slice(0, i).map(({ expression }, j) => {
      return values[j] === null ? sql`${expression} is null` : sql`${expression} = ${params[j]}`;
    });
    return sql`(${sql.join([...equal, further(key, values[i] ?? null, params[i]!, isBefore)], sql` and `)})`;
  });
  const beyond = sql`(${sql.join(ways, sql` or `)})`;
  const [lead] = keys;
  if (lead!.isNullable) return beyond;
  // The bound on the first key lets an index begin there.
  const sign = lead!.isDescending !== isBefore ? sql`<=` : sql`>=`;
  return sql`(${lead!.expression} ${sign} ${params[0]!} and ${beyond})`;
}

/** The condition that a row lies past a place: after the row that the page follows, or before the row that it precedes. */
export function isPastPlace(keys: readonly SortKey[], place: KeysetPlace, ofEvery = false): SQL {
  if (typeof place === "string") return sql`true`;
  return "after" in place
    ? isBeyond(keys, place.after, false, ofEvery)
    : isBeyond(keys, place.before, true, ofEvery);
}

/** The number of rows of a list, and of those past a place; at an end of the list, all of them are. */
export interface PlaceCount {
  total: number;
  past: number;
}

/**
 * Counts the rows of a list, and those past a place; one statement.
 * @param from the `from` and `where` of the list
 */
export async function countPastPlace(
  tx: TenantDb,
  keys: readonly SortKey[],
  place: KeysetPlace,
  from: SQL,
): Promise<PlaceCount> {
  const [row] = await queryRows<PlaceCount>(
    tx,
    sql`select count(*)::int as total, (count(*) filter (where ${isPastPlace(keys, place, true)}))::int as past ${from}`,
  );
  return row!;
}

/** The end of a statement that reads the rows of a page: its last condition, its order, which may be reversed, and its limit. */
export const pastAndNearest = (keys: readonly SortKey[], { place, limit }: PageSlice): SQL =>
  sql`${isPastPlace(keys, place)} order by ${keyOrder(keys, isReadFromEnd(place))} limit ${limit}::int`;

function further(
  { expression, isDescending, isNullable }: SortKey,
  value: string | null,
  param: SQL,
  isBefore: boolean,
): SQL {
  if (value === null) return isBefore ? sql`${expression} is not null` : sql`false`;
  const sign = isDescending !== isBefore ? sql`<` : sql`>`;
  const compared = sql`${expression} ${sign} ${param}`;
  return isNullable && !isBefore ? sql`(${compared} or ${expression} is null)` : compared;
}

const accepted: Record<KeyKind, (text: string) => boolean> = {
  text: (text) => !text.includes("\u0000"),
  int: (text) => /^-?\d{1,9}$/.test(text),
  // In the database's own text form.
  instant: (text) =>
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\+00$/.test(text) && !isNaN(Date.parse(text)),
  id: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text),
};

/** Room for the sort key of the longest name and the longest id. */
const MAX_CURSOR_LENGTH = 8000;

/** A row's position as text for an address. `scope` names the list and its order. */
export const addressOf = (scope: string, values: KeyValues): string =>
  Buffer.from(JSON.stringify([scope, ...values])).toString("base64url");

/**
 * The position that an address names in this order; undefined for any other text, including a position in another
 * order.
 */
export function placeAt(text: string | null, scope: string, keys: readonly SortKey[]): KeyValues | undefined {
  if (text === null || text.length > MAX_CURSOR_LENGTH) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    if (!Array.isArray(parsed) || parsed[0] !== scope || parsed.length !== keys.length + 1) return undefined;
    const values = parsed.slice(1) as unknown[];
    return values.every((value, i) => isOf(keys[i]!, value)) ? (values as KeyValues) : undefined;
  } catch {
    return undefined;
  }
}

const isOf = ({ kind, isNullable }: SortKey, value: unknown): boolean =>
  value === null ? isNullable : typeof value === "string" && accepted[kind](value);
