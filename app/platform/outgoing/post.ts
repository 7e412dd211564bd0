import { request as requestHttp } from "node:http";
import { request as requestHttps, type RequestOptions } from "node:https";

import { refusalOfUrl } from "./address-guard";
import { ClosedAddressError, createConnector, type ConnectorOptions } from "./connector";
import { ProxyError } from "./proxy";

export type PostOutcome = { state: "answered"; status: number } | { state: "failed"; reason: string };

/** Sends one body. Never throws. */
export type Post = (url: string, body: string, headers: Record<string, string>) => Promise<PostOutcome>;

/** Milliseconds for the whole exchange: a receiver answers at once and works afterwards. */
const TIMEOUT_MS = 10_000;

/** Posts to the public internet alone; see `createConnector`. Follows no redirects and does not read the answer. */
export function createPost(options: ConnectorOptions): Post {
  const { allowPrivate } = options;
  const connect = createConnector(options);
  return async (url, body, headers) => {
    const refusal = refusalOfUrl(url, allowPrivate);
    if (refusal !== undefined) return { state: "failed", reason: refusal };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const connection = await connect(new URL(url), signal);
      return { state: "answered", status: await send(url, body, { ...connection, signal, headers }) };
    } catch (error) {
      return { state: "failed", reason: wordOf(error as NodeJS.ErrnoException) };
    }
  };
}

/**
 * Sends one request.
 * @returns the status of the answer
 */
function send(url: string, body: string, { headers, ...options }: RequestOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = (url.startsWith("https:") ? requestHttps : requestHttp)(url, {
      ...options,
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "Content-Length": Buffer.byteLength(body),
        "User-Agent": "Plumbline",
        ...(headers as Record<string, string>),
      },
    });
    request.on("response", (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    request.on("error", reject);
    request.end(body);
  });
}

function wordOf(error: NodeJS.ErrnoException): string {
  if (error instanceof ClosedAddressError || error instanceof ProxyError) return error.message;
  if (error.name === "TimeoutError" || error.code === "ABORT_ERR") return "no answer within 10 s";
  return error.code ?? "the connection failed";
}
