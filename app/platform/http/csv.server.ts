import { CsvError, parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";

import { bomOf, type CsvOptions } from "@domain/csv-options";

/**
 * Matches cells that a spreadsheet may execute, also after white space and in full-width characters. Also matches such
 * cells after an apostrophe, so that reading a file back restores every text.
 */
const formula = /^'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;

/**
 * Puts an apostrophe before a cell that a spreadsheet would run as a formula, because names come from other people's
 * systems.
 */
const harmless = (value: unknown): unknown =>
  typeof value === "string" && formula.test(value) ? `'${value}` : value;

/** Rows as CSV text; the first row has the names of the columns. Quotes cells that another reader would split. */
export const csvText = (rows: readonly (readonly unknown[])[]): string =>
  stringify(
    rows.map((row) => row.map(harmless)),
    { quoted_match: /[;\t\r]/ },
  );

/** The text of a cell before `harmless` changed it. */
export const fromHarmless = (text: string): string =>
  text.startsWith("'") && formula.test(text.slice(1)) ? text.slice(1) : text;

const delimiters = [",", ";", "\t"] as const;

/** The separator of a file's cells: the most frequent candidate in the first line, which names the columns. */
export function delimiterOf(text: string): string {
  const header = /^.*\S.*$/m.exec(text)?.[0].replace(/"[^"]*"/g, "") ?? "";
  const counted = delimiters.map((delimiter) => ({ delimiter, n: header.split(delimiter).length }));
  return counted.reduce((most, next) => (next.n > most.n ? next : most)).delimiter;
}

/** The text of a file as spreadsheets write it: UTF-8, UTF-16 with a byte order mark, or Windows code page 1252. */
export function decodeText(bytes: Uint8Array): string {
  const mark = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if (mark === 0xfffe) return new TextDecoder("utf-16le").decode(bytes);
  if (mark === 0xfeff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return decodeWindows1252(bytes);
  }
}

/**
 * 0x80 … 0x9F of code page 1252, five of them not assigned. The decoder of Node 20 reads them as Latin-1 control
 * characters.
 */
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

const decodeWindows1252 = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString("latin1")
    .replace(/[\u0080-\u009f]/g, (char) => windows1252[char.charCodeAt(0) - 0x80] ?? char);

/** An error in a file, with its line and column as a person counts them. */
export interface CellProblem {
  /** The line of the file at which the row begins. */
  row: number;
  column: string;
  message: string;
}

export type CsvTable =
  /** `lineOf`: the line of the file at which the n-th record begins. */
  | {
      state: "read";
      header: string[];
      records: Record<string, string | undefined>[];
      lineOf: (row: number) => number;
    }
  | { state: "invalid"; problems: CellProblem[] };

/**
 * Reads CSV whose first line names its columns, in any order and case. Blank cells are undefined.
 * @param ignored further columns that a file may have
 */
export function readCsvTable(
  text: string,
  {
    columns,
    required,
    ignored = [],
  }: { columns: readonly string[]; required: readonly string[]; ignored?: readonly string[] },
): CsvTable {
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
    const row = Number(error["lines"] ?? 1);
    return { state: "invalid", problems: [{ row, column: columns[0]!, message: error.message }] };
  }
  const header = (lines.shift()?.record ?? []).map((cell) => cell.trim().toLowerCase());
  const known = [...columns, ...ignored];
  const unknown = header.filter((name) => !known.includes(name));
  const twice = header.filter((name, at) => header.indexOf(name) < at);
  const missing = required.filter((column) => !header.includes(column));
  const problems = [
    ...unknown.map((column) => ({ row: 1, column, message: unknownColumn(columns) })),
    ...twice.map((column) => ({ row: 1, column, message: "This column stands twice in the file." })),
    ...missing.map((column) => ({ row: 1, column, message: "This column is missing." })),
  ];
  if (problems.length > 0) return { state: "invalid", problems };
  const starts = lines.map(({ info, record }) => info.lines - linesIn(record));
  const records = lines.map(({ record }) =>
    Object.fromEntries(
      record.flatMap((cell, at): [string, string | undefined][] => {
        const name = header[at] ?? `column ${at + 1}`;
        if (ignored.includes(name)) return [];
        const value = fromHarmless(cell);
        return [[name, value.trim() === "" ? undefined : value]];
      }),
    ),
  );
  return { state: "read", header, records, lineOf: (row) => starts[row] ?? 1 };
}

/**
 * The message for a file with an unknown column.
 * @param columns the columns that this kind of file may have
 */
export const unknownColumn = (columns: readonly string[]): string =>
  `There is no such column: they are ${columns.join(", ")}.`;

/** The number of line breaks in a record's cells. */
const linesIn = (record: readonly string[]): number =>
  record.reduce((sum, cell) => sum + (cell.match(/\n/g)?.length ?? 0), 0);

const headersOf = (fileName: string) => ({
  "Content-Type": "text/csv; charset=utf-8",
  "Content-Disposition": `attachment; filename="${fileName.replace(/[^\w.-]+/g, "-")}"`,
});

/** How a page's download is written: with a byte order mark, unless its address has `bom=0`. */
export const csvOptions = (url: URL): CsvOptions => ({
  bom: bomOf(url.searchParams.get("bom") ?? "1") ?? true,
});

/**
 * A download that is sent while it is read: each call of `nextRows` returns a batch, and an empty batch ends the file.
 */
export function csvDownload(
  { bom }: CsvOptions,
  fileName: string,
  columns: readonly string[],
  nextRows: () => Promise<readonly (readonly unknown[])[]>,
): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(`${bom ? "\uFEFF" : ""}${csvText([columns])}`));
    },
    async pull(controller) {
      const rows = await nextRows();
      if (rows.length === 0) controller.close();
      else controller.enqueue(encoder.encode(csvText(rows)));
    },
  });
  return new Response(body, { headers: headersOf(fileName) });
}

/** Rows of a list that a download reads at once. */
export const CSV_BATCH = 2000;

/**
 * A list as a download, in batches of `CSV_BATCH` rows.
 * @param read returns the rows after the given one; from the first row if none is given
 */
export function csvOfList<Row>(
  options: CsvOptions,
  fileName: string,
  columns: Readonly<Record<string, (row: Row) => unknown>>,
  read: (last: Row | undefined) => Promise<readonly Row[]>,
): Response {
  const cells = Object.values(columns);
  let last: Row | undefined;
  let isDone = false;
  const nextRows = async () => {
    if (isDone) return [];
    const rows = await read(last);
    last = rows.at(-1);
    isDone = rows.length < CSV_BATCH;
    return rows.map((row) => cells.map((cell) => cell(row)));
  };
  return csvDownload(options, fileName, Object.keys(columns), nextRows);
}
