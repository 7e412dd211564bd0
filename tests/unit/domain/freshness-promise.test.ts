import { describe, expect, it } from "vitest";

import {
  budgetUsed,
  lastDays,
  promisedHours,
  samplePromise,
  type PromiseState,
} from "@domain/freshness-promise";

const at = (time: string) => new Date(`2026-11-${time}:00Z`);
const untouched: PromiseState = { sampledAt: null, brokenSince: null, heldSince: null };
const seen = (time: string, more: Partial<PromiseState> = {}): PromiseState => ({
  ...untouched,
  sampledAt: at(time),
  ...more,
});

const sample = (known: Partial<Parameters<typeof samplePromise>[0]> & { now: Date }) =>
  samplePromise({
    percent: 95,
    hours: 2,
    state: untouched,
    knownSince: at("01T00:00"),
    fullSyncs: [],
    readShare: 0,
    ...known,
  });

it.each([
  { interval: 15, chosen: null, hours: 2 },
  { interval: 60, chosen: null, hours: 2 },
  { interval: 90, chosen: null, hours: 3 },
  { interval: 1440, chosen: null, hours: 48 },
  { interval: 1440, chosen: 6, hours: 6 },
])("promises $hours hours for a sync each $interval minutes", ({ interval, chosen, hours }) => {
  expect(promisedHours({ promisedHours: chosen, fullSyncIntervalMinutes: interval })).toBe(hours);
});

describe("whether the promise is kept", () => {
  it("looks at one instant first, every five full minutes", () => {
    const { days, state, tell } = sample({ now: at("10T12:03"), fullSyncs: [at("10T11:00")] });
    expect(days).toEqual([
      { day: "2026-11-10", samples: 1, missed: 0, allowed: expect.closeTo(0.05) as number },
    ]);
    expect(state).toEqual(seen("10T12:00"));
    expect(tell).toBeNull();
  });

  it.each([
    { name: "a sync two hours ago", sync: "10T10:00", readShare: 0, tell: null },
    { name: "a sync over two hours ago", sync: "10T09:59", readShare: 0, tell: "freshness_broken" },
    { name: "19 of 20 devices read one by one", sync: "10T09:00", readShare: 0.95, tell: null },
    { name: "fewer read one by one", sync: "10T09:00", readShare: 0.94, tell: "freshness_broken" },
  ])("$name: $tell", ({ sync, readShare, tell }) => {
    const state = seen("10T11:55");
    expect(sample({ now: at("10T12:00"), state, fullSyncs: [at(sync)], readShare }).tell).toBe(tell);
  });

  it("sends one notice while it stays broken", () => {
    const state = seen("10T12:00", { brokenSince: at("10T12:00") });
    const { tell, state: after } = sample({ now: at("10T12:05"), state, fullSyncs: [at("10T09:00")] });
    expect(tell).toBeNull();
    expect(after.brokenSince).toEqual(at("10T12:00"));
  });

  it("counts as kept again once it has held for longer than its hours", () => {
    const broken = seen("10T13:00", { brokenSince: at("10T12:00") });
    const fullSyncs = [at("10T13:02"), at("10T14:30")];
    const early = sample({ now: at("10T15:09"), state: broken, fullSyncs });
    expect(early).toMatchObject({ tell: null, state: { heldSince: at("10T13:05") } });
    const late = sample({ now: at("10T15:10"), state: early.state, fullSyncs });
    expect(late).toMatchObject({ tell: "freshness_kept", state: { brokenSince: null, heldSince: null } });
  });

  it("sends no more notices for an account whose syncs are a few minutes late each time", () => {
    let state = seen("10T12:00");
    const told: unknown[] = [];
    // A sync every 2 hours and 10 minutes.
    const fullSyncs = Array.from(
      { length: 8 },
      (_, n) => new Date(at("10T12:00").getTime() + n * 130 * 60_000),
    );
    for (let minute = 5; minute < 16 * 60; minute += 5) {
      const result = sample({ now: new Date(at("10T12:00").getTime() + minute * 60_000), state, fullSyncs });
      state = result.state;
      if (result.tell !== null) told.push(result.tell);
    }
    expect(told).toEqual(["freshness_broken"]);
  });
});

describe("instants that were missed", () => {
  it("are filled in from the runs that ended, each on its day", () => {
    const { days, state } = sample({
      now: at("11T01:00"),
      state: seen("10T22:00"),
      fullSyncs: [at("10T21:00")],
    });
    // Late from 23:05 on: until midnight 11 of 23 samples, and then all 13.
    expect(days).toMatchObject([
      { day: "2026-11-10", samples: 23, missed: 11 },
      { day: "2026-11-11", samples: 13, missed: 13 },
    ]);
    expect(state.brokenSince).toEqual(at("10T23:05"));
  });

  it("stay a gap if the runs of that time are gone", () => {
    const { days } = sample({
      now: at("11T01:00"),
      state: seen("09T00:00"),
      knownSince: at("11T00:00"),
      fullSyncs: [at("11T00:00")],
    });
    expect(days.map(({ day, samples }) => [day, samples])).toEqual([["2026-11-11", 13]]);
  });

  it("start over after a clock was set back", () => {
    const { days, state } = sample({
      now: at("10T12:00"),
      state: seen("20T00:00"),
      fullSyncs: [at("10T11:30")],
    });
    expect(days).toMatchObject([{ samples: 1, missed: 0 }]);
    expect(state.sampledAt).toEqual(at("10T12:00"));
  });

  it("are none within the same five minutes", () => {
    const { days, state } = sample({ now: at("10T12:04"), state: seen("10T12:00") });
    expect(days).toEqual([]);
    expect(state).toEqual(seen("10T12:00"));
  });
});

it.each([
  { days: [], used: null },
  { days: [{ missed: 0, allowed: 5 }], used: 0 },
  {
    days: [
      { missed: 2, allowed: 5 },
      { missed: 3, allowed: 5 },
    ],
    used: 0.5,
  },
  { days: [{ missed: 20, allowed: 5 }], used: 4 },
])("$used of the allowed misses are used", ({ days, used }) => {
  expect(budgetUsed(days)).toBe(used);
});

it("shows a day without data as a gap", () => {
  const days = lastDays([{ day: "2026-11-10", samples: 4, missed: 1, allowed: 0.2 }], at("11T12:00"));
  expect(days).toHaveLength(30);
  expect(days.slice(-2)).toEqual([
    { day: "2026-11-10", kept: 0.75 },
    { day: "2026-11-11", kept: null },
  ]);
});
