import path from "node:path";

import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { PgDialect } from "drizzle-orm/pg-core";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";

import { queryRows, type DatabaseConnection, type Db } from "./client";
import { ensureTenantRole, mendTenantAccess } from "./tenant-role";

/** Our advisory lock's number; arbitrary. */
const MIGRATION_LOCK = 7_203_118_441;

const migrationsFolder = () => path.resolve("db/migrations");

/**
 * Migrates the schema to this version and mends the access of the tenant role. On a server it holds an advisory lock,
 * so that processes started together do not migrate at once; the embedded database already belongs to one process.
 * @param connection to a server: must be a single session, because the lock belongs to the session
 * @throws TenantRoleError if the app may not act for tenants, NewerDatabaseError, or the error of the migration that
 * failed; the database then keeps nothing of that migration
 */
export async function migrateToLatest({ db, kind }: Pick<DatabaseConnection, "db" | "kind">): Promise<void> {
  if (kind === "embedded") return run(db);
  await db.execute(sql`select pg_advisory_lock(${MIGRATION_LOCK})`);
  try {
    await run(db);
  } finally {
    await db.execute(sql`select pg_advisory_unlock(${MIGRATION_LOCK})`);
  }
}

/** How many migrations of this version the database lacks. */
export async function countPendingMigrations(db: Db): Promise<number> {
  const lastMs = await lastMigrationMs(db);
  return knownMigrationsMs().filter((ms) => ms > lastMs).length;
}

/**
 * Migrates an empty database up to the given migration.
 * @param lastMs when that migration was made, in ms since 1970
 * @param db may be a transaction, so that schema and rows appear together
 */
export async function migrateTo(db: Db, lastMs: number): Promise<void> {
  const migrations = readMigrationFiles({ migrationsFolder: migrationsFolder() });
  const upTo = migrations.filter(({ folderMillis }) => folderMillis <= lastMs);
  // A transaction's session would begin a second transaction on the connection where a savepoint is meant.
  const session: object = Object.create(db._.session, {
    transaction: { value: (work: (tx: Db) => Promise<void>) => db.transaction(work) },
  });
  await new PgDialect().migrate(upTo, session as Parameters<PgDialect["migrate"]>[1], {
    migrationsFolder: migrationsFolder(),
  });
}

/** When each migration of this version was made, in ms since 1970, oldest first. */
export const knownMigrationsMs = (): number[] =>
  readMigrationFiles({ migrationsFolder: migrationsFolder() }).map(({ folderMillis }) => folderMillis);

/** When the database's latest migration was made, in ms since 1970; 0 if it has none. */
export async function lastMigrationMs(db: Db): Promise<number> {
  const [last] = await queryRows<{ at: number | null }>(
    db,
    sql`select max(created_at)::float8 as at from drizzle.__drizzle_migrations`,
  );
  return last?.at ?? 0;
}

/** A newer version migrated the database; this version would damage it. */
export class NewerDatabaseError extends Error {
  override readonly name = "NewerDatabaseError";
  constructor() {
    super("the database was migrated by a newer version of Plumbline");
  }
}

async function refuseNewerDatabase(db: Db): Promise<void> {
  const [journal] = await queryRows<{ exists: boolean }>(
    db,
    sql`select to_regclass('drizzle.__drizzle_migrations') is not null as exists`,
  );
  if (!journal!.exists) return;
  if ((await lastMigrationMs(db)) > Math.max(...knownMigrationsMs())) throw new NewerDatabaseError();
}

async function run(db: Db): Promise<void> {
  await ensureTenantRole(db);
  await refuseNewerDatabase(db);
  await migrate(db as unknown as PostgresJsDatabase, { migrationsFolder: migrationsFolder() });
  await mendTenantAccess(db);
}
