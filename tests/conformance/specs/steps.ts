import { expect } from "vitest";

import type { Spec } from "../world";

export const stepSpecs: Spec[] = [
  {
    title: "each step runs once, in order, and hands its result to those after it",
    functions: (world) => [
      world.client.createFunction(
        { id: world.id("steps"), triggers: [{ event: world.event("go") }], retries: 0 },
        async ({ event, step }) => {
          const one = await step.run("one", () => (world.note("one"), { n: event.data["n"] as number }));
          const two = await step.run("two", () => (world.note("two"), { n: one.n * 2 }));
          const three = await step.run("three", () => (world.note("three"), two.n + 1));
          world.note(`end ${three}`);
        },
      ),
    ],
    async check(world) {
      await world.send("go", { n: 20 });
      await world.until("end 41");
      await world.quiet();
      expect(world.notes).toEqual(["one", "two", "three", "end 41"]);
    },
  },
  {
    title: "steps of one id in a loop are told apart",
    functions: (world) => [
      world.client.createFunction(
        { id: world.id("loop"), triggers: [{ event: world.event("go") }], retries: 0 },
        async ({ step }) => {
          let sum = 0;
          for (let i = 1; i <= 4; i++) sum += await step.run("add", () => (world.note(`add ${i}`), i));
          world.note(`end ${sum}`);
        },
      ),
    ],
    async check(world) {
      await world.send("go");
      await world.until("end 10");
      expect(world.notes).toEqual(["add 1", "add 2", "add 3", "add 4", "end 10"]);
    },
  },
  {
    title: "a result that is undefined, null, text with a NUL, or nested comes back as JSON has it",
    functions: (world) => [
      world.client.createFunction(
        { id: world.id("results"), triggers: [{ event: world.event("go") }], retries: 0 },
        async ({ step }) => {
          const results = [
            await step.run("undefined", () => undefined),
            await step.run("null", () => null),
            await step.run("nul", () => "a\u0000b"),
            await step.run("nested", () => ({ list: [1, { deep: true }] })),
          ];
          world.note(`end ${JSON.stringify(results.map((result) => result ?? null))}`);
        },
      ),
    ],
    async check(world) {
      await world.send("go");
      await world.until('end [null,null,"a\\u0000b",{"list":[1,{"deep":true}]}]');
    },
  },
  {
    title: "parallel steps run side by side, each once",
    functions: (world) => [
      world.client.createFunction(
        { id: world.id("parallel"), triggers: [{ event: world.event("go") }], retries: 0 },
        async ({ step }) => {
          const beside = (name: string, other: string) => async () => {
            world.note(name);
            await world.until(other);
            return name;
          };
          const results = await Promise.all([
            step.run("left", beside("left", "right")),
            step.run("right", beside("right", "left")),
          ]);
          world.note(`end ${results.join()}`);
        },
      ),
    ],
    async check(world) {
      await world.send("go");
      await world.until("end left,right");
      await world.quiet();
      expect([...world.notes].sort()).toEqual(["end left,right", "left", "right"]);
    },
  },
  {
    title: "parallel branches of several steps and a sleep all come to their end",
    functions: (world) => [
      world.client.createFunction(
        { id: world.id("branches"), triggers: [{ event: world.event("go") }], retries: 0 },
        async ({ step }) => {
          const long = async () => {
            const one = await step.run("long 1", () => (world.note("long 1"), 1));
            return step.run("long 2", () => (world.note("long 2"), one + 1));
          };
          const results = await Promise.all([
            long(),
            step.run("short", () => (world.note("short"), 10)),
            step.sleep("nap", "1s"),
          ]);
          const last = await step.run("last", () => (world.note("last"), results.length));
          world.note(`end ${JSON.stringify(results)} ${last}`);
        },
      ),
    ],
    async check(world) {
      await world.send("go");
      await world.until("end [2,10,null] 3");
      await world.quiet();
      expect([...world.notes].sort()).toEqual(["end [2,10,null] 3", "last", "long 1", "long 2", "short"]);
    },
  },
  {
    title: "a sleep lasts as long as it says and repeats nothing",
    functions: (world) => [
      world.client.createFunction(
        { id: world.id("sleep"), triggers: [{ event: world.event("go") }], retries: 0 },
        async ({ step }) => {
          const before = await step.run("before", () => (world.note("before"), Date.now()));
          await step.sleep("nap", 1_500);
          const after = await step.run("after", () => (world.note("after"), Date.now()));
          await step.sleepUntil("past", new Date(before));
          world.note(`end ${after - before >= 990}`);
        },
      ),
    ],
    async check(world) {
      await world.send("go");
      await world.until("end true");
      expect(world.notes).toEqual(["before", "after", "end true"]);
    },
  },
  {
    title: "step.sendEvent starts the functions of the event, once",
    functions: (world) => [
      world.client.createFunction(
        { id: world.id("sender"), triggers: [{ event: world.event("go") }], retries: 0 },
        async ({ step }) => {
          const events = [1, 2].map((n) => ({ name: world.event("sent"), data: { n } }));
          const { ids } = await step.sendEvent("send", events);
          await step.run("after", () => undefined);
          world.note(`sent ${ids.length}`);
        },
      ),
      world.client.createFunction(
        { id: world.id("receiver"), triggers: [{ event: world.event("sent") }], retries: 0 },
        ({ event }) => world.note(`received ${event.data["n"] as number}`),
      ),
    ],
    async check(world) {
      await world.send("go");
      for (const note of ["sent 2", "received 1", "received 2"]) await world.until(note);
      await world.quiet();
      expect(world.notes).toHaveLength(3);
    },
  },
  {
    title: "step.invoke waits for the other function and returns what it returned",
    functions: (world) => {
      const double = world.client.createFunction(
        { id: world.id("double"), triggers: [], retries: 0 },
        async ({ event, step }) => {
          const doubled = await step.run(
            "double",
            () => (world.note("double"), (event.data as { n: number }).n * 2),
          );
          await step.sleep("nap", "1s");
          return { doubled };
        },
      );
      const caller = world.client.createFunction(
        { id: world.id("caller"), triggers: [{ event: world.event("go") }], retries: 0 },
        async ({ step }) => {
          const [one, two] = await Promise.all([
            step.invoke("first", { function: double, data: { n: 3 } }),
            step.invoke("second", { function: double, data: { n: 4 } }),
          ]);
          world.note(`end ${one.doubled} ${two.doubled}`);
        },
      );
      return [double, caller];
    },
    async check(world) {
      await world.send("go");
      await world.until("end 6 8");
      expect(world.notes).toEqual(["double", "double", "end 6 8"]);
    },
  },
  {
    title: "step.invoke throws the error of a function that failed",
    functions: (world) => {
      const broken = world.client.createFunction({ id: world.id("broken"), triggers: [], retries: 0 }, () => {
        world.note("broken");
        throw new TypeError("no such thing");
      });
      const caller = world.client.createFunction(
        { id: world.id("caller"), triggers: [{ event: world.event("go") }], retries: 0 },
        async ({ step }) => {
          try {
            await step.invoke("call", { function: broken, data: {} });
          } catch (error) {
            world.note(`caught ${(error as Error).name}: ${(error as Error).message}`);
          }
        },
      );
      return [broken, caller];
    },
    async check(world) {
      await world.send("go");
      await world.until("caught TypeError: no such thing");
      expect(world.notes).toEqual(["broken", "caught TypeError: no such thing"]);
    },
  },
  {
    title: "step.invoke waits no longer, and throws nothing, when the other run is cancelled",
    functions: (world) => {
      const patient = world.client.createFunction(
        {
          id: world.id("patient"),
          triggers: [],
          retries: 0,
          cancelOn: [{ event: world.event("stop") }],
        },
        async ({ step }) => {
          await step.run("start", () => world.note("start"));
          await step.sleep("nap", "1h");
        },
      );
      const caller = world.client.createFunction(
        { id: world.id("caller"), triggers: [{ event: world.event("go") }], retries: 0 },
        async ({ step }) => {
          await step.invoke("call", { function: patient, data: {} });
          world.note("went on");
        },
      );
      return [patient, caller];
    },
    async check(world) {
      await world.send("go");
      await world.until("start");
      await world.quiet();
      await world.send("stop");
      await world.until("went on");
    },
  },
];
