import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { BlockList, isIP, type Socket } from "node:net";

import { getProxyForUrl } from "proxy-from-env";

/** The proxy refused or could not be reached. The message names its host and port, never its user name or password. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  /** The whole message: where other errors show a system code, a failed connection shows this sentence. */
  readonly code: string;
  constructor(message: string) {
    super(message);
    this.code = message;
  }
}

/** The end of a tunnel. */
interface TunnelEnd {
  /** A name or an address; IPv6 with or without brackets. */
  host: string;
  port: string;
}

/**
 * The proxy that `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY` names for an address; undefined for this machine and for
 * addresses that `NO_PROXY` excludes.
 * @throws ProxyError if the environment names a proxy that cannot be used
 */
export function proxyFor(address: string): URL | undefined {
  const { hostname } = new URL(address);
  if (/^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname) || isInExceptedNetwork(hostname)) return undefined;
  const text = getProxyForUrl(address);
  if (text === "") return undefined;
  // The runtime's own error would quote the address with its password.
  if (!URL.canParse(text))
    throw new ProxyError("the address of the HTTP proxy in the environment is malformed");
  const proxy = new URL(text);
  if (!/^https?:$/.test(proxy.protocol))
    throw new ProxyError(
      `the proxy ${proxy.host} is none for HTTP: its address begins with ${proxy.protocol}//`,
    );
  return proxy;
}

/**
 * Whether `NO_PROXY` lists a network, such as `10.0.0.0/8`, that contains this address. False for a name, which is not
 * resolved.
 */
function isInExceptedNetwork(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  if (family === 0) return false;
  // eslint-disable-next-line no-restricted-syntax -- as the proxies' library reads it: at each call
  const listed = process.env["NO_PROXY"] ?? process.env["no_proxy"] ?? "";
  const networks = new BlockList();
  for (const entry of listed.split(/[\s,]+/)) {
    const [network = "", bits = ""] = entry.split("/");
    const version = isIP(network);
    if (version === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (version === 4 ? 32 : 128)) continue;
    networks.addSubnet(network, Number(bits), version === 4 ? "ipv4" : "ipv6");
  }
  return networks.check(host, family === 4 ? "ipv4" : "ipv6");
}

/**
 * Has the proxy connect to a host (CONNECT). Returns the connection.
 * @throws ProxyError if the proxy cannot be reached, refuses, or does not answer before the signal aborts
 */
export function openTunnel(proxy: URL, { host, port }: TunnelEnd, signal: AbortSignal): Promise<Socket> {
  const end = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    const fail = (what: string) => reject(new ProxyError(`the HTTP proxy ${proxy.host} ${what}`));
    const isTls = proxy.protocol === "https:";
    const send = isTls ? requestHttps : requestHttp;
    const request = send({
      host: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: proxy.port || (isTls ? 443 : 80),
      method: "CONNECT",
      path: end,
      agent: false,
      signal,
      headers: { Host: end, ...credentialsOf(proxy) },
    });
    request.on("connect", ({ statusCode = 0 }, socket: Socket, head) => {
      // Nothing else listens for errors until the caller uses the socket, and an unhandled one ends the process.
      socket.on("error", () => undefined);
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      } else {
        socket.destroy();
        fail(
          `refuses with ${statusCode}${statusCode === 407 ? ": its user name or password is missing or wrong" : ""}`,
        );
      }
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      if (signal.aborted) fail("does not answer in time");
      else if (isTls && /SSL|EPROTO/.test(error.code ?? ""))
        fail("does not speak TLS: write its address with http://");
      else fail(`cannot be reached: ${error.code ?? "the connection failed"}`);
    });
    request.end();
  });
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  const text = [username, password].map(decodeLoosely).join(":");
  return { "Proxy-Authorization": `Basic ${Buffer.from(text).toString("base64")}` };
}

/** Decodes a user name or password; one with an invalid `%` is taken as written. */
function decodeLoosely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
