import { describe, expect, it } from "vitest";

import { anyAlert, type AlertConditions } from "@domain/alert-conditions";
import {
  coverOf,
  nextOccurrence,
  occurrencesBetween,
  type DeviceAlerts,
  type RunningWindow,
} from "@domain/maintenance-windows";
import { recurrenceProblem } from "@domain/recurrence";

const at = (iso: string) => Date.parse(iso);
const shown = ({ startMs, endMs }: { startMs: number; endMs: number }) =>
  `${new Date(startMs).toISOString().slice(0, 16)} to ${new Date(endMs).toISOString().slice(0, 16)}`;

interface Times {
  startsAt: string;
  endsAt: string;
  rule?: string;
  zone?: string;
  from: string;
  to: string;
}

const occurrences = ({ startsAt, endsAt, rule, zone = "America/New_York", from, to }: Times) =>
  occurrencesBetween({ startsAt, endsAt, rule: rule ?? null }, zone, { fromMs: at(from), toMs: at(to) }).map(
    shown,
  );

describe("a window stands on the clock on the wall", () => {
  const nightly = { startsAt: "2026-03-01T22:00", endsAt: "2026-03-02T04:00", rule: "FREQ=DAILY" };
  it.each<[string, Times, string[]]>([
    [
      "once, on a day without a change",
      {
        startsAt: "2026-06-10T22:00",
        endsAt: "2026-06-10T23:30",
        from: "2026-06-01T00:00Z",
        to: "2026-07-01T00:00Z",
      },
      ["2026-06-11T02:00 to 2026-06-11T03:30"],
    ],
    [
      "across midnight while the clock is set forward: five hours",
      { ...nightly, from: "2026-03-07T12:00Z", to: "2026-03-08T12:00Z" },
      ["2026-03-08T03:00 to 2026-03-08T08:00"],
    ],
    [
      "across midnight while the clock is set back: seven hours",
      { ...nightly, from: "2026-10-31T12:00Z", to: "2026-11-01T12:00Z" },
      ["2026-11-01T02:00 to 2026-11-01T09:00"],
    ],
    [
      "the nights around the change keep their local hours",
      { ...nightly, from: "2026-03-07T12:00Z", to: "2026-03-09T12:00Z" },
      ["2026-03-08T03:00 to 2026-03-08T08:00", "2026-03-09T02:00 to 2026-03-09T08:00"],
    ],
    [
      "a start that the clock leaves out is the instant of the change",
      {
        startsAt: "2026-03-01T02:30",
        endsAt: "2026-03-01T04:00",
        rule: "FREQ=DAILY",
        from: "2026-03-08T00:00Z",
        to: "2026-03-08T23:00Z",
      },
      ["2026-03-08T07:00 to 2026-03-08T08:00"],
    ],
    [
      "a window that the clock leaves out whole keeps its length",
      {
        startsAt: "2026-03-01T02:00",
        endsAt: "2026-03-01T03:00",
        rule: "FREQ=DAILY",
        from: "2026-03-08T00:00Z",
        to: "2026-03-08T23:00Z",
      },
      ["2026-03-08T07:00 to 2026-03-08T08:00"],
    ],
    [
      "hours that the clock shows twice are all of it",
      {
        startsAt: "2026-10-01T01:00",
        endsAt: "2026-10-01T01:30",
        rule: "FREQ=DAILY",
        from: "2026-11-01T00:00Z",
        to: "2026-11-01T23:00Z",
      },
      ["2026-11-01T05:00 to 2026-11-01T06:30"],
    ],
    [
      "in Berlin, the last Sunday of March",
      {
        startsAt: "2026-03-01T01:00",
        endsAt: "2026-03-01T05:00",
        rule: "FREQ=WEEKLY;BYDAY=SU",
        zone: "Europe/Berlin",
        from: "2026-03-28T00:00Z",
        to: "2026-03-30T00:00Z",
      },
      ["2026-03-29T00:00 to 2026-03-29T03:00"],
    ],
    [
      "where the clock is set forward by half an hour",
      {
        startsAt: "2026-09-01T02:10",
        endsAt: "2026-09-01T03:00",
        rule: "FREQ=DAILY",
        zone: "Australia/Lord_Howe",
        from: "2026-10-03T00:00Z",
        to: "2026-10-04T00:00Z",
      },
      ["2026-10-03T15:30 to 2026-10-03T16:00"],
    ],
    [
      "every second week, counted from the first",
      {
        startsAt: "2026-11-07T22:00",
        endsAt: "2026-11-08T02:00",
        rule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA",
        zone: "UTC",
        from: "2026-11-08T00:00Z",
        to: "2026-12-06T00:00Z",
      },
      [
        "2026-11-07T22:00 to 2026-11-08T02:00",
        "2026-11-21T22:00 to 2026-11-22T02:00",
        "2026-12-05T22:00 to 2026-12-06T02:00",
      ],
    ],
    [
      "the second Tuesday of each month, until a day",
      {
        startsAt: "2026-10-13T23:00",
        endsAt: "2026-10-14T01:00",
        rule: "FREQ=MONTHLY;BYDAY=2TU;UNTIL=20261201T000000Z",
        zone: "UTC",
        from: "2026-10-01T00:00Z",
        to: "2027-02-01T00:00Z",
      },
      ["2026-10-13T23:00 to 2026-10-14T01:00", "2026-11-10T23:00 to 2026-11-11T01:00"],
    ],
  ])("%s", (_what, times, expected) => {
    expect(occurrences(times)).toEqual(expected);
  });

  it("counts a future window's occurrences also in the past, at the same phase", () => {
    const times = {
      startsAt: "2026-12-05T22:00",
      endsAt: "2026-12-06T02:00",
      rule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA",
    };
    const stretch = { fromMs: at("2026-11-01T00:00Z"), toMs: at("2026-12-01T00:00Z") };
    expect(occurrencesBetween(times, "UTC", stretch)).toEqual([]);
    expect(occurrencesBetween(times, "UTC", stretch, true).map(shown)).toEqual([
      "2026-11-07T22:00 to 2026-11-08T02:00",
      "2026-11-21T22:00 to 2026-11-22T02:00",
    ]);
  });

  it("knows when it is next", () => {
    const times = { startsAt: "2026-01-01T03:00", endsAt: "2026-01-01T04:00", rule: "FREQ=YEARLY" };
    expect(shown(nextOccurrence(times, "UTC", at("2026-11-28T00:00Z"))!)).toBe(
      "2027-01-01T03:00 to 2027-01-01T04:00",
    );
    expect(nextOccurrence({ ...times, rule: null }, "UTC", at("2026-11-28T00:00Z"))).toBeNull();
  });
});

