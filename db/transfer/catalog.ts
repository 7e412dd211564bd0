import { sql } from "drizzle-orm";

import { queryRows, type Db } from "../client";
import { ownTableNames } from "../own-tables";

/** A table to be copied. All names are quoted as SQL needs them. */
export interface TableShape extends Record<string, unknown> {
  /** The table's name with its schema. */
  name: string;
  /** Without generated columns, which the database computes. */
  columns: string[];
  types: string[];
  /** The tables that hold its rows: itself, or its partitions. */
  parts: string[];
}

/** Our tables and the runner's, ordered by name. None if the database has never been migrated. */
export const listTables = (db: Db): Promise<TableShape[]> =>
  queryRows<TableShape>(
    db,
    sql`select format('%I.%I', n.nspname, c.relname) as name,
          (select json_agg(quote_ident(a.attname) order by a.attnum) from pg_attribute a
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
          (select json_agg(format_type(a.atttypid, a.atttypmod) order by a.attnum) from pg_attribute a
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as types,
          (select json_agg(t.relid::regclass::text order by t.relid) from (
             select c.oid::regclass as relid where c.relkind = 'r'
             union all select relid from pg_partition_tree(c.oid) where isleaf and c.relkind = 'p') t) as parts
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and not c.relispartition
          and (n.nspname = 'runner' or n.nspname = 'public' and c.relname in ${ownTableNames})
        order by 1`,
  );

/** The last value of each of our sequences, by name. Leaves out sequences that have not given a value yet. */
export async function readSequences(db: Db): Promise<Record<string, string>> {
  const rows = await queryRows<{ name: string; value: string | null }>(
    db,
    sql`select format('%I.%I', schemaname, sequencename) as name, last_value::text as value from pg_sequences
        where schemaname in ('public', 'runner')
          and (schemaname = 'runner' or exists (
            select from pg_depend d join pg_class t on t.oid = d.refobjid
            where d.objid = format('%I.%I', schemaname, sequencename)::regclass and d.deptype in ('a', 'i')
              and t.relname in ${ownTableNames}))
        order by 1`,
  );
  return Object.fromEntries(rows.flatMap(({ name, value }) => (value === null ? [] : [[name, value]])));
}

/** Sets each sequence to its last value, so that it continues from there. */
export async function putSequences(db: Db, values: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(values))
    await db.execute(sql`select setval(${name}::regclass, ${value}::bigint, true)`);
}

/** A foreign key: its table and name, quoted, and its definition as SQL. */
export interface ForeignKey extends Record<string, unknown> {
  table: string;
  name: string;
  definition: string;
}

/** The foreign keys of our tables and the runner's, ordered by table and name. */
export const listForeignKeys = (db: Db): Promise<ForeignKey[]> =>
  queryRows<ForeignKey>(
    db,
    sql`select format('%I.%I', n.nspname, c.relname) as "table", quote_ident(k.conname) as name,
          pg_get_constraintdef(k.oid) as definition
        from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
        where k.contype = 'f' and k.conparentid = 0
          and (n.nspname = 'runner' or n.nspname = 'public' and c.relname in ${ownTableNames})
        order by 1, 2`,
  );

/** The ids of the keys that seal stored secrets, from each table that names one, ordered. */
export async function listSecretKeys(db: Db): Promise<string[]> {
  const columns = await queryRows<{ table: string }>(
    db,
    sql`select format('%I.%I', table_schema, table_name) as "table" from information_schema.columns
        where table_schema = 'public' and column_name = 'key_id' and table_name in ${ownTableNames}`,
  );
  if (columns.length === 0) return [];
  const each = columns.map(
    ({ table }) => sql`select distinct key_id from ${sql.raw(table)} where key_id is not null`,
  );
  const rows = await queryRows<{ key_id: string }>(db, sql`${sql.join(each, sql` union `)} order by 1`);
  return rows.map((row) => row.key_id);
}
