import { RmmError } from "~/connectors/rmm-error";

import { nameOf, type LevelResource } from "./resources";

/** All errors of calls to Level, each with a sentence for the person and what to do next. Never the key. */

const keysScreen = "Level's Settings → API keys";
const checkBaseUrl = "Check LEVELIO_API_BASE_URL: Level's API is at https://api.level.io.";

export interface Asked {
  resource: LevelResource;
  method: "GET" | "POST";
  /** The path as messages name it, never with a secret in it. */
  path: string;
}

const said = ({ method, path }: Asked, what: string): string => `${method} ${path}: ${what}`;

export const invalidApiKey = (asked: Asked, what = "401") =>
  new RmmError({
    code: "invalid_api_key",
    message: said(asked, what),
    userMessage: "Level answered: invalid API key.",
    hint: `The key is mistyped, regenerated or deleted. Copy a key from ${keysScreen} and save it here, without "Bearer".`,
    httpStatus: 401,
  });

export const forbidden = (asked: Asked) =>
  new RmmError({
    code: "forbidden",
    message: said(asked, "403"),
    userMessage: `This API key may not ${asked.method === "POST" ? "change" : "read"} ${nameOf(asked.resource)}.`,
    hint:
      asked.method === "POST"
        ? `Give the key Read & write access in ${keysScreen}; it applies at once.`
        : `Check in ${keysScreen} that the key has Read-only or Read & write access, and that the account includes ${nameOf(asked.resource)}.`,
    httpStatus: 403,
  });

export const notFoundError = (asked: Asked) =>
  new RmmError({
    code: "not_found",
    message: said(asked, "404"),
    userMessage: `Level does not know what was asked for (${nameOf(asked.resource)}).`,
    hint: "It was deleted in Level, or the account does not include it. The next full sync corrects it.",
    httpStatus: 404,
  });

export const cursorLost = (resource: LevelResource) =>
  new RmmError({
    code: "cursor_lost",
    message: `${resource}: 404 on a cursor`,
    userMessage: `The walk through ${nameOf(resource)} lost its place: the record it had reached was deleted in Level.`,
    hint: "Nothing to do: the walk starts over once. If it keeps happening, run the sync again later.",
    httpStatus: 404,
  });

export const endlessList = (resource: LevelResource, what: string) =>
  new RmmError({
    code: "endless_list",
    message: `${resource}: ${what}`,
    userMessage: `Level's list of ${nameOf(resource)} does not end: ${what}.`,
    hint: "Nothing was concluded from it. Run the sync again later; if it repeats, tell Level's support.",
  });

/** Longer waits are cut to an hour, so that a wrong header cannot delay a run for a day. */
const longestSleepMs = 3_600_000;

export const rateLimited = (asked: Asked, retryAfterMs: number) =>
  new RmmError({
    code: "rate_limited",
    message: said(asked, `429, wait ${retryAfterMs} ms`),
    userMessage: `Level asks to wait ${Math.ceil(retryAfterMs / 1_000)} s before the next request.`,
    hint: "Nothing to do: the sync continues automatically. Other tools that use the same Level account share its limit.",
    retryAfterMs: Math.min(retryAfterMs, longestSleepMs),
    httpStatus: 429,
  });

export const unreachable = (
  asked: Asked,
  what: string,
  httpStatus?: number,
  retryAfterMs: number | null = null,
) =>
  new RmmError({
    code: "unreachable",
    message: said(asked, what),
    userMessage: httpStatus
      ? `Level has a problem of its own right now (status ${httpStatus}).`
      : `Level could not be reached (${what}).`,
    hint: httpStatus
      ? "Try again in a few minutes; Level's status page says more."
      : `Check this machine's network, DNS and proxy. ${checkBaseUrl}`,
    ...(retryAfterMs === null ? {} : { retryAfterMs: Math.min(retryAfterMs, longestSleepMs) }),
    httpStatus,
  });

/** The error of a call whose connection failed, so that nothing was sent. */
export const unsent = (asked: Asked, what: string) =>
  new RmmError({
    code: "unreachable",
    message: said(asked, what),
    userMessage: `Level could not be reached (${what}).`,
    hint: `Check this machine's network, DNS and proxy. ${checkBaseUrl}`,
    isUnsent: true,
  });

/**
 * The error of an answer that is not the API's.
 * @param what completes "Level's answer …"
 */
export const badResponse = (asked: Asked, what: string, hint = checkBaseUrl, httpStatus?: number) =>
  new RmmError({
    code: "bad_response",
    message: said(asked, `answer ${what}`),
    userMessage: `Level's answer ${what}.`,
    hint,
    httpStatus,
  });

/** Milliseconds within which a gateway or a sign-in page in between may recover. */
const NOT_DATA_REST_MS = 60_000;

/** The error of an answer that is not the API's, from an account that has returned data before. A retry may succeed. */
export const momentarilyNotData = (asked: Asked, what: string, httpStatus?: number) =>
  new RmmError({
    code: "bad_response",
    message: said(asked, `answer ${what}`),
    userMessage: `Level's answer ${what}.`,
    hint: `Something between here and Level answers in its place, or Level has a fault. ${checkBaseUrl}`,
    retryAfterMs: NOT_DATA_REST_MS,
    httpStatus,
    isTransient: true,
  });

export class AnswerTooLargeError extends RmmError {
  constructor(
    asked: Asked,
    maxBytes: number,
    /** The beginning of the answer. */
    readonly head: string,
    readonly observedAt: Date,
  ) {
    super({
      code: "bad_response",
      message: said(asked, `answer is larger than ${maxBytes} bytes`),
      userMessage: `Level's answer is larger than ${maxBytes} bytes.`,
      hint: "A record in Level is far larger than any is meant to be, its notes for example. Shorten it there.",
    });
  }
}

export const cutShort = (asked: Asked) =>
  new RmmError({
    code: "bad_response",
    message: said(asked, "answer was cut short (not whole JSON)"),
    userMessage: "Level's answer was cut short (not whole JSON).",
    hint: "Something between here and Level cuts answers short. Check proxies, then run the sync again.",
    isTransient: true,
  });

export const rejected = (asked: Asked, httpStatus: number) =>
  new RmmError({
    code: "rejected",
    message: said(asked, String(httpStatus)),
    userMessage: `Level refused the request (status ${httpStatus}).`,
    hint: "This is likely a change on Level's side. Update this installation, or report it with the time of the run.",
    httpStatus,
  });
