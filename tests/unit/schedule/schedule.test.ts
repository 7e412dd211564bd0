import { randomUUID } from "node:crypto";

import { afterEach, describe, expect, it } from "vitest";

import {
  firstInstants,
  isAllowedInterval,
  nextInstant,
  offsetMinutes,
  scheduleState,
  scheduleStatusOf,
  type Schedule,
  type ScheduleRow,
} from "@domain/schedule";
import { scheduledKinds, type ScheduledKind } from "@domain/schedule-limits";
import { promisedRuns } from "@tests/support/schedule";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Something that happens to the machine, `atMs` after the start by an independent clock. */
type Happening =
  | { atMs: number; kind: "down"; forMs: number }
  /** Moves the machine's clock by this many milliseconds. */
  | { atMs: number; kind: "clock"; byMs: number };

interface Story {
  start: Date;
  days: number;
  happenings?: Happening[];
}

interface Told {
  /** Instants of runs, by the machine's clock. */
  runs: number[];
  /** The minutes at which the scheduler looked, by the machine's clock. */
  looked: number[];
}

/** Simulates a scheduler that looks once a minute for this many days; only the next instant survives a restart. */
function live(schedule: Schedule, { start, days, happenings = [] }: Story): Told {
  let next: Date | null = nextInstant(schedule, start);
  let clockOff = 0;
  let downUntil = -1;
  const told: Told = { runs: [], looked: [] };
  for (let elapsed = 0; elapsed < days * DAY; elapsed += MINUTE) {
    for (const happening of happenings) {
      if (happening.atMs !== elapsed) continue;
      if (happening.kind === "down") downUntil = elapsed + happening.forMs;
      else clockOff += happening.byMs;
    }
    if (elapsed < downUntil) continue;
    const now = new Date(start.getTime() + elapsed + clockOff);
    told.looked.push(now.getTime());
    const found = scheduleState(schedule, next, now);
    if (found.state === "due") told.runs.push(now.getTime());
    if (found.state !== "waiting") next = found.next;
  }
  return told;
}

const start = new Date("2026-03-10T08:17:00Z");
const schedules = (connectionId: string): Schedule[] =>
  [15, 45, 60, 7 * 60, 24 * 60, 7 * 24 * 60]
    .map((intervalMinutes): Schedule => ({ kind: "full", connectionId, intervalMinutes }))
    .concat([5, 15, 60].map((intervalMinutes) => ({ kind: "alerts", connectionId, intervalMinutes })));

const gapsOf = (runs: number[]): Set<number> => new Set(runs.slice(1).map((at, n) => at - runs[n]!));

