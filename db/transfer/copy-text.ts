import { createHash } from "node:crypto";

/**
 * Rows in the text format of COPY: a row a line, columns separated by tabs, `\N` for null, and no raw line break, tab or
 * single backslash within a value. https://www.postgresql.org/docs/current/sql-copy.html, "Text Format"
 */

const NEWLINE = 0x0a;

/** The lines of a stream of bytes, without their line breaks. What follows the last line break is a line if it is not empty. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      const line = bytes.subarray(from, end);
      yield rest.length === 0 ? line : Buffer.concat([...rest, line]);
      rest = [];
      from = end + 1;
    }
    if (from < bytes.length) rest.push(bytes.subarray(from));
  }
  if (rest.length > 0) yield Buffer.concat(rest);
}

const ESCAPES: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** The values of a row, each as the database writes it. */
export function valuesOf(line: Buffer): (string | null)[] {
  const text = line.toString("utf8");
  const values = text.split("\t");
  if (!text.includes("\\")) return values;
  return values.map((value) =>
    value === "\\N" ? null : value.replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter),
  );
}

/** How many rows a table has, and a hash of them that does not depend on their order. */
export interface TableSum {
  rows: number;
  hash: string;
}

const HASH_BITS = 128;

/**
 * Sums up rows: the hash is the sum of the rows' hashes (SHA-256, 128 bits of it), so that two databases need not agree on
 * an order, and the same row twice counts twice.
 */
export class RowSums {
  private rows = 0;
  private sum = 0n;

  add(line: Buffer): void {
    this.rows++;
    const digest = createHash("sha256").update(line).digest();
    this.sum += (digest.readBigUInt64BE(0) << 64n) | digest.readBigUInt64BE(8);
  }

  total(): TableSum {
    const hash = BigInt.asUintN(HASH_BITS, this.sum).toString(16);
    return { rows: this.rows, hash: hash.padStart(HASH_BITS / 4, "0") };
  }
}

/** The same rows, which `sums` has seen as they pass. */
export async function* summed(rows: AsyncIterable<Buffer>, sums: RowSums): AsyncGenerator<Buffer> {
  for await (const row of rows) {
    sums.add(row);
    yield row;
  }
}
