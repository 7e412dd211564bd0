import * as z from "zod";

import type { MappingRow, RowProblem } from "@domain/mapping-code";
import { mappingRuleLimits, type MappingRuleInput } from "@domain/mapping-rules";
import { csvText, readCsvTable, unknownColumn, type CellProblem } from "~/platform/http/csv.server";

import { MAX_MAPPING_ROWS, mappingRow, mappingRule } from "./mapping-code.server";

export const mappingFormats = ["json", "csv"] as const;
export type MappingFormat = (typeof mappingFormats)[number];

/** The columns of a mapping as CSV. */
export const mappingColumns = ["path", "state", "client", "site", "contact", "id", "pattern"] as const;
const columns = mappingColumns;

/** Columns that a file may lack. */
const optionalColumns: readonly string[] = ["site", "contact", "id", "pattern"];

/** A mapping as rows of CSV: first the rules in their order, which have a pattern and no path. */
export const mappingCsvRows = ({ rules, groups }: WrittenMapping): unknown[][] =>
  [...rules, ...groups].map((row: Partial<MappingRow & MappingRuleInput>) =>
    columns.map((column) => row[column]),
  );

interface WrittenMapping {
  rules: readonly MappingRuleInput[];
  groups: readonly MappingRow[];
}

/** A mapping as the text of a file. */
export const writeMappingFile = ({ rules, groups }: WrittenMapping, format: MappingFormat): string =>
  format === "json"
    ? `${JSON.stringify({ rules, groups }, null, 2)}\n`
    : csvText([columns, ...mappingCsvRows({ rules, groups })]);

/** An error in a file. `row` is the line of a CSV file, or the position in a list of a JSON file, from 1. */
export type FileProblem = CellProblem;

type List = "groups" | "rules";

/** The line of a list's n-th row in the file. */
type LineOf = (row: number, list?: List) => number;

export type ReadMappingFile =
  /** A file without rules (JSON without the list, CSV without the column) leaves the stored rules. */
  | { state: "read"; groups: MappingRow[]; rules: MappingRuleInput[] | undefined; lineOf: LineOf }
  | { state: "invalid"; problems: FileProblem[] };

const invalid = (row: number, column: string, message: string): ReadMappingFile => ({
  state: "invalid",
  problems: [{ row, column, message }],
});

/** Reads a mapping from the text of a file. Returns all of it, or all of its errors. */
export function readMappingFile(text: string, format: MappingFormat): ReadMappingFile {
  const given = format === "json" ? recordsOfJson(text) : recordsOfCsv(text);
  if ("state" in given) return given;
  const { lineOf } = given;
  if (given.groups.length > MAX_MAPPING_ROWS)
    return invalid(lineOf(MAX_MAPPING_ROWS), "path", `A file has ${MAX_MAPPING_ROWS} groups at most.`);
  if ((given.rules?.length ?? 0) > mappingRuleLimits.rules)
    return invalid(
      lineOf(mappingRuleLimits.rules, "rules"),
      "pattern",
      `A file has ${mappingRuleLimits.rules} rules at most.`,
    );
  const problems: FileProblem[] = [];
  const parseAll = <T>(records: readonly unknown[], schema: z.ZodType<T>, list: List): T[] =>
    records.flatMap((record, index): T[] => {
      const parsed = schema.safeParse(record);
      if (parsed.success) return [parsed.data];
      problems.push(...problemsOf(parsed.error, lineOf(index, list), list));
      return [];
    });
  const rules = given.rules && parseAll(given.rules, mappingRule, "rules");
  const groups = parseAll(given.groups, mappingRow, "groups");
  problems.sort((a, b) => a.row - b.row);
  return problems.length > 0 ? { state: "invalid", problems } : { state: "read", groups, rules, lineOf };
}

/** The errors of rows, with their lines in the file. */
export const inFile = (problems: readonly RowProblem[], lineOf: LineOf): FileProblem[] =>
  problems.map(({ list, row, column, message }) => ({ row: lineOf(row, list), column, message }));

function problemsOf(error: z.ZodError, row: number, list: List): FileProblem[] {
  return error.issues.flatMap((issue): FileProblem[] =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((column) => ({ row, column, message: unknownColumn(columns) }))
      : [
          {
            row,
            column: String(issue.path[0] ?? (list === "rules" ? "pattern" : "path")),
            message: issue.message,
          },
        ],
  );
}

interface Records {
  groups: unknown[];
  rules: unknown[] | undefined;
  lineOf: LineOf;
}

function recordsOfJson(text: string): Records | ReadMappingFile {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    return invalid(1, "path", `The file is no JSON: ${(error as Error).message}`);
  }
  const lists = z.object({ groups: z.array(z.unknown()), rules: z.array(z.unknown()).optional() });
  const parsed = lists.safeParse(value);
  if (!parsed.success) return invalid(1, "groups", "The file must be {“groups”: [ … ], “rules”: [ … ]}.");
  return { groups: parsed.data.groups, rules: parsed.data.rules, lineOf: (row) => row + 1 };
}

function recordsOfCsv(text: string): Records | ReadMappingFile {
  const table = readCsvTable(text, {
    columns,
    required: columns.filter((column) => !optionalColumns.includes(column)),
  });
  if (table.state !== "read") return table;
  const lines = { groups: [] as number[], rules: [] as number[] };
  for (const [row, { pattern }] of table.records.entries())
    lines[pattern === undefined ? "groups" : "rules"].push(row);
  const recordsOf = (list: List) => lines[list].map((row) => withoutBlanks(table.records[row]!));
  return {
    groups: recordsOf("groups"),
    rules: table.header.includes("pattern") ? recordsOf("rules") : undefined,
    lineOf: (row, list = "groups") => table.lineOf(lines[list][row] ?? table.records.length - 1),
  };
}

/** The cells of a row that have a value, because rules and groups use different columns. */
const withoutBlanks = (record: Record<string, string | undefined>) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
