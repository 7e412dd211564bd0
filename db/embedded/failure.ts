/** The folder's disk is full. Stored data is intact: the database continues from there once there is room. */
export class NoSpaceLeftError extends Error {
  override readonly name = "NoSpaceLeftError";
  readonly userMessage: string;
  readonly hint = "Make room on its disk and start again: nothing that was stored is lost.";
  constructor(dataDir: string, cause: unknown) {
    super(`No space left in ${dataDir}.`, { cause });
    this.userMessage = this.message;
  }
}

/** The embedded database does not start, or has ended under us, for this reason of its own. */
export class EmbeddedFailedError extends Error {
  override readonly name = "EmbeddedFailedError";
}

/** SQLSTATE of a full disk, and the system's words for one and for a quota that is used up. */
const FULL = ["53100", "ENOSPC", "EDQUOT"];
const FULL_TEXT = /no space left on device|disk quota exceeded/i;

/** Whether a full disk caused an error, whichever layer wrapped it. */
function isDiskFull(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const { code } = cause as { code?: unknown };
    if ((typeof code === "string" && FULL.includes(code)) || FULL_TEXT.test(cause.message)) return true;
  }
  return false;
}

/** An error of an embedded database, with a message about the full disk if that caused it. */
export const namedFailure = (dataDir: string | undefined, error: unknown): unknown =>
  dataDir !== undefined && isDiskFull(error) ? new NoSpaceLeftError(dataDir, error) : error;
