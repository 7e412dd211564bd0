/** Why a call to an RMM did not succeed. Retries and run status are decided by this code, never by a message. */
export type RmmErrorCode =
  /** 401: the key is wrong, revoked or deleted. */
  | "invalid_api_key"
  /** The stored key cannot be opened, and so nothing was asked: it was sealed under another APP_SECRET. */
  | "sealed_key"
  /** 403: the key may not read or write this resource. */
  | "forbidden"
  /** 404 on a record or a resource. */
  | "not_found"
  /** 404 on a cursor: the walk has lost its place. */
  | "cursor_lost"
  /** 429 with a wait too long to sit out: sleep `retryAfterMs`, then go on. Never a failure. */
  | "rate_limited"
  /** No answer: DNS, refused, reset, timed out, or 5xx / 408 after all retries. */
  | "unreachable"
  /** An answer that is not the API's: HTML, cut JSON, a wrong envelope. */
  | "bad_response"
  /** `has_more` with an empty page, or a repeated cursor: the walk would never end. */
  | "endless_list"
  /** Any other 4xx. */
  | "rejected";

export interface RmmErrorOptions {
  code: RmmErrorCode;
  /** For the log: what was asked and what came. Never the key, never the raw body. */
  message: string;
  /** For the person: what went wrong, in a sentence. */
  userMessage: string;
  /** For the person: what to do next. */
  hint: string;
  /** How long the provider asks to wait: with `rate_limited` always, with `unreachable` where it said so. */
  retryAfterMs?: number;
  httpStatus?: number;
  /** Whether the same call may well succeed later, although its code says otherwise. */
  isTransient?: boolean;
  cause?: unknown;
}

export class RmmError extends Error {
  override readonly name = "RmmError";
  readonly code: RmmErrorCode;
  readonly userMessage: string;
  readonly hint: string;
  readonly retryAfterMs: number | undefined;
  readonly httpStatus: number | undefined;
  readonly isTransient: boolean;

  constructor(options: RmmErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.userMessage = options.userMessage;
    this.hint = options.hint;
    this.retryAfterMs = options.retryAfterMs;
    this.httpStatus = options.httpStatus;
    this.isTransient = options.isTransient ?? false;
  }
}

/** By name, not by class: the bundle and the sources may be loaded side by side. */
export const isRmmError = (error: unknown): error is RmmError =>
  error instanceof Error && error.name === "RmmError";
