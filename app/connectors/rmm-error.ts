/** Why a call to an RMM failed. Retries and run status depend on this code, never on a message. */
export type RmmErrorCode =
  /** 401: the key is wrong, revoked or deleted. */
  | "invalid_api_key"
  /** The stored key cannot be decrypted because APP_SECRET changed, so no call was made. */
  | "sealed_key"
  /** 403: the key may not read or write this resource. */
  | "forbidden"
  /** 404 on a record or a resource. */
  | "not_found"
  /** 404 on a cursor: the walk has lost its position. */
  | "cursor_lost"
  /** 429 with a wait too long for the call: sleep `retryAfterMs`, then continue. Never a failure. */
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
  /** For the log: the call and its answer. Never the key or the raw body. */
  message: string;
  /** For the person: what went wrong, in a sentence. */
  userMessage: string;
  /** For the person: what to do next. */
  hint: string;
  /**
   * Milliseconds that the provider asks to wait: always with `rate_limited`; with `unreachable` if the provider said
   * so.
   */
  retryAfterMs?: number;
  httpStatus?: number;
  /** Whether a retry may succeed later although the code suggests otherwise. */
  isTransient?: boolean;
  /** Whether the request certainly did not reach the provider. */
  isUnsent?: boolean;
  cause?: unknown;
}

/** The failure of a call to an RMM; see `RmmErrorOptions` for its fields. */
export class RmmError extends Error {
  override readonly name = "RmmError";
  readonly code: RmmErrorCode;
  readonly userMessage: string;
  readonly hint: string;
  readonly retryAfterMs: number | undefined;
  readonly httpStatus: number | undefined;
  readonly isTransient: boolean;
  readonly isUnsent: boolean;

  constructor(options: RmmErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.userMessage = options.userMessage;
    this.hint = options.hint;
    this.retryAfterMs = options.retryAfterMs;
    this.httpStatus = options.httpStatus;
    this.isTransient = options.isTransient ?? false;
    this.isUnsent = options.isUnsent ?? false;
  }
}

/** Compares names, not classes, because the bundle and the sources may both be loaded. */
export const isRmmError = (error: unknown): error is RmmError =>
  error instanceof Error && error.name === "RmmError";
