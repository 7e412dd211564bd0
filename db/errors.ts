/** Reads a database error, whichever layer wrapped it. */

interface PostgresFault {
  code: string;
  message: string;
  constraint: string | undefined;
}

function faultOf(error: unknown): PostgresFault | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const { code, constraint_name: constraint } = cause as { code?: unknown; constraint_name?: string };
    if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code))
      return { code, message: cause.message, constraint };
  }
  return undefined;
}

/**
 * The database's message without the value that it quotes. Only messages of class 22 (data exceptions) quote values, as
 * `invalid input syntax for type uuid: "…"`; all others quote names of tables, columns and constraints.
 */
export const withoutQuotedValue = (code: string, message: string): string =>
  code.startsWith("22") ? message.replace(/"[^]*"/, '"[redacted]"') : message;

/** The SQLSTATE of an error, for example 23505; undefined if the error does not come from the database. */
const sqlStateOf = (error: unknown): string | undefined => faultOf(error)?.code;

/** The server has no slot for another connection (too_many_connections), or will have one soon (cannot_connect_now). */
export const hasNoSlot = (error: unknown): boolean => ["53300", "57P03"].includes(sqlStateOf(error) ?? "");

/** SQLSTATE classes: connection exceptions, and resources that have run out (slots, disk, memory). */
const lostClasses = ["08", "53"];

const lostCodes: ReadonlySet<string> = new Set([
  // The server shuts down, crashed, is starting, closes idle sessions, or became a standby that takes no writes.
  ...["57P01", "57P02", "57P03", "57P05", "25006"],
  // The driver's codes for a connection that was cut or could not be made.
  ...["CONNECTION_CLOSED", "CONNECTION_DESTROYED", "CONNECT_TIMEOUT"],
  // The operating system's codes if nothing answers.
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"],
  ...["ENOENT", "ENOTFOUND", "EAI_AGAIN"],
]);

/**
 * Whether the database is down or refuses connections, whatever the statement: the same statement succeeds once the
 * database is back. A call to an RMM may fail with the same codes, so exclude the RMM's errors first.
 */
export function isDatabaseLost(error: unknown): boolean {
  if (lostClasses.includes(sqlStateOf(error)?.slice(0, 2) ?? "")) return true;
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if (lostCodes.has(String((cause as { code?: unknown }).code))) return true;
  }
  return false;
}

/** Whether the server cancelled a statement (query_canceled): it took too long, or its reader had left. */
export const wasCancelled = (error: unknown): boolean => sqlStateOf(error) === "57014";

/** Whether a statement failed because its key exists already in the unique index of this name. */
export function violatesUnique(error: unknown, index: string): boolean {
  const fault = faultOf(error);
  return fault?.code === "23505" && fault.constraint === index;
}

/**
 * Returns the result of `work`, or that of `otherwise` if another row meanwhile took its key in the unique index
 * `index`.
 * @throws every other error of `work`
 */
export async function onUniqueViolation<T>(
  index: string,
  work: () => Promise<T>,
  otherwise: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (violatesUnique(error, index)) return otherwise();
    throw error;
  }
}

/**
 * Whether the written data caused the error, so that every further attempt fails too: class 22 (bad value), 23 (broken
 * constraint) and 54 (a program limit, such as the size of an index row).
 */
export function isDataError(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code !== undefined && ["22", "23", "54"].includes(code.slice(0, 2));
}

/**
 * Whether two transactions collided (a deadlock, a serialization failure, the same new alert twice): a repetition is
 * likely to succeed.
 */
export function isConflict(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code === "40P01" || code === "40001" || violatesUnique(error, "rmm_alerts_external_key");
}

/** The database's own message, without the statement and its values. */
export function describeDataError(error: unknown): string {
  const fault = faultOf(error);
  return fault === undefined
    ? "refused by the database"
    : `refused by the database (${fault.code}): ${withoutQuotedValue(fault.code, fault.message)}`;
}
