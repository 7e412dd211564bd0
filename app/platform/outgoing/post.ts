import type { LookupAddress } from "node:dns";
import { lookup as lookupName } from "node:dns/promises";
import { once } from "node:events";
import { request as requestHttp } from "node:http";
import { request as requestHttps, type RequestOptions } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { connect as connectTls } from "node:tls";

import { isOpenAddress, refusalOfUrl } from "./address-guard";
import { openTunnel, ProxyError, proxyFor } from "./proxy";

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
 * An HTTP proxy is asked for the checked address, never for the name.
 */
export function createPost({ allowPrivate, resolveName = resolveAll }: PostOptions): Post {
  const direct: RequestOptions = {
    agent: false,
    ...(allowPrivate ? {} : { lookup: lookupOpen(resolveName) }),
  };
  const connect = async (url: URL, signal: AbortSignal): Promise<RequestOptions> => {
    const proxy = proxyFor(url.href);
    if (proxy === undefined) return direct;
    const name = url.hostname.replace(/^\[|\]$/g, "");
    const isName = isIP(name) === 0;
    const isTls = url.protocol === "https:";
    const host = allowPrivate || !isName ? name : await openAddress(resolveName, name, signal);
    const tunnel = await openTunnel(proxy, { host, port: url.port || (isTls ? "443" : "80") }, signal);
    const secure = () => connectTls({ socket: tunnel, host: name, ...(isName ? { servername: name } : {}) });
    // Without an agent nothing else knows the port that goes without saying in the Host header.
    return { createConnection: isTls ? secure : () => tunnel, defaultPort: isTls ? 443 : 80 };
  };

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

/** @returns the status of the answer */
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

class ClosedAddressError extends Error {
  override readonly name = "ClosedAddressError";
}

const resolveAll: ResolveName = (name) => lookupName(name, { all: true });

/** @throws ClosedAddressError unless every address of the name is on the open internet */
async function openAddresses(
  resolveName: ResolveName,
  name: string,
): Promise<[LookupAddress, ...LookupAddress[]]> {
  const [first, ...others] = await resolveName(name);
  if (first === undefined || ![first, ...others].every(({ address }) => isOpenAddress(address)))
    throw new ClosedAddressError("this name leads to an address that is not on the open internet");
  return [first, ...others];
}

/** One address of the name for a proxy, which may know no IPv6. */
async function openAddress(resolveName: ResolveName, name: string, signal: AbortSignal): Promise<string> {
  const timeout = once(signal, "abort").then(() => Promise.reject(signal.reason as Error));
  const addresses = await Promise.race([openAddresses(resolveName, name), timeout]);
  return (addresses.find(({ family }) => family === 4) ?? addresses[0]).address;
}

/** A look-up of names whose every address has to be on the open internet, or the name leads nowhere. */
const lookupOpen =
  (resolveName: ResolveName): LookupFunction =>
  (name, options, callback) => {
    openAddresses(resolveName, name).then(
      (addresses) => {
        if (options.all === true) callback(null, addresses);
        else callback(null, addresses[0].address, addresses[0].family);
      },
      (error: NodeJS.ErrnoException) => callback(error, "", 0),
    );
  };