describe("over 30 days", () => {
  const zone = process.env["TZ"];
  afterEach(() => {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  });

  it("runs exactly at the chosen interval, as often as promised", () => {
    for (const schedule of schedules(randomUUID())) {
      const { runs } = live(schedule, { start, days: 30 });
      const intervalMs = schedule.intervalMinutes * MINUTE;
      expect(Math.abs(runs.length - (30 * DAY) / intervalMs)).toBeLessThanOrEqual(1);
      expect(gapsOf(runs)).toEqual(new Set([intervalMs]));
    }
  });

  it("ignores daylight saving: both clock changes in Berlin pass without an extra or missing run", () => {
    process.env["TZ"] = "Europe/Berlin";
    for (const begin of ["2026-03-10T00:00:00Z", "2026-10-10T00:00:00Z"]) {
      const story = { start: new Date(begin), days: 30 };
      const offsets = [0, 29].map((day) => new Date(story.start.getTime() + day * DAY).getTimezoneOffset());
      expect(offsets[0]).not.toBe(offsets[1]);
      for (const schedule of schedules(randomUUID())) {
        expect(gapsOf(live(schedule, story).runs)).toEqual(new Set([schedule.intervalMinutes * MINUTE]));
      }
    }
  });

  it("is not affected by restarts shorter than a minute", () => {
    const happenings = Array.from({ length: 60 }, (_, n) => ({
      atMs: n * 11 * HOUR,
      kind: "down" as const,
      forMs: MINUTE,
    }));
    for (const schedule of schedules(randomUUID())) {
      const told = live(schedule, { start, days: 30, happenings });
      expect(
        Math.abs(told.runs.length - (30 * DAY) / (schedule.intervalMinutes * MINUTE)),
      ).toBeLessThanOrEqual(1);
    }
  });

  it("catches up once after a downtime, at once and never in a burst", () => {
    const downs = [
      { atMs: 2 * DAY, kind: "down" as const, forMs: 7 * HOUR + 13 * MINUTE },
      { atMs: 9 * DAY, kind: "down" as const, forMs: 3 * DAY },
      { atMs: 20 * DAY, kind: "down" as const, forMs: 25 * MINUTE },
    ];
    for (const schedule of schedules(randomUUID())) {
      const told = live(schedule, { start, days: 30, happenings: downs });
      const intervalMs = schedule.intervalMinutes * MINUTE;
      expect(Math.abs(told.runs.length - promisedRuns(schedule, told.looked))).toBeLessThanOrEqual(1);
      for (const { atMs, forMs } of downs) {
        const back = start.getTime() + atMs + forMs;
        const soon = told.runs.filter((at) => at >= back && at < back + intervalMs);
        expect(soon.length).toBeLessThanOrEqual(2);
        if (forMs >= intervalMs) expect(soon[0]).toBe(back);
      }
    }
  });

  it("copes with clock jumps both ways, restarts and downtime at once", () => {
    const happenings: Happening[] = [
      { atMs: 1 * DAY, kind: "clock", byMs: 3 * HOUR },
      { atMs: 3 * DAY, kind: "clock", byMs: -2 * HOUR },
      { atMs: 4 * DAY, kind: "down", forMs: 5 * HOUR },
      { atMs: 7 * DAY, kind: "clock", byMs: -4 * MINUTE },
      { atMs: 8 * DAY, kind: "clock", byMs: 4 * MINUTE },
      { atMs: 12 * DAY, kind: "clock", byMs: 40 * DAY },
      { atMs: 13 * DAY, kind: "clock", byMs: -40 * DAY },
      { atMs: 21 * DAY, kind: "down", forMs: 26 * HOUR },
      { atMs: 25 * DAY, kind: "clock", byMs: -1 * HOUR },
    ];
    for (const schedule of schedules(randomUUID())) {
      const told = live(schedule, { start, days: 30, happenings });
      const case_ = `${schedule.kind} every ${schedule.intervalMinutes} min`;
      expect(Math.abs(told.runs.length - promisedRuns(schedule, told.looked)), case_).toBeLessThanOrEqual(1);
    }
  });

  it("continues within an interval after a clock that was a year ahead is corrected", () => {
    const schedule: Schedule = { kind: "full", connectionId: randomUUID(), intervalMinutes: 60 };
    const told = live(schedule, {
      start,
      days: 3,
      happenings: [
        { atMs: DAY, kind: "clock", byMs: 365 * DAY },
        { atMs: DAY + 10 * MINUTE, kind: "clock", byMs: -365 * DAY },
      ],
    });
    const right = start.getTime() + DAY + 10 * MINUTE;
    expect(told.runs.some((at) => at >= right && at <= right + HOUR)).toBe(true);
  });
});

