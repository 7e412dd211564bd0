import { describe, expect, it } from "vitest";

import { anyAlert, type AlertConditions, type ConditionDevice } from "@domain/alert-conditions";
import {
  matchesRule,
  matchingRules,
  type AlertRule,
  type RuleHours,
  type RuleSubject,
} from "@domain/alert-rules";

const server: ConditionDevice = {
  assetId: "srv",
  groupIds: ["rack", "site"],
  tags: ["prod", "db"],
  assetType: "server",
  platform: "linux",
};
const laptop: ConditionDevice = {
  assetId: "lap",
  groupIds: ["site"],
  tags: [],
  assetType: "workstation",
  platform: "windows",
};
const incident = (other: Partial<RuleSubject> = {}): RuleSubject => ({
  severity: "major",
  name: "Disk nearly full",
  clientId: "acme",
  openedMs: Date.parse("2026-11-28T12:00Z"),
  devices: [server],
  ...other,
});
const rule = (
  id: string,
  conditions: Partial<AlertConditions> = {},
  other: Partial<AlertRule> = {},
): AlertRule => ({
  id,
  conditions: { ...anyAlert, ...conditions },
  hours: null,
  stops: false,
  ...other,
});

describe("a rule matches", () => {
  it.each<[string, Partial<AlertConditions>, RuleSubject, boolean]>([
    ["without any condition", {}, incident(), true],
    ["by one of its severities", { severities: ["critical", "major"] }, incident(), true],
    ["not by another severity", { severities: ["critical"] }, incident(), false],
    ["by a part of the name", { name: "nearly" }, incident(), true],
    ["by a pattern", { name: "disk*full" }, incident(), true],
    ["not by a pattern for less than the name", { name: "disk" + "?" }, incident(), false],
    ["by its client", { clientIds: ["acme"] }, incident(), true],
    [
      "not without a client where it asks for one",
      { clientIds: ["acme"] },
      incident({ clientId: null }),
      false,
    ],
    ["by a group above the device", { groupIds: ["site"] }, incident(), true],
    ["by the type of device", { assetTypes: ["server"] }, incident(), true],
    ["by a tag", { tags: ["db"] }, incident(), true],
    ["by the platform", { platforms: ["linux"] }, incident(), true],
    ["not if one of two kinds is not", { platforms: ["linux"], tags: ["lab"] }, incident(), false],
    ["by any of its devices", { assetTypes: ["workstation"] }, incident({ devices: [server, laptop] }), true],
    [
      "not by two devices together",
      { assetTypes: ["workstation"], tags: ["db"] },
      incident({ devices: [server, laptop] }),
      false,
    ],
    ["without a device, by what asks for none", { name: "disk" }, incident({ devices: [] }), true],
    ["not without a device, by what asks for one", { tags: ["db"] }, incident({ devices: [] }), false],
  ])("%s", (_what, conditions, subject, expected) => {
    expect(matchesRule(rule("r", conditions), subject, "UTC")).toBe(expected);
  });

  const night: RuleHours = { days: ["FR"], from: "22:00", to: "06:00" };
  it.each<[string, RuleHours, string, string, boolean]>([
    ["within its hours", { days: [], from: "09:00", to: "17:00" }, "UTC", "2026-11-28T12:00Z", true],
    ["not at their end", { days: [], from: "09:00", to: "12:00" }, "UTC", "2026-11-28T12:00Z", false],
    ["on its day", { days: ["SA"], from: "00:00", to: "00:00" }, "UTC", "2026-11-28T12:00Z", true],
    ["not on another day", { days: ["SU"], from: "00:00", to: "00:00" }, "UTC", "2026-11-28T12:00Z", false],
    ["across midnight, before it", night, "UTC", "2026-11-27T23:00Z", true],
    ["across midnight, after it", night, "UTC", "2026-11-28T05:59Z", true],
    ["not after midnight of a day that is not its own", night, "UTC", "2026-11-27T05:00Z", false],
    [
      "by the clock of the zone",
      { days: [], from: "09:00", to: "10:00" },
      "America/New_York",
      "2026-11-28T14:30Z",
      true,
    ],
    [
      "by the clock of the zone in summer",
      { days: [], from: "09:00", to: "10:00" },
      "America/New_York",
      "2026-07-28T13:30Z",
      true,
    ],
  ])("%s", (_what, hours, zone, at, expected) => {
    const subject = incident({ openedMs: Date.parse(at) });
    expect(matchesRule(rule("r", {}, { hours }), subject, zone)).toBe(expected);
  });
});

describe("rules are tried in their order", () => {
  const ids = (rules: AlertRule[]) => matchingRules(rules, incident(), "UTC").map(({ id }) => id);
  it.each<[string, AlertRule[], string[]]>([
    ["and all that are met act", [rule("a"), rule("b", { tags: ["lab"] }), rule("c")], ["a", "c"]],
    ["up to the first that stops", [rule("a"), rule("b", {}, { stops: true }), rule("c")], ["a", "b"]],
    [
      "and one that is not met stops nothing",
      [rule("a", { tags: ["lab"] }, { stops: true }), rule("b")],
      ["b"],
    ],
    ["and none is met by nothing", [], []],
  ])("%s", (_what, rules, expected) => {
    expect(ids(rules)).toEqual(expected);
  });
});
