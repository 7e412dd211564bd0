import { connectPostgres, type DatabaseConnection } from "@db/client";
import { namedFailure, NoSpaceLeftError } from "@db/embedded/failure";
import { DataDirInUseError, DataDirUnlockableError } from "@db/embedded/lock";
import { openEmbedded } from "@db/embedded/open";
import { migrateToLatest, NewerDatabaseError } from "@db/migrate";
import { refuseUnfitServer, UnfitServerError } from "@db/server-check";
import { TenantRoleError } from "@db/tenant-role";

/** The database cannot be used. The message names it without its password. */
class DatabaseUnavailableError extends Error {
  override readonly name = "DatabaseUnavailableError";
  readonly userMessage: string;
  constructor(
    where: string,
    cause: unknown,
    readonly hint: string,
  ) {
    const reason = reasonOf(cause).replace(/\.$/, "");
    super(`database ${where}: ${reason}`, { cause });
    this.userMessage = `The database at ${where} refuses: ${reason}.`;
  }
}

/**
 * Opens the database that the configuration names and brings its schema up to date.
 * @throws DatabaseUnavailableError, DataDirInUseError, NoSpaceLeftError
 */
export async function openDatabase(config: {
  databaseUrl: string | undefined;
  dataDir: string;
}): Promise<DatabaseConnection> {
  if (config.databaseUrl === undefined) return openFolder(config.dataDir);
  let connection: DatabaseConnection | undefined;
  try {
    connection = connectPostgres(config.databaseUrl);
    await refuseUnfitServer(connection.db);
    await migrateToLatest(connection, config.databaseUrl);
    return connection;
  } catch (error) {
    await connection?.close();
    throw new DatabaseUnavailableError(withoutPassword(config.databaseUrl), error, hintOf(error));
  }
}

function hintOf(error: unknown): string {
  if (error instanceof TenantRoleError)
    return `Have an administrator of the server run, in this database:\n${error.statements.map((line) => `  ${line}`).join("\n")}`;
  if (error instanceof UnfitServerError) return error.remedy;
  if (error instanceof NewerDatabaseError)
    return "Install that version again, or restore the backup that was taken before the upgrade.";
  return "Check DATABASE_URL, and that the server runs and lets this user in.";
}

async function openFolder(dataDir: string): Promise<DatabaseConnection> {
  let embedded: DatabaseConnection | undefined;
  try {
    embedded = await openEmbedded({ dataDir });
    await migrateToLatest(embedded);
    return embedded;
  } catch (thrown) {
    await embedded?.close();
    const error = namedFailure(dataDir, thrown);
    // A folder that is open elsewhere, full, or cannot be written explains itself.
    if (
      error instanceof NoSpaceLeftError ||
      error instanceof DataDirInUseError ||
      error instanceof DataDirUnlockableError ||
      (error as { syscall?: string }).syscall !== undefined
    )
      throw error;
    if (error instanceof NewerDatabaseError)
      throw new DatabaseUnavailableError(dataDir, error, hintOf(error));
    throw new DatabaseUnavailableError(
      dataDir,
      error,
      "Its files seem to be damaged: put a backup in its place, or set DATA_DIR to another folder.",
    );
  }
}

function withoutPassword(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}${port === "" ? "" : `:${port}`}${pathname}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof TenantRoleError) return error.message;
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  if (!(cause instanceof Error)) return String(cause);
  const code = (cause as { code?: string }).code;
  return cause.message || code || cause.name;
}
