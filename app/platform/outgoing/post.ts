import type { LookupAddress } from "node:dns";
import { lookup as lookupName } from "node:dns/promises";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { LookupFunction } from "node:net";

import { isOpenAddress, refusalOfUrl } from "./address-guard";

export type PostOutcome = { state: "answered"; status: number } | { state: "failed"; reason: string };

/** Sends one body. Never throws. */
export type Post = (url: string, body: string, headers: Record<string, string>) => Promise<PostOutcome>;

type ResolveName = (name: string) => Promise<LookupAddress[]>;

export interface PostOptions {
  /** Also to addresses inside, and without TLS: for receivers in one's own network. */
  allowPrivate: boolean;
  /** How the addresses of a name are found; as the system does it when absent. */
  resolveName?: ResolveName;
}

/** For the whole exchange: a receiver answers at once and works afterwards. */
const TIMEOUT_MS = 10_000;

/**
 * Posts to the open internet alone. The addresses of a name are checked where the connection is made, so that a name
 * that changes its mind between check and use gains nothing; redirects are not followed, and the answer is not read.
 */
export function createPost({ allowPrivate, resolveName = resolveAll }: PostOptions): Post {
  const lookup = lookupOpen(resolveName);
  return (url, body, headers) => {
    const refusal = refusalOfUrl(url, allowPrivate);
    if (refusal !== undefined) return Promise.resolve({ state: "failed", reason: refusal });
    return new Promise((resolve) => {
      const fail = (reason: string) => resolve({ state: "failed", reason });
      const send = url.startsWith("https:") ? requestHttps : requestHttp;
      const request = send(url, {
        method: "POST",
        agent: false,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(allowPrivate ? {} : { lookup }),
        headers: {
          "Content-Type": "application/json",
          "Content-Length": Buffer.byteLength(body),
          "User-Agent": "Plumbline",
          ...headers,
        },
      });
      request.on("response", (response) => {
        resolve({ state: "answered", status: response.statusCode ?? 0 });
        response.destroy();
      });
      request.on("error", (error: NodeJS.ErrnoException) =>
        fail(
          error.name === "TimeoutError" || error.code === "ABORT_ERR"
            ? "no answer within 10 s"
            : wordOf(error),
        ),
      );
      request.end(body);
    });
  };
}

const wordOf = (error: NodeJS.ErrnoException): string =>
  error instanceof ClosedAddressError ? error.message : (error.code ?? "the connection failed");

class ClosedAddressError extends Error {
  override readonly name = "ClosedAddressError";
}

const resolveAll: ResolveName = (name) => lookupName(name, { all: true });

/** A look-up of names whose every address has to be on the open internet, or the name leads nowhere. */
const lookupOpen =
  (resolveName: ResolveName): LookupFunction =>
  (name, options, callback) => {
    resolveName(name).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || !addresses.every(({ address }) => isOpenAddress(address))) {
          callback(new ClosedAddressError(CLOSED), "", 0);
        } else if (options.all === true) {
          callback(null, addresses);
        } else {
          callback(null, first.address, first.family);
        }
      },
      (error: NodeJS.ErrnoException) => callback(error, "", 0),
    );
  };

const CLOSED = "this name leads to an address that is not on the open internet";
