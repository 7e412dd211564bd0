import { setTimeout as sleep } from "node:timers/promises";

import { randomUUID } from "node:crypto";

import { expect } from "vitest";

import type { Spec } from "../world";

export const eventSpecs: Spec[] = [
  {
    title: "a function may have several triggers, each with a condition",
    functions: (world) => [
      world.client.createFunction(
        {
          id: world.id("triggers"),
          triggers: [
            { event: world.event("first"), if: "event.data.n > 1" },
            { event: world.event("third"), if: "event.data.absent == 'x'" },
            { event: world.event("second") },
          ],
          retries: 0,
        },
        ({ event }) => world.note(`${event.name === world.event("first")} ${event.data["n"] as number}`),
      ),
    ],
    async check(world) {
      await world.send("first", { n: 1 });
      await world.send("first", { n: 2 });
      await world.send("second", { n: 3 });
      await world.send("third", { n: 4 });
      await world.until("true 2");
      await world.until("false 3");
      await world.quiet();
      expect(world.notes).toHaveLength(2);
    },
  },
  {
    title: "an event starts every function that it triggers",
    functions: (world) =>
      ["one", "two"].map((id) =>
        world.client.createFunction(
          { id: world.id(id), triggers: [{ event: world.event("go") }], retries: 0 },
          () => world.note(id),
        ),
      ),
    async check(world) {
      await world.send("go");
      await world.until("one");
      await world.until("two");
    },
  },
  {
    title: "a second event with the id of an earlier one does nothing",
    functions: (world) => [
      world.client.createFunction(
        { id: world.id("once"), triggers: [{ event: world.event("go") }], retries: 0 },
        ({ event }) => world.note(`n ${event.data["n"] as number}, given id ${event.id?.startsWith("id-")}`),
      ),
    ],
    async check(world) {
      const id = `id-${randomUUID()}`;
      await world.send("go", { n: 1 }, id);
      await world.until("n 1, given id true");
      await world.send("go", { n: 2 }, id);
      await world.quiet();
      await world.send("go", { n: 3 }, `id-${randomUUID()}`);
      await world.until("n 3, given id true");
      expect(world.notes).toHaveLength(2);
    },
  },
  {
    title: "an idempotency key lets a function run once for it",
    functions: (world) => [
      world.client.createFunction(
        {
          id: world.id("idempotent"),
          triggers: [{ event: world.event("go") }],
          retries: 0,
          idempotency: "event.data.order",
        },
        ({ event }) => world.note(`${event.data["order"] as string} ${event.data["n"] as number}`),
      ),
    ],
    async check(world) {
      await world.send("go", { order: "a", n: 1 });
      await world.until("a 1");
      await world.send("go", { order: "a", n: 2 });
      await world.send("go", { order: "b", n: 3 });
      await world.until("b 3");
      await world.quiet();
      expect(world.notes).toEqual(["a 1", "b 3"]);
    },
  },
  {
    title: "a cron starts its function at its instants",
    functions: (world) => [
      world.client.createFunction(
        { id: world.id("cron"), triggers: [{ cron: world.soon }, { event: world.event("go") }], retries: 0 },
        ({ event }) => {
          const isTimer = event.name === "inngest/scheduled.timer";
          world.note(isTimer ? `cron ${(event.data as { cron: string }).cron}` : "event");
        },
      ),
    ],
    async check(world) {
      await world.send("go");
      await world.until("event");
      await world.until(`cron ${world.soon}`);
    },
  },
  {
    title:
      "with a debounce and a limit, a cron and an event start a function again and again, never twice at once",
    functions: (world) => [
      world.client.createFunction(
        {
          id: world.id("sender"),
          triggers: [{ event: world.event("go") }, { cron: world.soon }],
          retries: 0,
          debounce: { period: "1s", timeout: "5s" },
          concurrency: { limit: 1 },
        },
        async ({ step }) => {
          await step.run("work", async () => {
            world.note("begins");
            await sleep(700);
            world.note("ends");
          });
        },
      ),
    ],
    async check(world) {
      await world.send("go");
      await world.until("ends");
      await world.until("ends", 2);
      const pairs = world.notes.slice(0, 4);
      expect(pairs).toEqual(["begins", "ends", "begins", "ends"]);
    },
  },
];