it("spreads connections over the whole period, and each keeps its place", () => {
  const ids = Array.from({ length: 600 }, (_, n) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`);
  const places = ids.map((connectionId) =>
    offsetMinutes({ kind: "full", connectionId, intervalMinutes: 60 }),
  );
  const perMinute = Array.from({ length: 60 }, (_, minute) => places.filter((at) => at === minute).length);
  // 10 a minute on average; all at minute 0 would be 600.
  expect(Math.min(...perMinute)).toBeGreaterThan(0);
  expect(Math.max(...perMinute)).toBeLessThan(30);
  expect(
    ids.map((connectionId) => offsetMinutes({ kind: "full", connectionId, intervalMinutes: 60 })),
  ).toEqual(places);
});

it("gives the next instant within one interval, strictly after now", () => {
  for (const schedule of schedules(randomUUID())) {
    const first = nextInstant(schedule, start);
    const second = nextInstant(schedule, first);
    expect(first.getTime() - start.getTime()).toBeGreaterThan(0);
    expect(first.getTime() - start.getTime()).toBeLessThanOrEqual(schedule.intervalMinutes * MINUTE);
    expect(second.getTime() - first.getTime()).toBe(schedule.intervalMinutes * MINUTE);
  }
});

it("accepts the allowed intervals, and no others", () => {
  const allowed: Record<ScheduledKind, [number[], number[]]> = {
    full: [
      [15, 60, 10_080],
      [14, 10_081, 0, -60, 15.5, NaN],
    ],
    alerts: [
      [5, 15, 60],
      [4, 61, 0, 7.5],
    ],
  };
  for (const kind of scheduledKinds) {
    const [good, bad] = allowed[kind];
    expect(good.filter((minutes) => !isAllowedInterval(kind, minutes))).toEqual([]);
    expect(bad.filter((minutes) => isAllowedInterval(kind, minutes))).toEqual([]);
  }
});

it("has no next full sync while full syncs are off", () => {
  const settings = {
    id: randomUUID(),
    fullSyncEnabled: false,
    fullSyncIntervalMinutes: 60,
    alertsSyncIntervalMinutes: 15,
  };
  expect(firstInstants(settings, start).nextFullSyncAt).toBeNull();
  expect(firstInstants(settings, start).nextAlertsSyncAt).toBeInstanceOf(Date);
});

describe("how the schedules of a connection stand", () => {
  const now = new Date("2026-05-05T12:00:00Z");
  const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
  const row: ScheduleRow = {
    id: "a connection",
    status: "active",
    fullSyncEnabled: true,
    fullSyncIntervalMinutes: 60,
    alertsSyncIntervalMinutes: 15,
    nextFullSyncAt: minutesAgo(-30),
    nextAlertsSyncAt: minutesAgo(-5),
    consecutiveFailures: 0,
    alertsFailures: 0,
    pausedAt: null,
    alertsPausedAt: null,
    pausedReason: null,
    alertsPausedReason: null,
    createdAt: minutesAgo(600),
  };
  const full = (change: Partial<ScheduleRow>) => scheduleStatusOf({ ...row, ...change }, now)[0]!;
  const alerts = (change: Partial<ScheduleRow>) => scheduleStatusOf({ ...row, ...change }, now)[1]!;

  it("is on time until it is due, and overdue once it is five minutes late", () => {
    expect(full({})).toMatchObject({ kind: "full", mode: "running", lagMs: 0, isOverdue: false });
    expect(full({ nextFullSyncAt: minutesAgo(5) })).toMatchObject({ lagMs: 300_000, isOverdue: false });
    expect(full({ nextFullSyncAt: minutesAgo(5.1) })).toMatchObject({ isOverdue: true });
    expect(alerts({ nextAlertsSyncAt: minutesAgo(6) })).toMatchObject({ kind: "alerts", isOverdue: true });
  });

  it("counts a schedule that has no instant as due since its connection was made", () => {
    expect(alerts({ nextAlertsSyncAt: null })).toMatchObject({ lagMs: 36_000_000, isOverdue: true });
    expect(alerts({ nextAlertsSyncAt: null, createdAt: now })).toMatchObject({ isOverdue: false });
  });

  it("is never overdue while it does not run automatically, each for its own reason", () => {
    const late = { nextFullSyncAt: minutesAgo(90), nextAlertsSyncAt: minutesAgo(90) };
    const still = { next: null, lagMs: 0, isOverdue: false };
    expect(full({ ...late, fullSyncEnabled: false })).toMatchObject({ mode: "off", ...still });
    const paused = { pausedAt: now, pausedReason: "it failed" };
    expect(full({ ...late, ...paused })).toMatchObject({
      mode: "paused",
      pausedReason: "it failed",
      ...still,
    });
    expect(full({ ...late, status: "needs_attention" })).toMatchObject({ mode: "stopped", ...still });
    expect(alerts({ ...late, alertsPausedAt: now })).toMatchObject({ mode: "paused", ...still });
    expect(alerts({ ...late, fullSyncEnabled: false, pausedAt: now })).toMatchObject({ isOverdue: true });
  });
});
