import { createHash } from "node:crypto";

/**
 * Rows in the text format of COPY: one line for each row, a tab between columns, `\N` for null, and no raw line break,
 * tab or single backslash within a value. https://www.postgresql.org/docs/current/sql-copy.html, "Text Format"
 */

const NEWLINE = 0x0a;

/**
 * The lines of a stream of bytes, without their line breaks. Bytes after the last line break are a line of their own.
 */
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

/** The values of a row, each in the database's own text form; null for NULL. */
export function valuesOf(line: Buffer): (string | null)[] {
  const text = line.toString("utf8");
  const values = text.split("\t");
  if (!text.includes("\\")) return values;
  return values.map((value) =>
    value === "\\N" ? null : value.replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter),
  );
}

/** The number of a table's rows, and a hash of them that does not depend on their order. */
export interface TableSum {
  rows: number;
  hash: string;
}

const HASH_BITS = 128;

/**
 * Adds up the hashes of rows (128 bits of SHA-256 each). A sum, because two databases need not store rows in the same
 * order, and because a row that exists twice must count twice.
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

/** Passes rows on unchanged, and adds each to `sums`. */
export async function* summed(rows: AsyncIterable<Buffer>, sums: RowSums): AsyncGenerator<Buffer> {
  for await (const row of rows) {
    sums.add(row);
    yield row;
  }
}
