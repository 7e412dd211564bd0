import { sql } from "drizzle-orm";

import { queryRows, type Db } from "@db/client";

/** The rows of a database, by table, as JSON. */
export type KeptRows = { table: string; rows: string }[];

/** Reads all rows of a small database, to begin others with. */
export async function keepRows(db: Db): Promise<KeptRows> {
  const tables = await queryRows<{ name: string }>(
    db,
    sql`select oid::regclass::text as name from pg_class
        where relkind = 'r' and relnamespace in ('public'::regnamespace, 'runner'::regnamespace)
          and pg_relation_size(oid) > 0`,
  );
  const each = tables.map(
    ({ name }) => `select '${name}' as "table", json_agg(t)::text as rows from ${name} t having count(*) > 0`,
  );
  return queryRows<KeptRows[number]>(db, sql.raw(each.join(" union all ")));
}

/** Puts them into an empty one, in one statement: the foreign keys are looked at when all rows are there. */
export async function putRows(db: Db, kept: KeptRows): Promise<void> {
  const inserts = kept.map(
    ({ table, rows }, n) =>
      sql`${sql.raw(`t${n} as (insert into ${table} select * from json_populate_recordset(null::${table}, `)}${rows}::text::json))`,
  );
  await db.execute(sql`with ${sql.join(inserts, sql`, `)} select 1`);
}
