import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "vitest";

import type { Spec } from "../world";

export const flowSpecs: Spec[] = [
  {
    title: "concurrency holds back runs of one key and not those of another",
    functions: (world) => [
      world.client.createFunction(
        {
          id: world.id("one-by-one"),
          triggers: [{ event: world.event("go") }],
          retries: 0,
          concurrency: { limit: 1, key: "event.data.key" },
        },
        async ({ event, step }) => {
          const key = event.data["key"] as string;
          await step.run("work", async () => {
            world.note(`${key} in`);
            if (key === "a") await sleep(300);
            world.note(`${key} out`);
          });
        },
      ),
    ],
    async check(world) {
      for (let i = 0; i < 3; i++) await world.send("go", { key: "a" });
      await world.until("a in");
      await world.send("go", { key: "b" });
      await world.until("a out", 3);
      await world.until("b out");
      const ofA = world.notes.filter((note) => note.startsWith("a"));
      expect(ofA).toEqual(["a in", "a out", "a in", "a out", "a in", "a out"]);
      expect(world.notes.indexOf("b out")).toBeLessThan(world.notes.lastIndexOf("a in"));
    },
  },
  {
    title: "of two concurrency limits both hold: one for each key, one for all",
    functions: (world) => [
      world.client.createFunction(
        {
          id: world.id("two-limits"),
          triggers: [{ event: world.event("go") }],
          retries: 0,
          concurrency: [{ limit: 1, key: "event.data.key" }, { limit: 2 }],
        },
        async ({ event, step }) => {
          const key = event.data["key"] as string;
          await step.run("work", async () => {
            world.note(`${key} in`);
            await sleep(300);
            world.note(`${key} out`);
          });
        },
      ),
    ],
    async check(world) {
      const keys = ["a", "a", "b", "c", "d"];
      for (const key of keys) await world.send("go", { key });
      for (const key of new Set(keys)) await world.until(`${key} out`, key === "a" ? 2 : 1);
      const inside: string[] = [];
      let most = 0;
      for (const note of world.notes) {
        const [key, way] = note.split(" ") as [string, string];
        if (way === "in") expect(inside).not.toContain(key);
        if (way === "in") inside.push(key);
        else inside.splice(inside.indexOf(key), 1);
        most = Math.max(most, inside.length);
      }
      expect(most).toBe(2);
    },
  },
  {
    title: "concurrency counts what runs, parallel steps too, and not what sleeps",
    functions: (world) => [
      world.client.createFunction(
        { id: world.id("limited"), triggers: [{ event: world.event("go") }], retries: 0, concurrency: 1 },
        async ({ event, step }) => {
          const n = event.data["n"] as number;
          const work = (name: string) => async () => {
            world.note("in");
            await sleep(100);
            world.note("out");
            return name;
          };
          await Promise.all([step.run("left", work("left")), step.run("right", work("right"))]);
          await step.sleep("nap", "5s");
          world.note(`end ${n}`);
        },
      ),
    ],
    async check(world) {
      await world.send("go", { n: 1 });
      await world.send("go", { n: 2 });
      await world.until("end 1");
      await world.until("end 2");
      const working = world.notes.filter((note) => note === "in" || note === "out");
      expect(working).toEqual(["in", "out", "in", "out", "in", "out", "in", "out"]);
      const lastWork = world.notes.lastIndexOf("out");
      expect(world.notes.indexOf("end 1")).toBeGreaterThan(lastWork);
    },
  },
  {
    title: "a singleton skips what comes while a run of its key is active",
    functions: (world) => [
      world.client.createFunction(
        {
          id: world.id("alone"),
          triggers: [{ event: world.event("go") }],
          retries: 0,
          singleton: { mode: "skip", key: "event.data.key" },
        },
        async ({ event, step }) => {
          world.note(`start ${event.data["n"] as number}`);
          await step.sleep("nap", "1s");
          world.note(`end ${event.data["n"] as number}`);
        },
      ),
    ],
    async check(world) {
      await world.send("go", { key: "a", n: 1 });
      await world.until("start 1");
      await world.send("go", { key: "a", n: 2 });
      await world.send("go", { key: "b", n: 3 });
      await world.until("end 1");
      await world.until("end 3");
      await world.quiet();
      await world.send("go", { key: "a", n: 4 });
      await world.until("end 4");
      expect(world.count("start 2")).toBe(0);
    },
  },
  {
    title: "a singleton that cancels lets the newer run take the place of the active one",
    functions: (world) => [
      world.client.createFunction(
        {
          id: world.id("newest"),
          triggers: [{ event: world.event("go") }],
          retries: 0,
          singleton: { mode: "cancel", key: "event.data.key" },
        },
        async ({ event, step }) => {
          const n = event.data["n"] as number;
          await step.run("start", () => world.note(`start ${n}`));
          await step.sleep("nap", "2s");
          await step.run("end", () => world.note(`end ${n}`));
        },
      ),
    ],
    async check(world) {
      await world.send("go", { key: "a", n: 1 });
      await world.until("start 1");
      await world.send("go", { key: "a", n: 2 });
      await world.until("end 2");
      await world.quiet();
      expect(world.count("end 1")).toBe(0);
    },
  },
  {
    title: "a debounce runs once, after its period, with the last event",
    functions: (world) => [
      world.client.createFunction(
        {
          id: world.id("debounced"),
          triggers: [{ event: world.event("go") }],
          retries: 0,
          debounce: { period: "4s", key: "event.data.key" },
        },
        ({ event }) => world.note(`${event.data["key"] as string} ${event.data["n"] as number}`),
      ),
    ],
    async check(world) {
      await world.send("go", { key: "a", n: 1 });
      await world.send("go", { key: "b", n: 9 });
      await world.send("go", { key: "a", n: 2 });
      const lastSent = Date.now();
      await world.send("go", { key: "a", n: 3 });
      await world.until("a 3");
      expect(Date.now() - lastSent).toBeGreaterThanOrEqual(3_900);
      await world.until("b 9");
      await world.quiet();
      expect([...world.notes].sort()).toEqual(["a 3", "b 9"]);
    },
  },
  {
    title: "a debounce is released after its timeout although events keep coming",
    embeddedOnly: "the development server was seen to put such a debounce off until the events stop",
    functions: (world) => [
      world.client.createFunction(
        {
          id: world.id("debounced"),
          triggers: [{ event: world.event("go") }],
          retries: 0,
          debounce: { period: "2s", timeout: "3s" },
        },
        ({ event }) => world.note(`ran with ${event.data["n"] as number}`),
      ),
    ],
    async check(world) {
      let n = 0;
      while (world.notes.length === 0 && n < 12) {
        await world.send("go", { n: n++ });
        await sleep(700);
      }
      expect(world.notes).toHaveLength(1);
    },
  },
  {
    title: "cancelOn cancels the runs that its condition names, between two steps",
    functions: (world) => [
      world.client.createFunction(
        {
          id: world.id("cancelled"),
          triggers: [{ event: world.event("go") }],
          retries: 0,
          cancelOn: [{ event: world.event("stop"), if: "event.data.run == async.data.run" }],
        },
        async ({ event, step }) => {
          const run = event.data["run"] as string;
          await step.run("start", () => world.note(`start ${run}`));
          await step.sleep("nap", "3s");
          await step.run("end", () => world.note(`end ${run}`));
        },
      ),
    ],
    async check(world) {
      await world.send("go", { run: "a" });
      await world.send("go", { run: "b" });
      await world.until("start a");
      await world.until("start b");
      await sleep(300);
      await world.send("stop", { run: "a" });
      await world.until("end b");
      await world.quiet();
      expect(world.count("end a")).toBe(0);
    },
  },
  {
    title: "cancelOn may name a field that both events have in common",
    functions: (world) => [
      world.client.createFunction(
        {
          id: world.id("matched"),
          triggers: [{ event: world.event("go") }],
          retries: 0,
          cancelOn: [{ event: world.event("stop"), match: "data.run" }],
        },
        async ({ event, step }) => {
          const run = (event.data["run"] as string | undefined) ?? "none";
          await step.run("start", () => world.note(`start ${run}`));
          await step.sleep("nap", "3s");
          await step.run("end", () => world.note(`end ${run}`));
        },
      ),
    ],
    async check(world) {
      await world.send("go", { run: "a" });
      await world.send("go");
      await world.until("start a");
      await world.until("start none");
      await sleep(300);
      await world.send("stop", { run: "a" });
      await world.until("end none");
      await world.quiet();
      expect(world.count("end a")).toBe(0);
    },
  },
  {
    title: "a run that outlasts its finish timeout ends before its next step",
    functions: (world) => [
      world.client.createFunction(
        {
          id: world.id("hurried"),
          triggers: [{ event: world.event("go") }],
          retries: 0,
          timeouts: { finish: "8s" },
        },
        async ({ event, step }) => {
          const ms = event.data["ms"] as number;
          await step.run("start", () => world.note(`start ${ms}`));
          await step.sleep("nap", ms);
          await step.run("end", () => world.note(`end ${ms}`));
        },
      ),
    ],
    async check(world) {
      await world.send("go", { ms: 1_000 });
      await world.send("go", { ms: 11_000 });
      await world.until("end 1000");
      await world.until("start 11000");
      await sleep(11_000);
      await world.quiet();
      expect(world.count("end 11000")).toBe(0);
    },
  },
];