describe("a rule of recurrence", () => {
  it.each([
    ["FREQ=WEEKLY;BYDAY=SA,SU", null],
    ["FREQ=MONTHLY;BYDAY=-1FR", null],
    ["FREQ=HOURLY", /begins with FREQ/],
    ["FREQ=DAILY;BYHOUR=1,2,3", /BYHOUR is not used/],
    ["FREQ=WEEKLY;BYDAY=XX", /no recurrence rule/],
    ["every monday", /begins with FREQ/],
  ])("%s is refused with a reason, or taken", (rule, problem) => {
    if (problem === null) expect(recurrenceProblem(rule)).toBeNull();
    else expect(recurrenceProblem(rule)).toMatch(problem);
  });
});

describe("an incident is covered", () => {
  const alert = { severity: "major" as const, name: "Device offline", clientId: "acme" };
  const device = (startedAt: string, other: Partial<DeviceAlerts> = {}): DeviceAlerts => ({
    assetId: "pc",
    groupIds: ["site", "acme-group"],
    tags: ["lab"],
    assetType: "workstation",
    platform: "windows",
    startedMs: at(startedAt),
    isActive: true,
    isFlagged: false,
    ...other,
  });
  const night = { startMs: at("2026-06-10T22:00Z"), endMs: at("2026-06-11T04:00Z") };
  const window = (conditions: Partial<AlertConditions> = {}, other: Partial<RunningWindow> = {}) => ({
    windowId: "night",
    conditions: { ...anyAlert, ...conditions },
    suppressesNotices: true,
    suppressesTickets: false,
    occurrences: [night],
    ...other,
  });
  const cover = (windows: RunningWindow[], devices: DeviceAlerts[], now: string) =>
    coverOf(windows, alert, devices, at(now));

  it.each<[string, DeviceAlerts[], string, boolean]>([
    ["by a window in which its alert began", [device("2026-06-10T23:00Z")], "2026-06-10T23:01Z", true],
    ["from the first instant on", [device("2026-06-10T22:00Z")], "2026-06-10T22:01Z", true],
    ["not if its alert began before", [device("2026-06-10T21:59Z")], "2026-06-10T23:00Z", false],
    ["not if it began before and lasts longer", [device("2026-06-10T21:59Z")], "2026-06-11T05:00Z", false],
    ["not any more once the window has ended", [device("2026-06-10T23:00Z")], "2026-06-11T04:00Z", false],
    ["not if it began at its end", [device("2026-06-11T04:00Z")], "2026-06-11T04:00Z", false],
    [
      "though the window has ended, if it was over before it became known",
      [device("2026-06-11T03:50Z", { isActive: false })],
      "2026-06-11T04:02Z",
      true,
    ],
    [
      "only if all of its devices are",
      [device("2026-06-10T23:00Z"), device("2026-06-10T21:00Z")],
      "2026-06-10T23:01Z",
      false,
    ],
    [
      "by the RMM's own maintenance mode",
      [device("2026-06-01T00:00Z", { isFlagged: true })],
      "2026-06-10T12:00Z",
      true,
    ],
    ["not without a device", [], "2026-06-10T23:00Z", false],
  ])("%s", (_what, devices, now, expected) => {
    expect(cover([window()], devices, now) !== null).toBe(expected);
  });

  it.each<[string, Partial<AlertConditions>, boolean]>([
    ["everything", {}, true],
    ["its client", { clientIds: ["other", "acme"] }, true],
    ["another client", { clientIds: ["other"] }, false],
    ["a group above its own", { groupIds: ["acme-group"] }, true],
    ["a group beside", { groupIds: ["elsewhere"] }, false],
    ["the device", { assetIds: ["pc"] }, true],
    ["a tag", { tags: ["lab"] }, true],
    ["a tag that it has not", { tags: ["prod"] }, false],
    ["a part of its name, whatever the case", { name: "OFFLINE" }, true],
    ["a pattern for its name", { name: "device*" }, true],
    ["a pattern that must fit the whole name", { name: "offline*" }, false],
    ["a client and a tag that it has not", { clientIds: ["acme"], tags: ["prod"] }, false],
  ])("by a window about %s", (_what, conditions, expected) => {
    const found = cover([window(conditions)], [device("2026-06-10T23:00Z")], "2026-06-10T23:01Z");
    expect(found !== null).toBe(expected);
  });

  it("by what any of several windows suppresses, until the first of them ends", () => {
    const tickets = window(
      {},
      {
        windowId: "late",
        suppressesNotices: false,
        suppressesTickets: true,
        occurrences: [{ ...night, endMs: at("2026-06-11T06:00Z") }],
      },
    );
    expect(cover([tickets, window()], [device("2026-06-10T23:00Z")], "2026-06-10T23:01Z")).toEqual({
      windowId: "night",
      suppressesNotices: true,
      suppressesTickets: true,
      untilMs: night.endMs,
    });
  });

  it("or not, by a pattern that would make a backtracking matcher hang", () => {
    const name = "a".repeat(5_000);
    expect(
      coverOf(
        [window({ name: `${"*a".repeat(50)}*b` })],
        { ...alert, name },
        [device("2026-06-10T23:00Z")],
        0,
      ),
    ).toBeNull();
  });
});
