import { CsvError, parse } from "csv-parse/sync";
import * as z from "zod";

import type { MappingRow, RowProblem } from "@domain/mapping-code";
import { csvText, delimiterOf, fromHarmless } from "~/platform/http/csv.server";

import { MAX_MAPPING_ROWS, mappingRow } from "./mapping-code.server";

export const mappingFormats = ["json", "csv"] as const;
export type MappingFormat = (typeof mappingFormats)[number];

const columns = ["path", "state", "client", "site", "contact", "id"] as const;

/** Columns that a file need not have. */
const optionalColumns: readonly string[] = ["site", "contact", "id"];

/** A mapping as the text of a file. */
export const writeMappingFile = (rows: readonly MappingRow[], format: MappingFormat): string =>
  format === "json"
    ? `${JSON.stringify({ groups: rows }, null, 2)}\n`
    : csvText([columns, ...rows.map((row) => columns.map((column) => row[column]))]);

export interface FileProblem {
  /** As the reader counts: a line of CSV, or the first group of JSON is 1. */
  row: number;
  column: string;
  message: string;
}

export type ReadMappingFile =
  /** `lineOf`: where the n-th row stands in the file. */
  | { state: "read"; rows: MappingRow[]; lineOf: (row: number) => number }
  | { state: "invalid"; problems: FileProblem[] };

const invalid = (row: number, column: string, message: string): ReadMappingFile => ({
  state: "invalid",
  problems: [{ row, column, message }],
});

/** Reads a mapping from the text of a file: all of it, or everything that is wrong with it. */
export function readMappingFile(text: string, format: MappingFormat): ReadMappingFile {
  const given = format === "json" ? recordsOfJson(text) : recordsOfCsv(text);
  if ("state" in given) return given;
  const { records, lineOf } = given;
  if (records.length > MAX_MAPPING_ROWS)
    return invalid(lineOf(MAX_MAPPING_ROWS), "path", `A file has ${MAX_MAPPING_ROWS} groups at most.`);
  const rows: MappingRow[] = [];
  const problems: FileProblem[] = [];
  for (const [index, record] of records.entries()) {
    const parsed = mappingRow.safeParse(record);
    if (parsed.success) rows.push(parsed.data);
    else problems.push(...problemsOf(parsed.error, lineOf(index)));
  }
  return problems.length > 0 ? { state: "invalid", problems } : { state: "read", rows, lineOf };
}

/** What is wrong with rows, where it stands in the file. */
export const inFile = (problems: readonly RowProblem[], lineOf: (row: number) => number): FileProblem[] =>
  problems.map((problem) => ({ ...problem, row: lineOf(problem.row) }));

function problemsOf(error: z.ZodError, row: number): FileProblem[] {
  return error.issues.flatMap((issue): FileProblem[] =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((column) => ({ row, column, message: unknownColumn }))
      : [{ row, column: String(issue.path[0] ?? "path"), message: issue.message }],
  );
}

const unknownColumn = `There is no such column: they are ${columns.join(", ")}.`;

interface Records {
  records: unknown[];
  lineOf: (row: number) => number;
}

function recordsOfJson(text: string): Records | ReadMappingFile {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    return invalid(1, "path", `The file is no JSON: ${(error as Error).message}`);
  }
  const parsed = z.object({ groups: z.array(z.unknown()) }).safeParse(value);
  if (!parsed.success) return invalid(1, "groups", "The file must be {“groups”: [ … ]}.");
  return { records: parsed.data.groups, lineOf: (row) => row + 1 };
}

function recordsOfCsv(text: string): Records | ReadMappingFile {
  let lines: { info: { lines: number }; record: string[] }[];
  try {
    lines = parse(text, {
      bom: true,
      skip_empty_lines: true,
      relax_column_count: true,
      info: true,
      delimiter: delimiterOf(text),
    }) as unknown as typeof lines;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return invalid(Number(error["lines"] ?? 1), "path", error.message);
  }
  const header = (lines.shift()?.record ?? []).map((cell) => cell.trim().toLowerCase());
  const unknown = header.filter((name) => !columns.some((column) => column === name));
  const missing = columns.filter((column) => !optionalColumns.includes(column) && !header.includes(column));
  const problems = [
    ...unknown.map((column) => ({ row: 1, column, message: unknownColumn })),
    ...missing.map((column) => ({ row: 1, column, message: "This column is missing." })),
  ];
  if (problems.length > 0) return { state: "invalid", problems };
  const starts = lines.map(({ info, record }) => info.lines - linesIn(record));
  const records = lines.map(({ record }) =>
    Object.fromEntries(
      record.map((cell, at) => {
        const value = fromHarmless(cell);
        return [header[at] ?? `column ${at + 1}`, value.trim() === "" ? undefined : value];
      }),
    ),
  );
  return { records, lineOf: (row) => starts[row] ?? 1 };
}

/** How many line breaks a record has in its cells. */
const linesIn = (record: readonly string[]): number =>
  record.reduce((sum, cell) => sum + (cell.match(/\n/g)?.length ?? 0), 0);
