import { describe, expect, it } from "vitest";

import { dueAt, everyNotice, isChosen, type NoticeChoice } from "@domain/notice-choice";
import type { NoticeKind } from "@domain/notice-kinds";

const acme = "00000000-0000-4000-8000-000000000001";
const zenith = "00000000-0000-4000-8000-000000000002";
const choice = (more: Partial<NoticeChoice>): NoticeChoice => ({ ...everyNotice, ...more });
const incident = (severity: "critical" | "minor", clientId: string | null = acme) => ({
  kind: "rule_matched" as NoticeKind,
  about: [{ severity, clientId }],
});
const failing = { kind: "failing" as NoticeKind };

describe("a person is sent", () => {
  it.each<[string, NoticeChoice, Parameters<typeof isChosen>[1], boolean]>([
    ["everything, if they chose nothing", everyNotice, failing, true],
    ["nothing, if they want nothing", choice({ pace: "never" }), failing, false],
    ["a kind that they chose", choice({ kinds: ["failing"] }), failing, true],
    ["no other kind", choice({ kinds: ["held"] }), failing, false],
    ["incidents of the severity", choice({ severity: "major" }), incident("critical"), true],
    ["none below it", choice({ severity: "major" }), incident("minor"), false],
    ["incidents of their clients", choice({ clientIds: [acme] }), incident("minor"), true],
    ["none of others", choice({ clientIds: [acme] }), incident("critical", zenith), false],
    [
      "none without a client, if they chose clients",
      choice({ clientIds: [acme] }),
      incident("minor", null),
      false,
    ],
    ["what is about connections, whichever clients they chose", choice({ clientIds: [acme] }), failing, true],
    [
      "a summary in which one incident fits",
      choice({ clientIds: [acme], severity: "major" }),
      {
        kind: "maintenance_ended",
        about: [...incident("critical", zenith).about, ...incident("critical").about],
      },
      true,
    ],
    [
      "none in which one fits by severity and another by client",
      choice({ clientIds: [acme], severity: "major" }),
      {
        kind: "maintenance_ended",
        about: [...incident("critical", zenith).about, ...incident("minor").about],
      },
      false,
    ],
  ])("%s", (_, chosen, notice, expected) => {
    expect(isChosen(chosen, notice)).toBe(expected);
  });
});

describe("waiting notices go out", () => {
  it.each<[string, "now" | "hourly" | "daily", string, string, string]>([
    ["at once", "now", "2026-10-08T10:20:30Z", "UTC", "2026-10-08T10:20:30Z"],
    ["at the next full hour", "hourly", "2026-10-08T10:20:30Z", "UTC", "2026-10-08T11:00:00Z"],
    [
      "at the full hour of a zone of half hours",
      "hourly",
      "2026-10-08T10:40:30Z",
      "Asia/Kolkata",
      "2026-10-08T11:30:00Z",
    ],
    ["at eight of the same day", "daily", "2026-10-08T05:59:59Z", "Europe/Berlin", "2026-10-08T06:00:00Z"],
    ["at eight of the next day", "daily", "2026-10-08T06:00:00Z", "Europe/Berlin", "2026-10-09T06:00:00Z"],
    [
      "at eight after the clock was set back",
      "daily",
      "2026-10-24T07:00:00Z",
      "Europe/Berlin",
      "2026-10-25T07:00:00Z",
    ],
    [
      "at eight after the clock was set forward",
      "daily",
      "2026-03-28T08:00:00Z",
      "Europe/Berlin",
      "2026-03-29T06:00:00Z",
    ],
    [
      "at eight by the clock west of Greenwich",
      "daily",
      "2026-10-08T02:00:00Z",
      "America/Los_Angeles",
      "2026-10-08T15:00:00Z",
    ],
  ])("%s", (_, pace, now, zone, at) => {
    expect(dueAt(pace, new Date(now), zone)).toEqual(new Date(at));
  });
});
