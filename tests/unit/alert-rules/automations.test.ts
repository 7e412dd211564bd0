import { describe, expect, it } from "vitest";

import { afterAnswer, automationToken, type AutomationAnswer } from "@domain/rule-automations";

describe("the address of an automation's trigger", () => {
  it.each<[string, string | null]>([
    ["https://api.level.io/v2/automations/webhooks/Wh-7_kQ2", "Wh-7_kQ2"],
    ["  https://api.level.io/v2/automations/webhooks/Wh7?x=1 ", "Wh7"],
    ["https://api.level.io/v2/automations/webhooks/Wh7/", "Wh7"],
    ["Wh-7_kQ2==", "Wh-7_kQ2=="],
    ["", null],
    ["https://api.level.io/v2/automations/webhooks/", null],
    ["https://example.com/Wh7", null],
    ["..", null],
    ["two words", null],
    ["Wh7\u0000", null],
    ["a".repeat(301), null],
  ])("%j gives the token %j", (given, token) => {
    expect(automationToken(given)).toBe(token);
  });
});

describe("after the RMM was asked to start an automation", () => {
  const requestedAt = new Date("2026-11-28T12:00Z");
  const later = (afterMs?: number): AutomationAnswer => ({ state: "later", reason: "Wait.", afterMs });
  it.each<[string, AutomationAnswer, number, string]>([
    ["a yes ends it", { state: "started" }, 0, "started"],
    ["a no ends it", { state: "refused", reason: "No." }, 0, "refused"],
    [
      "an answer that was lost ends it, because it may have run",
      { state: "unknown", reason: "?" },
      0,
      "unknown",
    ],
    ["what was not taken is asked for again after a minute", later(), 0, "again at 1"],
    ["and not before the RMM says", later(5 * 60_000), 0, "again at 5"],
    ["up to an hour", later(), 59, "again at 60"],
    ["and then no more", later(), 60, "refused"],
    ["nor where the RMM asks to wait for longer", later(61 * 60_000), 0, "refused"],
  ])("%s", (_what, answer, minutes, expected) => {
    const now = new Date(requestedAt.getTime() + minutes * 60_000);
    const next = afterAnswer(answer, { requestedAt, now });
    const said =
      next.state === "ended"
        ? next.as.state
        : `again at ${(next.at.getTime() - requestedAt.getTime()) / 60_000}`;
    expect(said).toBe(expected);
  });
});
