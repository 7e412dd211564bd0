import type { LookupAddress } from "node:dns";
import { lookup as lookupName } from "node:dns/promises";
import { once } from "node:events";
import type { RequestOptions } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { connect as connectTls } from "node:tls";

import { isOpenAddress } from "./address-guard";
import { openTunnel, proxyFor } from "./proxy";

type ResolveName = (name: string) => Promise<LookupAddress[]>;

export interface ConnectorOptions {
  /** Also connects to private addresses, and without TLS, for receivers in the installation's own network. */
  allowPrivate: boolean;
  /** Finds the addresses of a name; the system's resolver if absent. */
  resolveName?: ResolveName;
}

/**
 * Connects requests to the public internet alone. Checks a name's addresses at the moment of connecting, so that a name
 * whose addresses change between check and use gains nothing. Asks an HTTP proxy for the checked address, never for the
 * name. The caller has checked the URL with `refusalOfUrl` and follows no redirects.
 */
export function createConnector({ allowPrivate, resolveName = resolveAll }: ConnectorOptions) {
  const direct: RequestOptions = {
    agent: false,
    ...(allowPrivate ? {} : { lookup: lookupOpen(resolveName) }),
  };
  return async (url: URL, signal: AbortSignal): Promise<RequestOptions> => {
    const proxy = proxyFor(url.href);
    if (proxy === undefined) return direct;
    const name = url.hostname.replace(/^\[|\]$/g, "");
    const isName = isIP(name) === 0;
    const isTls = url.protocol === "https:";
    const host = allowPrivate || !isName ? name : await openAddress(resolveName, name, signal);
    const tunnel = await openTunnel(proxy, { host, port: url.port || (isTls ? "443" : "80") }, signal);
    const secure = () => connectTls({ socket: tunnel, host: name, ...(isName ? { servername: name } : {}) });
    // Without an agent, Node does not know the default port and would put it into the Host header.
    return { createConnection: isTls ? secure : () => tunnel, defaultPort: isTls ? 443 : 80 };
  };
}

export class ClosedAddressError extends Error {
  override readonly name = "ClosedAddressError";
}

const resolveAll: ResolveName = (name) => lookupName(name, { all: true });

/**
 * The addresses of a name.
 * @throws ClosedAddressError unless every one is on the public internet
 */
async function openAddresses(
  resolveName: ResolveName,
  name: string,
): Promise<[LookupAddress, ...LookupAddress[]]> {
  const [first, ...others] = await resolveName(name);
  if (first === undefined || ![first, ...others].every(({ address }) => isOpenAddress(address)))
    throw new ClosedAddressError("this name leads to an address that is not on the open internet");
  return [first, ...others];
}

/** One address of the name for a proxy, which may not support IPv6. */
async function openAddress(resolveName: ResolveName, name: string, signal: AbortSignal): Promise<string> {
  const timeout = once(signal, "abort").then(() => Promise.reject(signal.reason as Error));
  const addresses = await Promise.race([openAddresses(resolveName, name), timeout]);
  return (addresses.find(({ family }) => family === 4) ?? addresses[0]).address;
}

/** A look-up of names that fails unless every address of the name is on the public internet. */
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
