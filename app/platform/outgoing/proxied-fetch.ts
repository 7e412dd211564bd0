import { Agent, buildConnector, fetch as fetchVia, type RequestInit } from "undici";

import { openTunnel, proxyFor } from "./proxy";

/** Milliseconds to connect: the limit of the runtime's own `fetch`. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * `fetch` of an address (not of a `Request`), through the HTTP proxy that the environment names for it.
 * @throws ProxyError, alone or as the cause, if the proxy refuses or cannot be reached; otherwise what `fetch` throws
 */
export const proxiedFetch: typeof globalThis.fetch = async (input, init) => {
  const address = String(input);
  const proxy = proxyFor(address);
  if (proxy === undefined) return fetch(input, init);
  // Undici's own `fetch`, because the runtime's may be of another version than the agent and refuse it.
  const answer = await fetchVia(address, { ...(init as RequestInit), dispatcher: agentOf(proxy) });
  return answer as unknown as Response;
};

const agents = new Map<string, Agent>();

function agentOf(proxy: URL): Agent {
  const agent = agents.get(proxy.href) ?? new Agent({ connect: connectorVia(proxy) });
  agents.set(proxy.href, agent);
  return agent;
}

function connectorVia(proxy: URL): buildConnector.connector {
  const secure = buildConnector({ timeout: CONNECT_TIMEOUT_MS });
  return (options, callback) => {
    const isTls = options.protocol === "https:";
    const end = { host: options.hostname, port: options.port || (isTls ? "443" : "80") };
    openTunnel(proxy, end, AbortSignal.timeout(CONNECT_TIMEOUT_MS)).then(
      (httpSocket) => (isTls ? secure({ ...options, httpSocket }, callback) : callback(null, httpSocket)),
      (error: Error) => callback(error, null),
    );
  };
}
