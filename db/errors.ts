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
 * `invalid input syntax for type uuid: "…"`; the others quote names of tables, columns and constraints.
 */
export const withoutQuotedValue = (code: string, message: string): string =>
  code.startsWith("22") ? message.replace(/"[^]*"/, '"[redacted]"') : message;

/** SQLSTATE of an error, e.g. 23505; undefined when it does not come from the database. */
const sqlStateOf = (error: unknown): string | undefined => faultOf(error)?.code;

/** The server has no slot for another connection (too_many_connections), or is about to take some (cannot_connect_now). */
export const hasNoSlot = (error: unknown): boolean => ["53300", "57P03"].includes(sqlStateOf(error) ?? "");

/** SQLSTATE classes: connection exceptions, and resources that have run out (slots, disk, memory). */
const lostClasses = ["08", "53"];

const lostCodes: ReadonlySet<string> = new Set([
  // The server shuts down, crashed, starts, closes what is idle, or has become a standby that takes no writes.
  ...["57P01", "57P02", "57P03", "57P05", "25006"],
  // What the driver says where a connection is cut.
  ...["CONNECTION_CLOSED", "CONNECTION_DESTROYED", "CONNECT_TIMEOUT"],
  // What the operating system says where nothing answers.
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"],
  ...["ENOENT", "ENOTFOUND", "EAI_AGAIN"],
]);

/**
 * The database is down or refuses connections, whatever the statement: the same statement succeeds once it is back. A
 * call to an RMM may fail with the same codes, so exclude its errors first.
 */
export function isDatabaseLost(error: unknown): boolean {
  if (lostClasses.includes(sqlStateOf(error)?.slice(0, 2) ?? "")) return true;
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if (lostCodes.has(String((cause as { code?: unknown }).code))) return true;
  }
  return false;
}

/** A statement was ended before its time: it took too long, or nobody waited for it any more (query_canceled). */
export const wasCancelled = (error: unknown): boolean => sqlStateOf(error) === "57014";

/** Whether a row exists already, according to the unique index of this name. */
export function violatesUnique(error: unknown, index: string): boolean {
  const fault = faultOf(error);
  return fault?.code === "23505" && fault.constraint === index;
}

/**
 * Returns the result of the work; or of `otherwise`, if another row has taken the key of this unique index meanwhile.
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
 * Class 22 (bad value), 23 (broken constraint) and 54 (a program limit, such as the size of an index row): the fault
 * lies in the written data, so every attempt fails alike.
 */
export function isDataError(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code !== undefined && ["22", "23", "54"].includes(code.slice(0, 2));
}

/**
 * A transaction that was in the way of another one (a deadlock, a serialization failure, the same new row twice): the
 * same again is likely to go through.
 */
export function isConflict(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code === "40P01" || code === "40001" || violatesUnique(error, "rmm_alerts_external_key");
}

/** The database's own sentence, without the statement and its values. */
export function describeDataError(error: unknown): string {
  const fault = faultOf(error);
  return fault === undefined
    ? "refused by the database"
    : `refused by the database (${fault.code}): ${withoutQuotedValue(fault.code, fault.message)}`;
}
