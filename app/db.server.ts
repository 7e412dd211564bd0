import { connectPostgres, type DatabaseConnection } from "@db/client";
import { openEmbedded } from "@db/embedded/open";
import { migrateToLatest } from "@db/migrate";
import { sql } from "drizzle-orm";

/** The database cannot be used. The message names it without its password. */
export class DatabaseUnavailableError extends Error {
  override readonly name = "DatabaseUnavailableError";
  readonly userMessage: string;
  constructor(where: string, cause: unknown) {
    const reason = reasonOf(cause);
    super(`database ${where}: ${reason}`, { cause });
    this.userMessage = `The database at ${where} refuses: ${reason}. Check DATABASE_URL, and that the server runs and lets this user in.`;
  }
}

/**
 * Opens the database that the configuration names and brings its schema up to date.
 * @throws DatabaseUnavailableError, DataDirInUseError
 */
export async function openDatabase(config: {
  databaseUrl: string | undefined;
  dataDir: string;
}): Promise<DatabaseConnection> {
  if (config.databaseUrl === undefined) {
    const embedded = await openEmbedded({ dataDir: config.dataDir });
    await migrateToLatest(embedded);
    return embedded;
  }
  const connection = connectPostgres(config.databaseUrl);
  try {
    await connection.db.execute(sql`select 1`);
    await migrateToLatest(connection, config.databaseUrl);
    return connection;
  } catch (error) {
    await connection.close();
    throw new DatabaseUnavailableError(withoutPassword(config.databaseUrl), error);
  }
}

function withoutPassword(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}${port === "" ? "" : `:${port}`}${pathname}`;
}

function reasonOf(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  if (!(cause instanceof Error)) return String(cause);
  const code = (cause as { code?: string }).code;
  return cause.message || code || cause.name;
}
