import * as z from "zod";

import { addressOf, placeAt, type KeyValues, type SortKey } from "@db/queries/shared/keyset";

import { ApiProblem } from "./problem";

const MAX_PAGE = 200;

/** The parameters of every list. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50).meta({ description: "Rows a page." }),
  cursor: z.string().max(4000).optional().meta({
    description: "`next` of the page before. Good for the filters and the order that it came with.",
  }),
});

/** The schema of a page of a list: its rows, and the cursor of the next page. */
export const pageOf = <T extends z.ZodType>(row: T) =>
  z.object({
    data: z.array(row),
    next: z.string().nullable().meta({ description: "The `cursor` of the next page; null on the last." }),
  });

/**
 * A place in a list as opaque text.
 * @param place the values that the list is ordered by
 */
const encodeCursor = (place: readonly (string | number | null)[]): string =>
  Buffer.from(JSON.stringify(place)).toString("base64url");

/**
 * The place that a cursor names; undefined without a cursor.
 * @throws ApiProblem `invalid_request` if it is not a cursor of this list
 */
export function decodeCursor<T extends z.ZodType>(
  schema: T,
  cursor: string | undefined,
): z.infer<T> | undefined {
  if (cursor === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch {
    throw foreignCursor();
  }
}

/** The refusal of a cursor that is invalid, or of another list or order. */
function foreignCursor(): ApiProblem {
  const message = "This is no cursor of this list in this order.";
  return new ApiProblem("invalid_request", message, { errors: [{ field: "query.cursor", message }] });
}

/**
 * A page of rows. The caller has read one row more than `limit`, to know whether there is a next page.
 * @param place the values that the list is ordered by, or the row's cursor
 */
export function page<Row, Shown>(
  rows: readonly Row[],
  limit: number,
  show: (row: Row) => Shown,
  place: (row: Row) => string | readonly (string | number | null)[],
): { data: Shown[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map(show),
    next: rows.length > limit && last !== undefined ? cursorAt(place(last)) : null,
  };
}

const cursorAt = (place: string | readonly (string | number | null)[]): string =>
  typeof place === "string" ? place : encodeCursor(place);

/** The place in a list that is ordered by id alone. */
export const idPlace = z.tuple([z.uuid()]);

/**
 * The place in a list that is ordered by keys.
 * @throws ApiProblem if the cursor is invalid or of another order
 */
export function keyPlace(
  cursor: string | undefined,
  scope: string,
  keys: readonly SortKey[],
): KeyValues | undefined {
  if (cursor === undefined) return undefined;
  const place = placeAt(cursor, scope, keys);
  if (place === undefined) throw foreignCursor();
  return place;
}

/** A page of a list that is ordered by keys. The caller has read one row more than `limit`. */
export const keyPage = <Row extends { keys: KeyValues }, Shown>(
  rows: readonly Row[],
  { limit, scope }: { limit: number; scope: string },
  show: (row: Row) => Shown,
) => page(rows, limit, show, ({ keys }) => addressOf(scope, keys));
