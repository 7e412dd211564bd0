import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { createBatcher } from "~/features/webhooks/batcher";

describe("a batcher", () => {
  it("processes what arrives meanwhile together, up to its limit, and in order", async () => {
    const batches: number[][] = [];
    const submit = createBatcher(async (items: number[]) => {
      batches.push(items);
      await sleep(5);
      return items.map((item) => item * 10);
    }, 3);
    expect(await Promise.all([1, 2, 3, 4, 5, 6].map(submit))).toEqual([10, 20, 30, 40, 50, 60]);
    expect(batches).toEqual([[1], [2, 3, 4], [5, 6]]);
    expect(await submit(7)).toBe(70);
    expect(batches.at(-1)).toEqual([7]);
  });

  it("passes an error to everything in the batch, and continues", async () => {
    const submit = createBatcher(async (items: string[]) => {
      await sleep(1);
      if (items.includes("bad")) throw new Error("refused");
      return items;
    }, 2);
    const results = await Promise.allSettled(["first", "good", "bad", "last"].map(submit));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
    expect(await submit("later")).toBe("later");
  });
});
