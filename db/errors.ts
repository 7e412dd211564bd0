/** What a database error says, whichever layer wrapped it. */

interface PostgresFault {
  code: string;
  message: string;
}

function faultOf(error: unknown): PostgresFault | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const { code } = cause as { code?: unknown };
    if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) return { code, message: cause.message };
  }
  return undefined;
}

/** SQLSTATE of an error, e.g. 23505; undefined when it does not come from the database. */
export const sqlStateOf = (error: unknown): string | undefined => faultOf(error)?.code;

/** Class 22 (bad value) and 23 (broken constraint): the fault of what was written, the same at every try. */
export function isDataError(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code !== undefined && (code.startsWith("22") || code.startsWith("23"));
}

/** The database's own sentence, without the statement and its values. */
export function describeDataError(error: unknown): string {
  const fault = faultOf(error);
  return fault === undefined
    ? "refused by the database"
    : `refused by the database (${fault.code}): ${fault.message}`;
}
