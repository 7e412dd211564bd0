import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { Inngest } from "inngest";
import { serve as serveEdge } from "inngest/edge";
import { serve as serveNode } from "inngest/node";

import { createEmbeddedRunner, createRunnerFetch } from "@inngest/embedded-runner";
import { createTestDatabase, type DatabaseKind } from "@tests/support/database";

import { World, type Spec, type WorldOptions } from "./world";

/** A runner to test specs on: runs the functions of all of them side by side, each in a world of its own. */
export interface Target {
  name: string;
  isServer: boolean;
  open(specs: readonly Spec[]): Promise<{ worlds: ReadonlyMap<Spec, World>; close(): Promise<void> }>;
}

const noLog = { debug() {}, info() {}, warn() {}, error() {} };
const unique = () => randomBytes(4).toString("hex");

/** The embedded runner, on a database of its own. */
export function embeddedTarget(name: string, kind: DatabaseKind): Target {
  return {
    name,
    isServer: false,
    async open(specs) {
      const database = await createTestDatabase(kind);
      const client = new Inngest({
        id: "specs",
        isDev: true,
        baseUrl: "http://embedded.local",
        logger: noLog,
        fetch: createRunnerFetch((events) => runner.accept(events)),
      });
      const { worlds, functions } = build(specs, {
        client,
        soon: "* * * * * *",
        patienceMs: 30_000,
        quietMs: 1_000,
      });
      const runner = createEmbeddedRunner({
        db: database.db,
        handler: serveEdge({ client, functions }),
        functions,
        appId: "specs",
        log: noLog,
        pollMs: 100,
        maxConcurrentRuns: 50,
        retryDelayMs: () => 300,
      });
      await runner.start();
      return {
        worlds,
        close: async () => {
          await runner.stop();
          await database.close();
        },
      };
    },
  };
}

/** The Inngest server that the environment names, which calls the functions over HTTP on this machine. */
export function serverTarget(baseUrl: string): Target {
  return {
    name: "an Inngest server",
    isServer: true,
    async open(specs) {
      const client = new Inngest({ id: `specs-${unique()}`, baseUrl, isDev: true, logger: noLog });
      const { worlds, functions } = build(specs, {
        client,
        soon: "* * * * *",
        patienceMs: 80_000,
        quietMs: 3_000,
      });
      const server = createServer(serveNode({ client, functions }));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const registered = await fetch(`http://127.0.0.1:${port}/api/inngest`, { method: "PUT" });
      if (!registered.ok) throw new Error(`The server refused the functions: ${await registered.text()}`);
      return {
        worlds,
        close: async () => {
          server.closeAllConnections();
          await new Promise((resolve) => server.close(resolve));
        },
      };
    },
  };
}

function build(specs: readonly Spec[], options: Omit<WorldOptions, "name">) {
  const worlds = new Map(specs.map((spec) => [spec, new World({ ...options, name: `spec-${unique()}` })]));
  return { worlds, functions: [...worlds].flatMap(([spec, world]) => spec.functions(world)) };
}
