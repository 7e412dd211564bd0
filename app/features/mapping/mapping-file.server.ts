import * as z from "zod";

import type { MappingRow, RowProblem } from "@domain/mapping-code";
import { csvText, readCsvTable, unknownColumn, type CellProblem } from "~/platform/http/csv.server";

import { MAX_MAPPING_ROWS, mappingRow } from "./mapping-code.server";

export const mappingFormats = ["json", "csv"] as const;
export type MappingFormat = (typeof mappingFormats)[number];

/** The columns of a mapping as CSV. */
export const mappingColumns = ["path", "state", "client", "site", "contact", "id"] as const;
const columns = mappingColumns;

/** Columns that a file need not have. */
const optionalColumns: readonly string[] = ["site", "contact", "id"];

/** A mapping as the text of a file. */
export const writeMappingFile = (rows: readonly MappingRow[], format: MappingFormat): string =>
  format === "json"
    ? `${JSON.stringify({ groups: rows }, null, 2)}\n`
    : csvText([columns, ...rows.map((row) => columns.map((column) => row[column]))]);

/** A line of CSV, or the first group of JSON is 1. */
export type FileProblem = CellProblem;

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
      ? issue.keys.map((column) => ({ row, column, message: unknownColumn(columns) }))
      : [{ row, column: String(issue.path[0] ?? "path"), message: issue.message }],
  );
}

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
  const table = readCsvTable(text, {
    columns,
    required: columns.filter((column) => !optionalColumns.includes(column)),
  });
  return table.state === "read" ? { records: table.records, lineOf: table.lineOf } : table;
}
