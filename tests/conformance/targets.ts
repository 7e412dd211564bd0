import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { Inngest } from "inngest";
import { serve as serveEdge } from "inngest/edge";
import { serve as serveNode } from "inngest/node";

import type { Db } from "@db/client";
import { createEmbeddedRunner, createRunnerFetch, type EmbeddedRunner } from "@inngest/embedded";

import { World, type Spec } from "./world";

/** A place where specs are tried: makes a world, runs the spec's functions in it, and takes it down again. */
export interface Target {
  name: string;
  isServer: boolean;
  open(spec: Pick<Spec, "functions">): Promise<{ world: World; close(): Promise<void> }>;
}

const noLog = { debug() {}, info() {}, warn() {}, error() {} };
const uniqueName = () => `spec-${randomBytes(4).toString("hex")}`;

export interface EmbeddedWorld {
  world: World;
  runner: EmbeddedRunner;
  close(): Promise<void>;
}

/** The embedded runner on a database that the caller keeps. */
export async function openEmbeddedWorld(
  db: Db,
  spec: Pick<Spec, "functions">,
  options: { name?: string; leaseMs?: number; now?: () => Date } = {},
): Promise<EmbeddedWorld> {
  const { name = uniqueName(), ...more } = options;
  const client = new Inngest({
    id: name,
    isDev: true,
    baseUrl: "http://embedded.local",
    eventKey: "embedded",
    logger: noLog,
    fetch: createRunnerFetch((events) => runner.accept(events)),
  });
  const world = new World({ client, name, soon: "* * * * * *", patienceMs: 15_000, quietMs: 700 });
  const functions = spec.functions(world);
  const runner = createEmbeddedRunner({
    db,
    handler: serveEdge({ client, functions }),
    functions,
    appId: name,
    log: noLog,
    pollMs: 100,
    retryDelayMs: () => 300,
    ...more,
  });
  await runner.start();
  return { world, runner, close: () => runner.stop() };
}

/** The embedded runner on a database, which is opened with the first world. */
export function embeddedTarget(name: string, db: () => Db): Target {
  return { name, isServer: false, open: (spec) => openEmbeddedWorld(db(), spec) };
}

/** An Inngest server that the environment names; it calls the functions over HTTP on this machine. */
export function serverTarget(baseUrl: string): Target {
  return {
    name: "an Inngest server",
    isServer: true,
    async open(spec) {
      const name = uniqueName();
      const client = new Inngest({ id: name, baseUrl, isDev: true, logger: noLog });
      const world = new World({ client, name, soon: "* * * * *", patienceMs: 80_000, quietMs: 2_500 });
      const server = createServer(serveNode({ client, functions: spec.functions(world) }));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const registered = await fetch(`http://127.0.0.1:${port}/api/inngest`, { method: "PUT" });
      if (!registered.ok) throw new Error(`The server refused the functions: ${await registered.text()}`);
      return {
        world,
        close: async () => {
          server.closeAllConnections();
          await new Promise((resolve) => server.close(resolve));
        },
      };
    },
  };
}
