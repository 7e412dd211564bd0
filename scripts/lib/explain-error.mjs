/**
 * What a person at the terminal is told when the app cannot start: what is wrong, and how to mend it.
 * Judged by name, not by class: the build and the sources each have their own.
 * @param {unknown} error
 * @returns {string | undefined} undefined for an error nobody expected, which needs its stack
 */
export function explainError(error) {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name === "ConfigError") return cause.message;
    if (cause.name === "DataDirInUseError")
      return `${cause.message} Stop it, or set DATA_DIR to another folder.`;
    if (typeof cause.userMessage === "string")
      return [cause.userMessage, cause.hint].filter(Boolean).join(" ");
    // The message of a failed statement holds the values it was given: secrets and whole records.
    if ("query" in cause && "params" in cause && cause.cause instanceof Error)
      return explainError(cause.cause) ?? `The database refused a statement: ${cause.cause.message}.`;
    const explain = systemErrors[cause.code];
    if (explain !== undefined) return explain(cause);
  }
  return undefined;
}

const unwritable = ({ path, code }) =>
  `${path} cannot be written (${code}). Make it writable, or set DATA_DIR to another folder.`;

const noSpace = ({ path, dest }) =>
  `No space left${(dest ?? path) ? ` for ${dest ?? path}` : ""}. Make room on its disk and start again: nothing that was stored is lost.`;

const notAFolder = ({ path }) =>
  `${path} is a file, not a folder. Remove it, or set DATA_DIR to another folder.`;

const systemErrors = {
  EADDRINUSE: ({ port }) => `Port ${port} is in use. Stop what uses it, or set PORT to another.`,
  EACCES: (error) =>
    error.syscall === "listen" ? `Port ${error.port} may not be used by this user.` : unwritable(error),
  EPERM: unwritable,
  EROFS: unwritable,
  ENOSPC: noSpace,
  EDQUOT: noSpace,
  ENOTDIR: unwritable,
  ENAMETOOLONG: unwritable,
  ELOOP: unwritable,
  EEXIST: (error) => (error.syscall === "mkdir" ? notAFolder(error) : undefined),
  ENOENT: (error) => (error.syscall === "mkdir" ? unwritable(error) : undefined),
};
