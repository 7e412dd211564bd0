import * as z from "zod";

import { bomOf, bomWords, type CsvOptions } from "@domain/csv-options";

import { ApiProblem } from "./problem";

/** Rows of a page while a list is sent as CSV; see `pageQuery`. */
export const CSV_PAGE = 200;

const BOM = "bom";

/** The schema of a page's rows; undefined for an answer that is not a page. */
function rowOf(answer: z.ZodType): z.ZodObject | undefined {
  const data = answer instanceof z.ZodObject ? (answer.shape as Record<string, unknown>)["data"] : undefined;
  return data instanceof z.ZodArray && data.element instanceof z.ZodObject ? data.element : undefined;
}

/** Whether an operation answers with a list, which it can also send as CSV. */
export const isList = (answer: z.ZodType): boolean => rowOf(answer) !== undefined;

/** Whether the list has pages. */
export const hasPages = (query: z.ZodType | undefined): boolean =>
  query instanceof z.ZodObject && "cursor" in query.shape;

/** The parameter of a list as CSV, for the API document. */
export const csvParameter = z.object({
  [BOM]: z.enum(bomWords).optional().meta({
    description:
      "With `Accept: text/csv`: `1` or `true` begins the file with the mark by which spreadsheets know UTF-8. Without it there is none.",
  }),
});

/**
 * Removes the parameters for CSV from a query.
 * @returns undefined if the caller requests JSON
 * @throws ApiProblem if the query asks for a page as CSV, or its `bom` is invalid
 */
export function takeCsv(
  answer: z.ZodType,
  accept: string | null,
  query: Record<string, string>,
): CsvOptions | undefined {
  if (!isList(answer) || !/(?:^|,)\s*text\/csv\b/i.test(accept ?? "")) return undefined;
  const paged = ["limit", "cursor"].find((name) => name in query);
  if (paged !== undefined) throw refusal(paged, "A list as CSV has all rows.");
  const bom = bomOf(query[BOM] ?? "0");
  delete query[BOM];
  if (bom === undefined) throw refusal(BOM, "Use “1” or “0”, or leave it out.");
  return { bom };
}

function refusal(name: string, message: string): ApiProblem {
  const field = `query.${name}`;
  return new ApiProblem("invalid_request", `${field}: ${message}`, { errors: [{ field, message }] });
}

interface Column {
  name: string;
  of: (row: Record<string, unknown>) => unknown;
}

/**
 * The columns of a list as CSV: one for each field, and for a related record one for each of its fields
 * (`client.name`).
 * @param has whether the caller asked for a field
 */
export function csvColumns(answer: z.ZodType, has: (field: string) => boolean): Column[] {
  const shape = (rowOf(answer)?.shape ?? {}) as Record<string, z.ZodType>;
  return Object.entries(shape)
    .filter(([field]) => has(field))
    .flatMap(([field, schema]): Column[] => {
      const inner = schema instanceof z.ZodNullable ? (schema.unwrap() as z.ZodType) : schema;
      if (!(inner instanceof z.ZodObject)) return [{ name: field, of: (row) => cell(row[field]) }];
      return Object.keys(inner.shape).map((part) => ({
        name: `${field}.${part}`,
        of: (row) => cell((row[field] as Record<string, unknown> | null)?.[part]),
      }));
    });
}

/** The value of a cell: a list of texts joined by semicolons, any other list or object as JSON. */
function cell(value: unknown): unknown {
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join("; ");
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}
