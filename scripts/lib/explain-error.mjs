/**
 * Explains to the person at the terminal why the app cannot start, and what to do. Recognizes errors by name, not by
 * class, because the build and the sources each have their own classes.
 * @param {unknown} error
 * @returns {string | undefined} undefined for an unexpected error, whose stack should be printed
 */
export function explainError(error) {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name === "ConfigError") return cause.message;
    if (cause.name === "DataDirInUseError")
      return `${cause.message} Stop it, or set DATA_DIR to another folder.`;
    if (typeof cause.userMessage === "string")
      return [cause.userMessage, cause.hint].filter(Boolean).join(" ");
    // The driver's message contains the statement's values: secrets and whole records.
    if ("query" in cause && "params" in cause && cause.cause instanceof Error)
      return explainError(cause.cause) ?? `The database refused a statement: ${cause.cause.message}.`;
    const explain = systemErrors[cause.code];
    if (explain !== undefined) return explain(cause);
  }
  return undefined;
}

/** A command may have named the file with --out; everything else is written below DATA_DIR. */
const unwritable = ({ path, code }) =>
  `${path} cannot be written (${code}). Make it writable, or name another place with --out or DATA_DIR.`;

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
