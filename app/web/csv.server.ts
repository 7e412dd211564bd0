import { stringify } from "csv-stringify/sync";

/** A cell that a spreadsheet would run as a formula is given as text. Names come from other people's systems. */
const harmless = (value: unknown): unknown =>
  typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;

/** Rows as CSV text, the first with the names of the columns. */
export const csvText = (rows: readonly (readonly unknown[])[]): string =>
  stringify(rows.map((row) => row.map(harmless)));

const headersOf = (fileName: string) => ({
  "Content-Type": "text/csv; charset=utf-8",
  "Content-Disposition": `attachment; filename="${fileName.replace(/[^\w.-]+/g, "-")}"`,
  "Cache-Control": "private, no-store",
  "X-Content-Type-Options": "nosniff",
});

/** A download that is made while it is sent: each call of `nextRows` gives a batch, an empty one ends it. */
export function csvDownload(
  fileName: string,
  columns: readonly string[],
  nextRows: () => Promise<readonly (readonly unknown[])[]>,
): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      // Spreadsheets take a file for UTF-8 when it says so.
      controller.enqueue(encoder.encode(`\uFEFF${csvText([columns])}`));
    },
    async pull(controller) {
      const rows = await nextRows();
      if (rows.length === 0) controller.close();
      else controller.enqueue(encoder.encode(csvText(rows)));
    },
  });
  return new Response(body, { headers: headersOf(fileName) });
}
