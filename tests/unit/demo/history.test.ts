import { describe, expect, it } from "vitest";

import { syncDaysOf } from "../../../scripts/demo/history";

describe("the syncs of the demo's history", () => {
  it("are a day apart if that is cheap", () => {
    expect(syncDaysOf(6, 120)).toEqual([5, 4, 3, 2, 1, 0]);
  });

  it("are few for a large fleet, and farther apart the older they are", () => {
    expect(syncDaysOf(90, 2_500)).toEqual([63, 40, 23, 10, 3, 0]);
    expect(syncDaysOf(90, 500_000)).toHaveLength(4);
  });

  it.each([
    [0, 2_500, 0],
    [1, 2_500, 1],
    [90, 0, 30],
    [366, 1, 30],
  ])("of %i days and %i devices are at most %i, the last of them today", (days, devices, syncs) => {
    const ago = syncDaysOf(days, devices);
    expect(ago.length).toBeLessThanOrEqual(syncs);
    expect(ago.at(-1)).toBe(syncs === 0 ? undefined : 0);
    expect(ago.every((day) => day < days)).toBe(true);
    expect([...ago].sort((a, b) => b - a)).toEqual(ago);
  });
});
