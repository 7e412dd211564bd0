import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { Inngest } from "inngest";
import { serve } from "inngest/edge";

import type { Db } from "@db/client";
import { createEmbeddedRunner, createRunnerFetch, type EmbeddedRunner } from "@inngest/embedded-runner";

/** The journal of a test's processes: one word a line, in the order in which things happened. */
export interface Journal {
  note(word: string): void;
  read(): string[];
}

export function openJournal(file: string, onNote: (word: string) => void = () => {}): Journal {
  return {
    note: (word) => {
      appendFileSync(file, `${word}\n`);
      onNote(word);
    },
    read: () => (existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : []),
  };
}

/**
 * Two functions that write a journal, on a runner with a short lease unless another is given. They are the same in
 * every process of a test, except for how long the work of `slow` takes.
 */
export function openProcessApp(
  db: Db,
  journal: Journal,
  who: string,
  work: () => Promise<void> = () => sleep(700),
  leaseMs = 1_500,
): { client: Inngest; runner: EmbeddedRunner } {
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const client = new Inngest({
    id: "process",
    isDev: true,
    baseUrl: "http://embedded.local",
    logger: quiet,
    fetch: createRunnerFetch((events) => runner.accept(events)),
  });
  const { note } = journal;
  const functions = [
    client.createFunction({ id: "journey", triggers: [{ event: "go" }], retries: 0 }, async ({ step }) => {
      await step.run("one", () => note("one"));
      note("after one");
      await Promise.all([
        step.run("left", () => note("left")),
        step.run("right", async () => {
          await sleep(50);
          note("right");
        }),
      ]);
      await step.sleep("nap", "2s");
      await step.run("last", () => note("last"));
      note("end");
    }),
    client.createFunction({ id: "slow", triggers: [{ event: "slow" }], retries: 0 }, async ({ step }) => {
      const worker = await step.run("work", async () => {
        note(`work by ${who}`);
        await work();
        return who;
      });
      await step.run("result", () => note(`result of ${worker} seen by ${who}`));
    }),
  ];
  const runner = createEmbeddedRunner({
    db,
    handler: serve({ client, functions }),
    functions,
    appId: "process",
    log: quiet,
    pollMs: 50,
    leaseMs,
  });
  return { client, runner };
}
