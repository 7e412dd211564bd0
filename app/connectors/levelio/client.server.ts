import { setTimeout as sleepFor } from "node:timers/promises";

import { createFetch } from "ofetch";

import { backOffMs } from "@domain/exponential-wait";
import { retryAfterMs } from "@domain/retry-after";
import { isRmmError, type RmmError } from "~/connectors/rmm-error";
import type { ProviderOptions } from "~/connectors/rmm-provider";
import type { RequestSlot } from "~/connectors/request-slots";

import * as errors from "./errors";
import { LostTime } from "./lost-time";
import { BodyTooLargeError, readBody } from "./read-body.server";

/** The options of calls. All except the account have defaults; tests pass their own clock, random numbers and fetch. */
export interface LevelClientOptions extends ProviderOptions {
  fetch?: typeof globalThis.fetch;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  random?: () => number;
  now?: () => Date;
  /** Milliseconds of one attempt, from connecting to the last byte. Connecting alone times out after 10 s (undici). */
  timeoutMs?: number;
  maxBodyBytes?: number;
}

interface LevelRequest extends errors.Asked {
  query?: Record<string, string>;
  /** Sent as JSON. */
  body?: Record<string, unknown>;
  /** The path to call, if the path in messages leaves a secret out. */
  secretPath?: string;
  /** Sends no API key. */
  isAnonymous?: boolean;
  /** A second call would do harm: makes one attempt, and any 2xx except a web page is a success, whatever its body. */
  isOnce?: boolean;
  signal?: AbortSignal;
  /** Whether the parsed JSON has the expected shape. */
  isData?: (body: unknown) => boolean;
  /**
   * The account has not answered yet, so an answer that is not data means a wrong URL or proxy. Later it means a
   * temporary fault.
   */
  isFirst?: boolean;
}

export interface LevelAnswer {
  /** Parsed JSON; null for an empty 204. */
  body: unknown;
  /** When the request was sent: the answer was true then or later, never before. */
  observedAt: Date;
}

export type LevelClient = (request: LevelRequest) => Promise<LevelAnswer>;

/**
 * The most attempts of a call that ends in a network error, 408, 5xx, a cut answer or, once the account has returned
 * data, an answer that is not data.
 */
const maxAttempts = 4;
/**
 * The limits of waiting after 429, which is not an error: this many waits, and in total this many times the longest
 * wait.
 */
const maxRateLimitWaits = 20;
const maxRateLimitSum = 6;
const backOff = { baseMs: 500, capMs: 8_000, jitter: 1 };

type Outcome =
  | { kind: "answer"; answer: LevelAnswer }
  | { kind: "fault"; error: RmmError; waitMs: number | null }
  | { kind: "rate_limited"; waitMs: number | null };

/**
 * Makes one call to Level: headers, timeouts, retries, and each failure as an `RmmError`. Knows no resources or paging.
 * Sends the key only to the base URL (follows no redirect) and includes it in no error.
 * @throws RmmError; the signal's reason if the caller aborts
 */
