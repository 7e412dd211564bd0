import { sql } from "drizzle-orm";

import { queryRows, type Db } from "../client";
import { knownMigrationsMs, migrateTo } from "../migrate";
import { ensureTenantRole } from "../tenant-role";
import { listForeignKeys, listTables, putSequences, type TableShape } from "./catalog";
import { RowSums, valuesOf } from "./copy-text";
import { differences, readRows, useForLong, type Manifest, type Snapshot } from "./snapshot";
import { TransferError } from "./transfer-error";

/** The most rows of a statement, and its approximate limit in bytes. */
const BATCH_ROWS = 2_000;
const BATCH_BYTES = 1_000_000;

/**
 * Fills an empty database with a snapshot: schema, rows and sequences. One transaction writes everything, reads all
 * rows back and compares them before it commits, so an interruption leaves the target as empty as before. Returns the
 * snapshot's manifest.
 * @throws TransferError if the target holds tables of ours, or the snapshot is incomplete or of an unknown version
 */
export async function loadSnapshot(db: Db, snapshot: Snapshot): Promise<Manifest> {
  refuseOtherVersion(snapshot.schemaMs);
  await refuseFullTarget(db);
  await ensureTenantRole(db);
  return db.transaction(async (tx) => {
    await useForLong(tx);
    await refuseFullTarget(tx);
    await migrateTo(tx, snapshot.schemaMs);
    const shapes = new Map((await listTables(tx)).map((shape) => [shape.name, shape]));
    // Some migrations insert rows, which the snapshot contains too.
    await tx.execute(sql.raw(`truncate ${[...shapes.keys()].join(", ")}`));
    await withoutRules(tx, [...shapes.keys()], async () => {
      for await (const { name, columns, rows } of snapshot.tables)
        await insertRows(tx, shapeFor(shapes, name, columns), rows);
    });
    const manifest = await snapshot.manifest();
    await putSequences(tx, manifest.sequences);
    const wrong = differences(manifest.tables, await sumTables(tx, [...shapes.values()]));
    if (wrong.length > 0)
      throw new TransferError(
        `What was written differs from what was read: ${wrong.join("; ")}.`,
        "Nothing was kept. Try again, and keep the source.",
      );
    return manifest;
  });
}

/**
 * Refuses a database that has tables of ours, because its rows would mix with the snapshot's.
 * @throws TransferError
 */
export async function refuseFullTarget(db: Db): Promise<void> {
  const tables = await listTables(db);
  if (tables.length === 0) return;
  throw new TransferError(
    `The target holds a Plumbline database already (${tables.length} tables).`,
    "Name an empty database: nothing is ever written over one that is there.",
  );
}

/**
 * Refuses a schema that this version has never had.
 * @param schemaMs the time of its last migration, in ms since 1970
 * @throws TransferError
 */
export function refuseOtherVersion(schemaMs: number): void {
  if (knownMigrationsMs().includes(schemaMs)) return;
  throw new TransferError(
    "It is of another version of Plumbline, which this one does not know.",
    "Install the version that it was made with, or a newer one.",
  );
}

/** The sums of all rows of the given tables, as the database now holds them. */
async function sumTables(tx: Db, shapes: TableShape[]): Promise<Manifest["tables"]> {
  const sums: Manifest["tables"] = {};
  for (const shape of shapes) {
    const sum = new RowSums();
    for await (const row of readRows(tx, shape)) sum.add(row);
    sums[shape.name] = sum.total();
  }
  return sums;
}

function shapeFor(shapes: Map<string, TableShape>, name: string, columns: string[]): TableShape {
  const shape = shapes.get(name);
  if (shape === undefined || [...shape.columns].sort().join() !== [...columns].sort().join())
    throw new TransferError(
      `The table ${name} is not what this version's schema says.`,
      "Somebody has changed the schema by hand: undo that, and try again.",
    );
  const types = columns.map((column) => shape.types[shape.columns.indexOf(column)]!);
  return { ...shape, columns, types };
}

/**
 * Lets `work` insert rows in any order and unchanged. Drops the foreign keys meanwhile and checks them when it restores
 * them; disables triggers, because they would derive rows that the snapshot contains. Needs the rights of the tables'
 * owner, not those of a superuser.
 */
async function withoutRules(tx: Db, tables: string[], work: () => Promise<void>): Promise<void> {
  const run = (statement: string) => tx.execute(sql.raw(statement));
  const keys = await listForeignKeys(tx);
  for (const { table, name } of keys) await run(`alter table ${table} drop constraint ${name}`);
  for (const table of tables) await run(`alter table ${table} disable trigger user`);
  await work();
  for (const table of tables) await run(`alter table ${table} enable trigger user`);
  for (const { table, name, definition } of keys)
    await run(`alter table ${table} add constraint ${name} ${definition}`);
}

async function insertRows(tx: Db, shape: TableShape, rows: AsyncIterable<Buffer>): Promise<void> {
  const { name, columns, types } = shape;
  const fields = columns.map((_, at) => `v${at}`);
  const target = sql.raw(
    `insert into ${name} (${columns.join(", ")}) overriding system value
     select ${fields.map((field, at) => `${field}::${types[at]}`).join(", ")} from unnest(`,
  );
  let batch: string[][] = [];
  let bytes = 0;
  const flush = async () => {
    if (batch.length === 0) return;
    const arrays = columns.map((_, at) => sql`${sql.param(batch.map((values) => values[at]))}::text[]`);
    batch = [];
    bytes = 0;
    await queryRows(tx, sql`${target}${sql.join(arrays, sql`, `)}) as r(${sql.raw(fields.join(", "))})`);
  };
  for await (const row of rows) {
    batch.push(valuesOf(row) as string[]);
    bytes += row.length;
    if (batch.length >= BATCH_ROWS || bytes >= BATCH_BYTES) await flush();
  }
  await flush();
}
