import type { Readable } from "node:stream";

import { sql } from "drizzle-orm";
import type { TransactionSql } from "postgres";

import { queryRows, type Db } from "../client";
import { lastMigrationMs } from "../migrate";
import { listSecretKeys, listTables, readSequences, type TableShape } from "./catalog";
import { linesOf, RowSums, summed, type TableSum } from "./copy-text";

/** What a snapshot contains besides rows, with the sums to check the rows by. */
export interface Manifest {
  tables: Record<string, TableSum>;
  sequences: Record<string, string>;
  /** The ids of the keys that seal its secrets. */
  secretKeys: string[];
}

/** A whole database to be copied, read from a database or from a file. */
export interface Snapshot {
  /** When its last migration was made, in ms since 1970: the version of its schema. */
  schemaMs: number;
  /** Each table once. Read all rows of one table before asking for the next. */
  tables: AsyncIterable<{ name: string; columns: string[]; rows: AsyncIterable<Buffer> }>;
  /** Complete only after all rows were read. */
  manifest(): Promise<Manifest>;
}

/** How many blocks (of 8 kB) one statement reads. The embedded database holds a whole answer in memory. */
const SLICE_BLOCKS = 512;

/**
 * Lets `work` read the whole database as it is at one instant, while others keep writing to it.
 * @throws the database's errors, and whatever `work` throws
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

/**
 * Fixes the text form of values, whatever the server and role set, and lifts all time limits, because a whole table
 * takes long.
 */
export async function useForLong(tx: Db): Promise<void> {
  await tx.execute(
    sql`select set_config('datestyle', 'ISO, MDY', true), set_config('timezone', 'UTC', true),
          set_config('intervalstyle', 'postgres', true), set_config('extra_float_digits', '1', true),
          set_config('bytea_output', 'hex', true), set_config('statement_timeout', '0', true),
          set_config('lock_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)`,
  );
}

/** The rows of a table in COPY's text format, in the order in which the table stores them. */
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

/** Uses the driver's own handle of the transaction, because drizzle offers no COPY. */
async function copyOut(tx: Db, statement: string): Promise<Readable> {
  const { client } = tx._.session as unknown as { client: TransactionSql };
  return client.unsafe(statement).readable();
}

/** A sentence for each table whose rows differ from what they should be; empty if none do. */
export function differences(expected: Manifest["tables"], found: Manifest["tables"]): string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort();
  return names.flatMap((name) => {
    const [before, after] = [expected[name], found[name]];
    if (before === undefined || after === undefined) return [`${name} is on one side only`];
    if (before.rows !== after.rows) return [`${name}: ${after.rows} of ${before.rows} rows`];
    return before.hash === after.hash ? [] : [`${name}: a value differs`];
  });
}
