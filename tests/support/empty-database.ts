import { sql } from "drizzle-orm";

import { queryRows, type Db } from "@db/client";

/** A larger table, with its indexes, is given new files; a smaller one is emptied in its own, in a tenth of the time. */
const SMALL_BYTES = 1_000_000;

/**
 * Makes a used database like new: no rows and no planner statistics, which would mislead plans for the next test's
 * tenants.
 * @param db a superuser's handle, with no other session in the database
 */
export async function emptyDatabase(db: Db): Promise<void> {
  const tables = await queryRows<{ name: string; used: boolean; small: boolean }>(
    db,
    sql`select oid::regclass::text as name, pg_relation_size(oid) > 0 as used,
          pg_total_relation_size(oid) < ${SMALL_BYTES} as small
        from pg_class where relkind = 'r' and relnamespace in (${OURS})`,
  );
  const used = tables.filter((table) => table.used);
  if (used.length > 0 && used.every((table) => table.small)) {
    await deleteAll(
      db,
      used.map(({ name }) => name),
    );
  } else if (used.length > 0) {
    await db.execute(sql.raw(`truncate ${tables.map(({ name }) => name).join(", ")}`));
  }
  await db.execute(
    sql`delete from pg_statistic where starelid in (select oid from pg_class where relnamespace in (${OURS}))`,
  );
  await db.execute(sql`
    update pg_class set relpages = 0, reltuples = -1
    where relnamespace in (${OURS}) and relkind in ('r', 'i') and reltuples <> -1`);
}

const OURS = sql`'public'::regnamespace, 'runner'::regnamespace`;

/** Skips the foreign keys' checks: once all rows are gone, they hold. */
async function deleteAll(db: Db, tables: readonly string[]): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`);
    await tx.execute(sql.raw(tables.map((table) => `delete from ${table}`).join("; ")));
  });
  await db.execute(sql.raw(`vacuum ${tables.join(", ")}`));
}
