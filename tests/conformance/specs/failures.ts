import { type Context, type FailureEventArgs, NonRetriableError, RetryAfterError } from "inngest";
import { expect } from "vitest";

import type { Spec } from "../world";

export const failureSpecs: Spec[] = [
  {
    title: "a failing step is tried again as often as `retries` says, then the function gets its error",
    functions: (world) => [
      world.client.createFunction(
        { id: world.id("retries"), triggers: [{ event: world.event("go") }], retries: 2 },
        async ({ attempt, step }) => {
          await step.run("before", () => world.note("before"));
          try {
            await step.run("fails", () => {
              world.note(`attempt ${attempt}`);
              throw new RetryAfterError("still broken", "1s");
            });
          } catch (error) {
            const after = await step.run("after", () => (world.note(`after, attempt ${attempt}`), "went on"));
            world.note(`caught ${(error as Error).message}, ${after}`);
          }
        },
      ),
    ],
    async check(world) {
      await world.send("go");
      await world.until("caught still broken, went on");
      await world.quiet();
      expect(world.notes).toEqual([
        "before",
        "attempt 0",
        "attempt 1",
        "attempt 2",
        "after, attempt 0",
        "caught still broken, went on",
      ]);
    },
  },
  {
    title: "RetryAfterError says when the next attempt comes, to the second",
    functions: (world) => {
      let failedAt = 0;
      return [
        world.client.createFunction(
          { id: world.id("retry-after"), triggers: [{ event: world.event("go") }], retries: 1 },
          async ({ attempt, step }) => {
            await step.run("once", () => {
              if (attempt > 0) return world.note(`again ${Date.now() - failedAt >= 1_900}`);
              failedAt = Date.now();
              throw new RetryAfterError("later", "3s");
            });
          },
        ),
      ];
    },
    async check(world) {
      await world.send("go");
      await world.until("again true");
    },
  },
  {
    title: "a plain error is tried again after a while",
    functions: (world) => {
      let failedAt = 0;
      return [
        world.client.createFunction(
          { id: world.id("plain"), triggers: [{ event: world.event("go") }], retries: 1 },
          ({ attempt }) => {
            world.note(`attempt ${attempt}`);
            if (attempt > 0) return world.note(`waited ${Date.now() - failedAt >= 100}`);
            failedAt = Date.now();
            throw new Error("plain");
          },
        ),
      ];
    },
    async check(world) {
      await world.send("go");
      await world.until("waited true");
      expect(world.notes).toEqual(["attempt 0", "attempt 1", "waited true"]);
    },
  },
  {
    title: "an error between the steps repeats the function and none of its finished steps",
    functions: (world) => [
      world.client.createFunction(
        { id: world.id("between"), triggers: [{ event: world.event("go") }], retries: 1 },
        async ({ attempt, step }) => {
          await step.run("one", () => world.note("one"));
          await step.run("two", () => world.note("two"));
          world.note(`between, attempt ${attempt}`);
          if (attempt === 0) throw new RetryAfterError("between", "1s");
          await step.run("three", () => world.note("three"));
        },
      ),
    ],
    async check(world) {
      await world.send("go");
      await world.until("three");
      expect(world.notes.filter((note) => !note.startsWith("between"))).toEqual(["one", "two", "three"]);
      expect(world.notes).toContain("between, attempt 1");
    },
  },
  {
    title: "of parallel steps only the one that failed is tried again",
    functions: (world) => [
      world.client.createFunction(
        { id: world.id("parallel"), triggers: [{ event: world.event("go") }], retries: 1 },
        async ({ attempt, step }) => {
          const results = await Promise.all([
            step.run("sound", () => (world.note("sound"), 1)),
            step.run("shaky", () => {
              world.note(`shaky ${attempt}`);
              if (attempt === 0) throw new RetryAfterError("shaky", "1s");
              return 2;
            }),
          ]);
          world.note(`end ${results.join()}`);
        },
      ),
    ],
    async check(world) {
      await world.send("go");
      await world.until("end 1,2");
      expect([...world.notes].sort()).toEqual(["end 1,2", "shaky 0", "shaky 1", "sound"]);
    },
  },
  {
    title: "NonRetriableError is not tried again",
    functions: (world) => [
      world.client.createFunction(
        { id: world.id("final"), triggers: [{ event: world.event("go") }], retries: 3 },
        async ({ step }) => {
          try {
            await step.run("fails", () => {
              world.note("tried");
              throw new NonRetriableError("never");
            });
          } catch (error) {
            world.note(`caught ${(error as Error).message}`);
            throw new NonRetriableError("over");
          }
        },
      ),
    ],
    async check(world) {
      await world.send("go");
      await world.until("caught never");
      await world.quiet();
      expect(world.notes).toEqual(["tried", "caught never"]);
    },
  },
  {
    title: "onFailure gets the error and the event, once, after the last attempt",
    functions: (world) => [
      world.client.createFunction(
        {
          id: world.id("doomed"),
          triggers: [{ event: world.event("go") }],
          retries: 1,
          onFailure: async ({ event, error, runId, step }: Context & FailureEventArgs) => {
            const own = await step.run("clean up", () => (world.note("clean up"), runId));
            const original = event.data.event as { name: string; data: { n: number } };
            world.note(
              `${error.name} ${error.message}; ${original.name === world.event("go")} ${original.data.n}; ` +
                `${event.data.run_id !== own}`,
            );
          },
        },
        async ({ attempt, step }) => {
          await step.run("dies", () => {
            world.note(`attempt ${attempt}`);
            throw attempt === 0 ? new RetryAfterError("first", "1s") : new RangeError("out of range");
          });
        },
      ),
    ],
    async check(world) {
      await world.send("go", { n: 7 });
      await world.until("RangeError out of range; true 7; true");
      await world.quiet();
      expect(world.notes).toEqual([
        "attempt 0",
        "attempt 1",
        "clean up",
        "RangeError out of range; true 7; true",
      ]);
    },
  },
];
