/** The disk of the data folder is full. Stored data is intact: the database continues once there is room. */
export class NoSpaceLeftError extends Error {
  override readonly name = "NoSpaceLeftError";
  readonly userMessage: string;
  readonly hint = "Make room on its disk and start again: nothing that was stored is lost.";
  constructor(dataDir: string, cause: unknown) {
    super(`No space left in ${dataDir}.`, { cause });
    this.userMessage = this.message;
  }
}

/** The embedded database does not start, or has ended, for the reason in the message. */
export class EmbeddedFailedError extends Error {
  override readonly name = "EmbeddedFailedError";
}

/** The SQLSTATE of a full disk, and the system's codes for a full disk and a used-up quota. */
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

/**
 * Turns an error of the embedded database into a NoSpaceLeftError if a full disk caused it; returns any other
 * unchanged.
 */
export const namedFailure = (dataDir: string | undefined, error: unknown): unknown =>
  dataDir !== undefined && isDiskFull(error) ? new NoSpaceLeftError(dataDir, error) : error;
