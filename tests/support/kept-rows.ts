import { sql } from "drizzle-orm";

import { queryRows, type Db } from "@db/client";

/** The rows of a database, by table, as JSON. */
export type KeptRows = { table: string; columns: string; rows: string }[];

/** Reads all rows of a small database, so that other databases can start with them. */
export async function keepRows(db: Db): Promise<KeptRows> {
  const tables = await queryRows<{ name: string; columns: string }>(
    db,
    // Leaves out rows that the database derives from others or whose generated ids would clash.
    sql`select oid::regclass::text as name, (
          select string_agg(quote_ident(attname), ', ') from pg_attribute
          where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = '') as columns
        from pg_class
        where relkind = 'r' and relnamespace in ('public'::regnamespace, 'runner'::regnamespace)
          and pg_relation_size(oid) > 0 and relname <> 'stale_patches'`,
  );
  const each = tables.map(
    ({ name, columns }) =>
      `select '${name}' as "table", '${columns}' as columns, json_agg(t)::text as rows from ${name} t having count(*) > 0`,
  );
  return queryRows<KeptRows[number]>(db, sql.raw(each.join(" union all ")));
}

/**
 * Inserts the rows into an empty database in one statement, so that foreign keys are checked only once all rows are
 * there.
 */
export async function putRows(db: Db, kept: KeptRows): Promise<void> {
  const inserts = kept.map(
    ({ table, columns, rows }, n) =>
      sql`${sql.raw(`t${n} as (insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, `)}${rows}::text::json))`,
  );
  await db.execute(sql`with ${sql.join(inserts, sql`, `)} select 1`);
}
