/** The output of a command: a line or table for people, one line of JSON for programs. */

export const write = (text: string, stream: NodeJS.WriteStream = process.stdout): void => {
  stream.write(`${text}\n`);
};

/** Writes a value to standard output as one line of JSON. */
export const writeJson = (value: unknown): void => write(JSON.stringify(value));

/** Aligns columns; numbers to the right. */
export function table(header: string[], rows: (string | number)[][]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => String(row[column] ?? "").length)),
  );
  const line = (cells: (string | number)[]) =>
    cells
      .map((cell, column) =>
        typeof cell === "number" ? String(cell).padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join("  ")
      .trimEnd();
  return [line(header), ...rows.map(line)].join("\n");
}

/** A duration in seconds, with one decimal: "1.5 s". */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/**
 * A number with its noun: "1 record", "2,500 records".
 * @param many the plural, if it is not `one` with an s
 */
export const countOf = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
