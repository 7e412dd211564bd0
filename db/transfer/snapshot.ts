import type { Readable } from "node:stream";

import { sql } from "drizzle-orm";
import type { TransactionSql } from "postgres";

import { queryRows, type Db } from "../client";
import { lastMigrationMs } from "../migrate";
import { listSecretKeys, listTables, readSequences, type TableShape } from "./catalog";
import { linesOf, RowSums, summed, type TableSum } from "./copy-text";

/** A whole database, apart from its rows. */
export interface Manifest {
  tables: Record<string, TableSum>;
  sequences: Record<string, string>;
  /** Ids of the keys that its secrets are sealed under. */
  secretKeys: string[];
}

/** A whole database as it is copied: from a database, or from a file. */
export interface Snapshot {
  /** When the last migration that it has was made: the version of its schema. */
  schemaMs: number;
  /** Each table once. The rows of one are read before the next is asked for. */
  tables: AsyncIterable<{ name: string; columns: string[]; rows: AsyncIterable<Buffer> }>;
  /** Once all rows were read. */
  manifest(): Promise<Manifest>;
}

/** Blocks (of 8 kB) that are read at a time, because the embedded database holds a whole answer in memory. */
const SLICE_BLOCKS = 512;

/**
 * Lets `work` read the whole database as it is at one instant, while others go on writing to it.
 * @throws the database's errors
 */
export const withSnapshot = <T>(db: Db, work: (snapshot: Snapshot) => Promise<T>): Promise<T> =>
  db.transaction(
    async (tx) => {
      await useForLong(tx);
      const schemaMs = await lastMigrationMs(tx);
      const shapes = await listTables(tx);
      const sums = new Map<string, RowSums>();
      async function* tables() {
        for (const shape of shapes) {
          const sum = new RowSums();
          sums.set(shape.name, sum);
          yield { name: shape.name, columns: shape.columns, rows: summed(readRows(tx, shape), sum) };
        }
      }
      return work({
        schemaMs,
        tables: tables(),
        manifest: async () => ({
          tables: Object.fromEntries([...sums].map(([name, sum]) => [name, sum.total()])),
          sequences: await readSequences(tx),
          secretKeys: await listSecretKeys(tx),
        }),
      });
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );

/** How values are written, whatever the server and role say; and no bound, since a whole table takes its time. */
export async function useForLong(tx: Db): Promise<void> {
  await tx.execute(
    sql`select set_config('datestyle', 'ISO, MDY', true), set_config('timezone', 'UTC', true),
          set_config('intervalstyle', 'postgres', true), set_config('extra_float_digits', '1', true),
          set_config('bytea_output', 'hex', true), set_config('statement_timeout', '0', true),
          set_config('lock_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)`,
  );
}

/** The rows of a table, in the order in which they are stored. */
export async function* readRows(tx: Db, { columns, parts }: TableShape): AsyncGenerator<Buffer> {
  const list = columns.join(", ");
  for (const part of parts) {
    const [size] = await queryRows<{ blocks: number }>(
      tx,
      sql`select (pg_relation_size(${part}::regclass) / current_setting('block_size')::int)::int as blocks`,
    );
    for (let from = 0; from < size!.blocks; from += SLICE_BLOCKS) {
      const slice = `select ${list} from ${part} where ctid >= '(${from},0)' and ctid < '(${from + SLICE_BLOCKS},0)'`;
      yield* linesOf(await copyOut(tx, `copy (${slice}) to stdout`));
    }
  }
}

/** The driver's own handle of a transaction, because drizzle has no COPY. */
async function copyOut(tx: Db, statement: string): Promise<Readable> {
  const { client } = tx._.session as unknown as { client: TransactionSql };
  return client.unsafe(statement).readable();
}

/** How many rows of each table differ from what they should be; none when all is well. */
export function differences(expected: Manifest["tables"], found: Manifest["tables"]): string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort();
  return names.flatMap((name) => {
    const [before, after] = [expected[name], found[name]];
    if (before === undefined || after === undefined) return [`${name} is on one side only`];
    if (before.rows !== after.rows) return [`${name}: ${after.rows} of ${before.rows} rows`];
    return before.hash === after.hash ? [] : [`${name}: a value differs`];
  });
}
