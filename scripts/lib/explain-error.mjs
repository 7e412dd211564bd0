// What a person at the terminal is told when the app cannot start: what, where, and how to mend it. Never a password.

/** Words for what a Postgres server or the way to it says. Codes: Node's system errors and SQLSTATE. */
const databaseFaults = {
  ECONNREFUSED: (where) => `No database answers at ${where}. Is it running, and is DATABASE_URL right?`,
  ENOTFOUND: (where) => `The database host of ${where} is not known. Check DATABASE_URL.`,
  EAI_AGAIN: (where) =>
    `The database host of ${where} could not be looked up. Check DATABASE_URL and the network.`,
  CONNECT_TIMEOUT: (where) =>
    `The database at ${where} did not answer in time. Check DATABASE_URL and the network.`,
  ETIMEDOUT: (where) =>
    `The database at ${where} did not answer in time. Check DATABASE_URL and the network.`,
  ECONNRESET: (where) =>
    `The connection to the database at ${where} was cut. Does it want another port, or TLS?`,
  "28P01": (where) => `The database at ${where} refused the user or the password of DATABASE_URL.`,
  28000: (where) => `The database at ${where} refused the user of DATABASE_URL (its pg_hba.conf decides).`,
  "3D000": (where) => `There is no such database at ${where}. Create it, or correct DATABASE_URL.`,
  42501: (where) =>
    `The user of DATABASE_URL may not do what the app needs at ${where}: it must own the database.`,
  53300: (where) => `The database at ${where} has no connection left for the app.`,
  "57P03": (where) => `The database at ${where} is still starting. Try again in a moment.`,
};

/**
 * One or two lines for an expected failure of a start, or undefined for one that needs its stack.
 * @param {unknown} error
 * @param {{ databaseUrl?: string }} [context]
 * @returns {string | undefined}
 */
export function explainError(error, { databaseUrl } = {}) {
  for (const cause of causesOf(error)) {
    // By name, not by class: the build and the sources each have their own.
    if (cause.name === "ConfigError") return cause.message;
    if (cause.name === "DataDirInUseError")
      return `${cause.message} Stop it, or set DATA_DIR to another folder.`;
    if (typeof cause.userMessage === "string")
      return [cause.userMessage, cause.hint].filter(Boolean).join(" ");
    if (cause.code === "EADDRINUSE")
      return `Port ${cause.port} is in use. Stop what uses it, or set PORT to another.`;
    if (cause.code === "EACCES" && cause.syscall === "listen")
      return `Port ${cause.port} may not be used by this user.`;
    if (["EACCES", "EPERM", "EROFS", "ENOSPC", "ENOTDIR"].includes(cause.code) && cause.path !== undefined)
      return `${cause.path} cannot be written (${cause.code}). Make it writable, or set DATA_DIR to another folder.`;
    const fault = databaseUrl === undefined ? undefined : databaseFaults[cause.code];
    if (fault !== undefined) return fault(placeOf(databaseUrl));
  }
  return undefined;
}

function causesOf(error) {
  const causes = [];
  for (let cause = error; cause instanceof Error && causes.length < 10; cause = cause.cause) {
    causes.push(cause, ...(cause instanceof AggregateError ? cause.errors : []));
  }
  return causes;
}

/** `host:port/database` of an address. */
function placeOf(databaseUrl) {
  if (!URL.canParse(databaseUrl)) return "the address in DATABASE_URL";
  const { hostname, port, pathname } = new URL(databaseUrl);
  return `${hostname}:${port || 5432}${decodeURIComponent(pathname)}`;
}
