import { Inngest, type InngestFunction } from "inngest";
import { serve } from "inngest/edge";

import type { Db } from "@db/client";
import {
  createEmbeddedRunner,
  createRunnerFetch,
  type EmbeddedRunner,
  type RunnerOptions,
} from "@inngest/embedded-runner";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export type Build = (client: Inngest) => InngestFunction.Any[];

/** A runner with the functions in this process, not started. */
export function openApp(db: Db, build: Build, options: Partial<RunnerOptions> = {}) {
  const client = new Inngest({
    id: "app",
    isDev: true,
    baseUrl: "http://embedded.local",
    logger: quiet,
    fetch: createRunnerFetch((events) => runner.accept(events)),
  });
  const functions = build(client);
  const handler = serve({ client, functions });
  const base: RunnerOptions = { db, handler, functions, appId: "app", log: quiet, pollMs: 50 };
  const runner = createEmbeddedRunner({ ...base, ...options });
  return { client, runner };
}

/** One function that runs the given work when its event arrives. */
export const oneFunction =
  (work: (event: { name: string; data: Record<string, unknown> }) => unknown, options: object = {}): Build =>
  (client) => [
    client.createFunction({ id: "one", triggers: [{ event: "go" }], retries: 0, ...options }, ({ event }) =>
      work(event as never),
    ),
  ];

/** Resolves once a leader has done everything that was due by its clock at the call, crons included. */
export async function caughtUp(runner: EmbeddedRunner): Promise<void> {
  const { looks } = runner.stats();
  // The pass that is running may have started before the call; the next one has not.
  while (runner.stats().looks < looks + 2 || runner.stats().active > 0) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
