import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

import { vi } from "vitest";

/** An HTTP proxy on this machine. */
export interface TestProxy {
  /** Host and port, as messages show them. */
  at: string;
  /** Its address, with user and password if it requires them. */
  url: string;
  /** Host and port of each CONNECT, in order. */
  asked: string[];
  close(): Promise<void>;
}

/**
 * A proxy that supports only CONNECT and leads every requested host to one port of this machine. With a status it
 * refuses each CONNECT with that status.
 */
export async function startHttpProxy(
  leadsTo: number,
  { user, password = "", status }: { user?: string; password?: string; status?: number } = {},
): Promise<TestProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket)));
  };
  const wanted = user === undefined ? undefined : `Basic ${btoa(`${user}:${password}`)}`;
  // Any other request is a mistake; tests see it by its status.
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on("connection", keep);
  server.on("connect", (request, client: Socket) => {
    asked.push(request.url!);
    const refusal = request.headers["proxy-authorization"] === wanted ? status : 407;
    if (refusal !== undefined) return client.end(`HTTP/1.1 ${refusal} Refused\r\n\r\n`);
    const target = connect(leadsTo, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      target.pipe(client).pipe(target);
    });
    keep(target);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const login = user === undefined ? "" : `${user}:${encodeURIComponent(password)}@`;
  return {
    at,
    url: `http://${login}${at}`,
    asked,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}

/** Sets only these proxies in the environment, until `vi.unstubAllEnvs()`. */
export function stubProxies(variables: Record<string, string>): void {
  for (const name of ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"]) {
    vi.stubEnv(name, undefined);
    vi.stubEnv(name.toLowerCase(), undefined);
  }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}
