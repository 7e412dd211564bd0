import path from "node:path";

import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { PgDialect } from "drizzle-orm/pg-core";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";

import { queryRows, type DatabaseConnection, type Db } from "./client";
import { ensureTenantRole, mendTenantAccess } from "./tenant-role";

/** Any number will do, as long as it is ours. */
const MIGRATION_LOCK = 7_203_118_441;

const migrationsFolder = () => path.resolve("db/migrations");

/**
 * Brings the schema up to date, and what tenants' transactions need of the server. On a server it holds an advisory
 * lock, so that processes started together do not migrate at once; the embedded database belongs to one process already.
 * @param connection to a server: of one session, since the lock is the session's
 * @throws when a migration fails; nothing of that migration is kept. TenantRoleError where the app may not act for tenants,
 * NewerDatabaseError
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

/** Migrations of this code that the database does not have yet. */
export async function countPendingMigrations(db: Db): Promise<number> {
  const lastMs = await lastMigrationMs(db);
  return knownMigrationsMs().filter((ms) => ms > lastMs).length;
}

/**
 * Brings an empty database to the schema as one migration left it.
 * @param lastMs when that migration was made
 * @param db may be a transaction, so that schema and rows appear together
 */
export async function migrateTo(db: Db, lastMs: number): Promise<void> {
  const migrations = readMigrationFiles({ migrationsFolder: migrationsFolder() });
  const upTo = migrations.filter(({ folderMillis }) => folderMillis <= lastMs);
  // The session of a transaction begins others on the connection, where a savepoint is meant.
  const session: object = Object.create(db._.session, {
    transaction: { value: (work: (tx: Db) => Promise<void>) => db.transaction(work) },
  });
  await new PgDialect().migrate(upTo, session as Parameters<PgDialect["migrate"]>[1], {
    migrationsFolder: migrationsFolder(),
  });
}

/** When each migration of this code was made, the latest last. */
export const knownMigrationsMs = (): number[] =>
  readMigrationFiles({ migrationsFolder: migrationsFolder() }).map(({ folderMillis }) => folderMillis);

/** When the latest migration that the database has was made; 0 before the first. */
export async function lastMigrationMs(db: Db): Promise<number> {
  const [last] = await queryRows<{ at: number | null }>(
    db,
    sql`select max(created_at)::float8 as at from drizzle.__drizzle_migrations`,
  );
  return last?.at ?? 0;
}

/** The database was migrated by a newer version of this code, which an older one would spoil. */
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
