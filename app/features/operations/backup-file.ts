import { createReadStream, createWriteStream } from "node:fs";
import { link, open, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";

import { linesOf, RowSums, summed } from "@db/transfer/copy-text";
import { differences, type Manifest, type Snapshot } from "@db/transfer/snapshot";
import { TransferError } from "@db/transfer/transfer-error";
import * as z from "zod";

/**
 * A backup is one gzipped text: a line of JSON about the whole; for each table a line of JSON, its rows in the text
 * format of COPY, and the line `\.`, which no row can equal; at the end the manifest. `zcat` shows it, and psql can
 * load a table from it.
 */

const headSchema = z.object({
  plumbline: z.literal("backup"),
  format: z.literal(1),
  /** The version of the program that wrote it. */
  version: z.string(),
  takenAt: z.string(),
  schemaMs: z.number(),
});

const tableSchema = z.object({ table: z.string(), columns: z.array(z.string()) });

const manifestSchema = z.object({
  manifest: z.object({
    tables: z.record(z.string(), z.object({ rows: z.number(), hash: z.string() })),
    sequences: z.record(z.string(), z.string()),
    secretKeys: z.array(z.string()),
  }),
});

export type BackupHead = z.infer<typeof headSchema>;

const END_OF_TABLE = Buffer.from("\\.");
const CHUNK_BYTES = 65_536;

/**
 * Writes a snapshot to a new file, which gets its name only once it is complete and on the disk.
 * @throws TransferError if a file of that name exists
 */
export async function writeBackup(
  file: string,
  snapshot: Snapshot,
  about: Pick<BackupHead, "version" | "takenAt">,
): Promise<Manifest> {
  const draft = `${file}.unfinished`;
  await rm(draft, { force: true });
  let manifest: Manifest | undefined;
  async function* text() {
    const head = {
      plumbline: "backup",
      format: 1,
      ...about,
      schemaMs: snapshot.schemaMs,
    } satisfies BackupHead;
    yield `${JSON.stringify(head)}\n`;
    for await (const { name, columns, rows } of snapshot.tables) {
      yield `${JSON.stringify({ table: name, columns })}\n`;
      yield* joined(rows);
      yield "\\.\n";
    }
    manifest = await snapshot.manifest();
    yield `${JSON.stringify({ manifest })}\n`;
  }
  try {
    await pipeline(text(), createGzip(), createWriteStream(draft, { flags: "wx", mode: 0o600 }));
    const written = await open(draft, "r");
    await written.sync().finally(() => written.close());
    // Unlike a rename, a link never replaces an existing file.
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw fileExists(file);
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return manifest!;
}

/** The error for a backup file that already exists, because a backup never overwrites a file. */
export const fileExists = (file: string) =>
  new TransferError(`${file} is there already.`, "Name another file with --out, or move it away.");

/** Joins lines into larger buffers. */
async function* joined(lines: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const newline = Buffer.from("\n");
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const line of lines) {
    parts.push(line, newline);
    bytes += line.length + 1;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(parts);
    parts = [];
    bytes = 0;
  }
  yield Buffer.concat(parts);
}

/**
 * Calls `work` with a backup as a snapshot, whose `manifest()` compares it with what was read.
 * @throws TransferError if the file is not a backup, or not complete
 */
export async function withBackup<T>(
  file: string,
  work: (snapshot: Snapshot, head: BackupHead) => Promise<T>,
): Promise<T> {
  const source = createReadStream(file);
  const unzipped = createGunzip();
  // An error of the file ends the reader too, and the other way round.
  source.on("error", (error) => unzipped.destroy(error));
  const lines = linesOf(source.pipe(unzipped));
  try {
    const head = parse(
      headSchema,
      await nextLine(lines),
      "It is no backup of Plumbline, or of a newer version.",
    );
    return await work(readSnapshot(lines, head), head);
  } catch (error) {
    throw isDamage(error) ? damaged("It is cut short, or altered", error) : error;
  } finally {
    source.destroy();
    unzipped.destroy();
  }
}

function readSnapshot(lines: AsyncGenerator<Buffer>, head: BackupHead): Snapshot {
  const sums = new Map<string, RowSums>();
  let last: Buffer | undefined;
  async function* tables() {
    for (;;) {
      const line = await nextLine(lines);
      if (line.toString("utf8", 0, 12) === '{"manifest":') {
        last = line;
        return;
      }
      const { table, columns } = parse(tableSchema, line, "A table does not begin as it should.");
      const sum = new RowSums();
      sums.set(table, sum);
      yield { name: table, columns, rows: summed(rowsOf(lines), sum) };
    }
  }
  return {
    schemaMs: head.schemaMs,
    tables: tables(),
    manifest: async () => {
      const { manifest } = parse(manifestSchema, last, "Its manifest is missing.");
      if (!(await lines.next()).done) throw damaged("Something follows its end");
      const read = Object.fromEntries([...sums].map(([name, sum]) => [name, sum.total()]));
      const wrong = differences(manifest.tables, read);
      if (wrong.length > 0) throw damaged(wrong.join("; "));
      return manifest;
    },
  };
}

async function* rowsOf(lines: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  for (let line = await nextLine(lines); !line.equals(END_OF_TABLE); line = await nextLine(lines)) yield line;
}

async function nextLine(lines: AsyncGenerator<Buffer>): Promise<Buffer> {
  const { value, done } = await lines.next();
  if (done) throw damaged("It is cut short");
  return value;
}

function parse<T>(schema: z.ZodType<T>, line: Buffer | undefined, problem: string): T {
  try {
    return schema.parse(JSON.parse(line?.toString("utf8") ?? ""));
  } catch (error) {
    throw damaged(problem.replace(/\.$/, ""), error);
  }
}

const damaged = (what: string, cause?: unknown) =>
  new TransferError(`The backup cannot be used. ${what}.`, "Take another one.", { cause });

/** Whether the error is the one that unzipping reports for a truncated or altered file. */
const isDamage = (error: unknown): boolean =>
  ["Z_BUF_ERROR", "Z_DATA_ERROR"].includes((error as NodeJS.ErrnoException).code ?? "");
