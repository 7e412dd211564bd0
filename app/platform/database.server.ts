import { connectPools, connectPostgres, type DatabaseConnection } from "@db/client";
import { namedFailure, NoSpaceLeftError } from "@db/embedded/failure";
import { DataDirInUseError, DataDirUnlockableError } from "@db/embedded/lock";
import { openEmbedded } from "@db/embedded/open";
import { hasNoSlot } from "@db/errors";
import { migrateToLatest, NewerDatabaseError } from "@db/migrate";
import { readPoolSize, refuseUnfitServer, UnfitServerError } from "@db/server-check";
import { TenantRoleError } from "@db/tenant-role";

import type { Log } from "./ports";

/** The database cannot be used. The message names the database without its password. */
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
export async function openDatabase(
  config: { databaseUrl: string | undefined; dataDir: string; databasePoolMax?: number | undefined },
  log?: Pick<Log, "warn">,
): Promise<DatabaseConnection> {
  if (config.databaseUrl === undefined) return openFolder(config.dataDir, migrateToLatest);
  const url = config.databaseUrl;
  return atServer(url, log, async (first) => {
    await migrateToLatest(first);
    const size = config.databasePoolMax ?? (await readPoolSize(first.db));
    await first.close();
    return connectPools(url, size);
  });
}

/**
 * Opens the named database without migrating it, whatever version its schema has, if any. Uses a single connection, for
 * copying.
 * @throws DatabaseUnavailableError, DataDirInUseError, NoSpaceLeftError
 */
export async function openAsIs(
  config: { databaseUrl: string | undefined; dataDir: string },
  log?: Pick<Log, "warn">,
): Promise<DatabaseConnection> {
  if (config.databaseUrl === undefined) return openFolder(config.dataDir, async () => {});
  return atServer(config.databaseUrl, log, async (connection) => connection);
}

/**
 * Runs `work` on the first connection to the server, which it refuses if it is unfit. Closes the connection if anything
 * fails.
 * @throws DatabaseUnavailableError
 */
async function atServer<T>(
  url: string,
  log: Pick<Log, "warn"> | undefined,
  work: (first: DatabaseConnection) => Promise<T>,
): Promise<T> {
  let first: DatabaseConnection | undefined;
  try {
    first = connectPostgres(url, {
      poolSize: 1,
      slotWait: { waitMs: START_WAIT_MS, onWait: sayThatItWaits(log) },
    });
    await refuseUnfitServer(first.db);
    return await work(first);
  } catch (error) {
    await first?.close();
    throw new DatabaseUnavailableError(withoutPassword(url), error, hintOf(error));
  }
}

/** Milliseconds to wait for a free slot: other processes release theirs within this time, or never. */
const START_WAIT_MS = 120_000;

/** Logs the first refusal and then every tenth, because a line for each would be too many. */
function sayThatItWaits(log: Pick<Log, "warn"> | undefined): (retryMs: number) => void {
  let refusals = 0;
  return (retryMs) => {
    if (refusals++ % 10 === 0)
      log?.warn({ retryMs }, "The database server has no slot for another connection; it is tried again");
  };
}

function hintOf(error: unknown): string {
  if (error instanceof TenantRoleError)
    return `Have an administrator of the server run, in this database:\n${error.statements.map((line) => `  ${line}`).join("\n")}`;
  if (error instanceof UnfitServerError) return error.remedy;
  if (error instanceof NewerDatabaseError)
    return "Install that version again, or restore the backup that was taken before the upgrade.";
  if (hasNoSlot(error))
    return "All of the server's slots stayed taken for two minutes: end what holds them, or allow more (max_connections, or connection limit of the role or database).";
  return "Check DATABASE_URL, and that the server runs and lets this user in.";
}

async function openFolder(
  dataDir: string,
  prepare: (embedded: DatabaseConnection) => Promise<void>,
): Promise<DatabaseConnection> {
  let embedded: DatabaseConnection | undefined;
  try {
    embedded = await openEmbedded({ dataDir });
    await prepare(embedded);
    return embedded;
  } catch (thrown) {
    await embedded?.close();
    const error = namedFailure(dataDir, thrown);
    // For a folder that is open elsewhere, full, or not writable, the error itself explains the cause.
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
