import { once } from "node:events";
import { Agent, createServer, request as httpRequest } from "node:http";

import { BuiltServer, freePort } from "../support/built-server";

/** The secret of every installation that a benchmark starts, so that a kept one can be opened again. */
export const BENCH_SECRET = "a-secret-for-the-benchmark-of-32-characters";

export interface Installation {
  url: string;
  pids: number[];
  stop(): Promise<void>;
}

export interface InstallationOptions {
  databaseUrl: string;
  levelUrl: string;
  /** The Inngest server that executes the functions; the embedded runner if there is none. */
  inngest: string | undefined;
  /** Syncs at a time over all tenants; undefined leaves the app's default. */
  syncsAtOnce?: number | undefined;
}

/** The app's settings for an Inngest server: signed if the environment has keys, otherwise a development server. */
export function inngestEnvironment(url: string | undefined): Record<string, string> {
  if (url === undefined) return {};
  const { INNGEST_EVENT_KEY, INNGEST_SIGNING_KEY } = process.env;
  return INNGEST_EVENT_KEY && INNGEST_SIGNING_KEY
    ? { INNGEST_BASE_URL: url, INNGEST_EVENT_KEY, INNGEST_SIGNING_KEY }
    : { INNGEST_DEV: url };
}

/**
 * Starts the built app: one process with the embedded runner, or two behind one address, registered with an Inngest
 * server.
 */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const { databaseUrl, levelUrl, inngest, syncsAtOnce } = options;
  const ports = [await freePort(), ...(inngest === undefined ? [] : [await freePort()])];
  const door = ports.length === 1 ? undefined : await openDoor(ports);
  const url = `http://127.0.0.1:${door?.port ?? ports[0]!}`;
  const servers = ports.map(
    (port) =>
      new BuiltServer(port, {
        DATABASE_URL: databaseUrl,
        APP_SECRET: BENCH_SECRET,
        LEVELIO_API_BASE_URL: levelUrl,
        PUBLIC_URL: url,
        ...(syncsAtOnce === undefined ? {} : { RMM_SYNCS_AT_ONCE: String(syncsAtOnce) }),
        ...inngestEnvironment(inngest),
      }),
  );
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await door?.close();
  };
  try {
    // Started one after another: the first migrates the database.
    for (const server of servers) await server.start();
    if (inngest !== undefined) await register(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, pids: servers.map(({ pid }) => pid), stop };
}

async function register(url: string): Promise<void> {
  const answer = await fetch(`${url}/api/inngest`, { method: "PUT" });
  if (!answer.ok) throw new Error(`The Inngest server refused the functions: ${await answer.text()}`);
}

/** One address for several processes, which take turns. */
async function openDoor(ports: number[]): Promise<{ port: number; close(): Promise<void> }> {
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const server = createServer((request, response) => {
    const { method, url: path, headers } = request;
    const port = ports[turn++ % ports.length]!;
    const passed = httpRequest({ host: "127.0.0.1", port, method, path, headers, agent }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    passed.once("error", () => response.destroy());
    request.pipe(passed);
  });
  const port = await freePort();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port,
    close: async () => {
      server.closeAllConnections();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
