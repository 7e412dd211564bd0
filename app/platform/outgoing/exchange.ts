import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps, type RequestOptions } from "node:https";

import { retryAfterMs } from "@domain/retry-after";

import { refusalOfUrl } from "./address-guard";
import { ClosedAddressError, createConnector, type ConnectorOptions } from "./connector";
import { ProxyError } from "./proxy";

export interface ExchangeRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string | undefined;
}

export type ExchangeOutcome =
  | { state: "answered"; status: number; body: string; retryAfterMs: number | null }
  /** `isUnsent`: the receiver certainly got nothing of the request. */
  | { state: "failed"; reason: string; isUnsent: boolean };

/** Sends one request and reads the answer. Never throws. */
export type Exchange = (request: ExchangeRequest) => Promise<ExchangeOutcome>;

/** Milliseconds for the whole exchange: a helpdesk may take long to make a ticket. */
const TIMEOUT_MS = 30_000;
/** The most bytes of an answer that are read; a ticket is far smaller. */
const MAX_ANSWER_BYTES = 1_000_000;

/**
 * Codes of errors before a connection was made. Any other error may have occurred after the receiver got the request.
 */
const unsentCodes = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

/** Sends requests to the public internet alone, under the rules of `createPost`. */
export function createExchange(options: ConnectorOptions): Exchange {
  const connect = createConnector(options);
  return async (request) => {
    const refusal = refusalOfUrl(request.url, options.allowPrivate);
    if (refusal !== undefined) return { state: "failed", reason: refusal, isUnsent: true };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const connection = await connect(new URL(request.url), signal);
      const { response, body } = await send(request, { ...connection, signal });
      const headers = { get: (name: string) => String(response.headers[name] ?? "") };
      return {
        state: "answered",
        status: response.statusCode ?? 0,
        body,
        retryAfterMs: retryAfterMs(headers, new Date()),
      };
    } catch (error) {
      return failureOf(error as NodeJS.ErrnoException);
    }
  };
}

function send(
  { method, url, headers, body }: ExchangeRequest,
  options: RequestOptions,
): Promise<{ response: IncomingMessage; body: string }> {
  return new Promise((resolve, reject) => {
    const request = (url.startsWith("https:") ? requestHttps : requestHttp)(url, {
      ...options,
      method,
      headers: {
        "User-Agent": "Plumbline",
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) }),
        ...headers,
      },
    });
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) response.destroy(new Error("the answer is too long"));
        else chunks.push(chunk);
      });
      response.on("end", () => resolve({ response, body: Buffer.concat(chunks).toString("utf8") }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

function failureOf(error: NodeJS.ErrnoException): ExchangeOutcome {
  if (error instanceof ClosedAddressError || error instanceof ProxyError)
    return { state: "failed", reason: error.message, isUnsent: true };
  const isLate = error.name === "TimeoutError" || error.code === "ABORT_ERR";
  return {
    state: "failed",
    reason: isLate ? "no answer within 30 s" : (error.code ?? "the connection failed"),
    isUnsent: unsentCodes.has(error.code ?? ""),
  };
}