export function createLevelClient(options: LevelClientOptions): LevelClient {
  const { stats, maxWaitMs = 10_000, timeoutMs = 30_000, maxBodyBytes = 32 * 2 ** 20 } = options;
  const { random = Math.random, now = () => new Date() } = options;
  const { sleep = (ms, signal) => sleepFor(ms, undefined, { signal }) } = options;
  const lost = new LostTime();
  const http = createFetch({ fetch: options.fetch ?? globalThis.fetch });
  const baseUrl = options.baseUrl.replace(/(?<!\/)\/+$/, "");
  const apiKey = options.apiKey.trim();

  return async (request) => {
    // The key cannot be sent in a header if it has other characters, and the runtime's error would quote it.
    if (!/^[\x21-\x7e]+$/.test(apiKey))
      throw errors.invalidApiKey(request, "the key has blanks or special characters");
    const slot = await options.slots?.enter(request.signal);
    try {
      return await answerOf(request, slot);
    } finally {
      slot?.leave();
    }
  };

  async function answerOf(request: LevelRequest, slot: RequestSlot | undefined): Promise<LevelAnswer> {
    let faults = 0;
    let rateLimits = 0;
    let rateLimitedMs = 0;
    for (;;) {
      slot?.sent();
      const outcome = await attempt(request);
      if (outcome.kind === "rate_limited") {
        stats.rateLimits++;
        slot?.rateLimited();
      }
      if (outcome.kind === "answer") {
        slot?.answered();
        return outcome.answer;
      }

      let waitMs = outcome.waitMs;
      if (request.isOnce) throw refusalOf(request, outcome);
      const isRateLimit = outcome.kind === "rate_limited";
      if (outcome.kind === "fault") {
        // A longer wait is thrown, so that a caller that can sleep does so.
        if (++faults >= maxAttempts || (waitMs ?? 0) > maxWaitMs) throw outcome.error;
        waitMs ??= Math.min(backOffMs(faults, backOff, random), maxWaitMs);
      } else {
        rateLimits++;
        waitMs ??= backOffMs(rateLimits, { baseMs: 2 * backOff.baseMs, capMs: maxWaitMs, jitter: 1 }, random);
        const tooLong = waitMs > maxWaitMs || rateLimitedMs + waitMs > maxRateLimitSum * maxWaitMs;
        if (tooLong || rateLimits > maxRateLimitWaits)
          throw errors.rateLimited(request, Math.max(waitMs, maxWaitMs));
        rateLimitedMs += waitMs;
        stats.rateLimitedMs += lost.begin(Math.round(performance.now()), waitMs);
      }
      try {
        await sleep(waitMs, request.signal);
      } finally {
        if (isRateLimit) lost.end();
        request.signal?.throwIfAborted();
      }
      stats.retries++;
    }
  }

  async function attempt(request: LevelRequest): Promise<Outcome> {
    request.signal?.throwIfAborted();
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), timeoutMs);
    const abort = () => deadline.abort();
    request.signal?.addEventListener("abort", abort, { once: true });
    const sentAt = now();
    stats.requests++;
    try {
      const response = await http.raw<unknown, "stream">(baseUrl + (request.secretPath ?? request.path), {
        method: request.method,
        query: request.query,
        headers: {
          ...(request.isAnonymous ? {} : { authorization: apiKey }),
          accept: "application/json",
        },
        ...(request.body === undefined ? {} : { body: request.body }),
        redirect: "manual",
        retry: false,
        ignoreResponseError: true,
        responseType: "stream",
        signal: deadline.signal,
      });
      const text = readBody(response._data, maxBodyBytes);
      return judge(request, response, response.ok ? await text : await text.catch(() => ""), sentAt);
    } catch (error) {
      request.signal?.throwIfAborted();
      if (isRmmError(error)) throw error;
      if (error instanceof BodyTooLargeError)
        throw new errors.AnswerTooLargeError(request, maxBodyBytes, error.head, sentAt);
      const what = deadline.signal.aborted ? `no whole answer within ${timeoutMs} ms` : networkFault(error);
      if (!deadline.signal.aborted && neverConnected.has(what))
        return { kind: "fault", error: errors.unsent(request, what), waitMs: null };
      return { kind: "fault", error: errors.unreachable(request, what), waitMs: null };
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", abort);
    }
  }

  function judge(request: LevelRequest, { status, headers }: Response, text: string, sentAt: Date): Outcome {
    const waitMs = retryAfterMs(headers, now());
    if (status === 429) return { kind: "rate_limited", waitMs };
    if (status === 408 || status >= 500)
      return { kind: "fault", error: errors.unreachable(request, String(status), status, waitMs), waitMs };
    if (status >= 300 && status < 400) return notData(request, "points to another address", status);
    if (isHtml(headers, text)) return notData(request, "is a web page, not data", status);
    if (status === 401) throw errors.invalidApiKey(request);
    if (status === 403) throw errors.forbidden(request);
    if (status === 404) throw errors.notFoundError(request);
    if (status >= 400) throw errors.rejected(request, status);
    if (status === 204 || request.isOnce)
      return { kind: "answer", answer: { body: null, observedAt: sentAt } };
    return readJson(request, text, sentAt);
  }
}

/** The system's codes of errors before a connection was made. */
const neverConnected: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const refusalOf = (request: LevelRequest, outcome: Exclude<Outcome, { kind: "answer" }>): RmmError =>
  outcome.kind === "fault"
    ? outcome.error
    : errors.rateLimited(request, outcome.waitMs ?? RATE_LIMIT_REST_MS);

/** Milliseconds to wait after a rate limit that does not say how long. */
const RATE_LIMIT_REST_MS = 60_000;

function readJson(request: LevelRequest, text: string, observedAt: Date): Outcome {
  try {
    const body: unknown = JSON.parse(text);
    if (request.isData?.(body) === false) return notData(request, "is not a list as Level sends it");
    return { kind: "answer", answer: { body, observedAt } };
  } catch (error) {
    if (isRmmError(error)) throw error;
    // JSON without an end was cut in transit: a network error, worth a retry.
    const wasCut = text.trim() === "" || /^\s*[[{]/.test(text);
    if (!wasCut) return notData(request, "is not JSON");
    return { kind: "fault", error: errors.cutShort(request), waitMs: null };
  }
}

/**
 * The outcome of an answer that is not data.
 * @throws RmmError `bad_response` if the account has not answered before
 */
function notData(request: LevelRequest, what: string, status?: number): Outcome {
  if (request.isFirst) throw errors.badResponse(request, what, undefined, status);
  return { kind: "fault", error: errors.momentarilyNotData(request, what, status), waitMs: null };
}

const isHtml = (headers: Headers, text: string): boolean =>
  /\bx?html\b/i.test(headers.get("content-type") ?? "") || /^\s*</.test(text);

/**
 * The system's code of a failed connection ("ECONNREFUSED"). Never the error's text, and never the error as a cause:
 * ofetch's error contains the request with its headers and key.
 */
function networkFault(error: unknown): string {
  let code: string | null = null;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const found = (cause as NodeJS.ErrnoException).code;
    if (typeof found === "string") code = found;
  }
  return code ?? "connection failed";
}
