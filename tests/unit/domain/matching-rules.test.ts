import { describe, expect, it } from "vitest";

import { matchDevice, type IdentityKeys, type KnownMachine, type MatchKey } from "@domain/identity";
import {
  approvalScope,
  defaultRules,
  impossibleJunk,
  junkKeysOf,
  knownJunk,
  matchingRulesSchema,
  readStoredRules,
  specificFirst,
  waitsForApproval,
  withoutJunk,
  type MatchingRules,
} from "@domain/matching-rules";

const groups = [
  { externalId: "top", parentExternalId: null },
  { externalId: "below", parentExternalId: "top" },
  { externalId: "deep", parentExternalId: "below" },
  { externalId: "other", parentExternalId: "unknown" },
  { externalId: "circle-1", parentExternalId: "circle-2" },
  { externalId: "circle-2", parentExternalId: "circle-1" },
];

describe("which new devices wait for approval", () => {
  const table: [
    text: string,
    approval: Partial<MatchingRules["approval"]>,
    group: string | null,
    type: "server" | "workstation" | null,
    waits: boolean,
  ][] = [
    ["nobody asked", {}, "top", "server", false],
    ["nobody asked, whatever is still named", { groups: ["top"], types: ["server"] }, "top", "server", false],
    ["everything", { mode: "all" }, null, null, true],
    ["the group", { mode: "some", groups: ["top"] }, "top", null, true],
    ["far below the group", { mode: "some", groups: ["top"] }, "deep", null, true],
    ["above the group", { mode: "some", groups: ["below"] }, "top", null, false],
    ["beside the group", { mode: "some", groups: ["top"] }, "other", null, false],
    ["in no group", { mode: "some", groups: ["top"] }, null, null, false],
    ["in a circle of groups", { mode: "some", groups: ["circle-1"] }, "circle-2", null, true],
    ["a group that is gone", { mode: "some", groups: ["gone"] }, "gone", null, true],
    ["the type", { mode: "some", types: ["server"] }, "other", "server", true],
    ["another type", { mode: "some", types: ["server"] }, "other", "workstation", false],
    ["no type, as a workstation", { mode: "some", types: ["workstation"] }, "other", null, true],
    ["the type, elsewhere", { mode: "some", groups: ["top"], types: ["server"] }, "other", "server", true],
  ];
  it.each(table)("%s", (_, approval, externalGroupId, assetType, waits) => {
    const rules = { ...defaultRules, approval: { ...defaultRules.approval, ...approval } };
    expect(waitsForApproval(approvalScope(rules, groups), { externalGroupId, assetType })).toBe(waits);
  });
});

const none: IdentityKeys = { serialKey: null, macKeys: [], hostnameKey: null };
const device = { clientId: "acme", serialKey: "ABC123", macKeys: ["a0b1c2d3e4f5"], hostnameKey: "pc-1" };
const known = (assetId: string, keys: Partial<KnownMachine>): KnownMachine => ({
  assetId,
  clientId: "acme",
  isLinked: false,
  ...none,
  ...keys,
});

describe("the order of the keys", () => {
  const bySerial = known("by-serial", { serialKey: "ABC123" });
  const byMac = known("by-mac", { macKeys: ["a0b1c2d3e4f5"] });
  const byName = known("by-name", { hostnameKey: "pc-1" });
  const table: [keys: MatchKey[], found: string | null][] = [
    [["serial", "mac", "hostname"], "by-serial"],
    [["mac", "serial", "hostname"], "by-mac"],
    [["hostname", "serial"], "by-name"],
    [["hostname"], "by-name"],
    [[], null],
  ];
  it.each(table)("%j finds %s first", (keys, found) => {
    const match = matchDevice(device, [bySerial, byMac, byName], () => 1, keys);
    expect(match).toMatchObject(found === null ? { state: "none" } : { state: "link", assetId: found });
  });

  it("never makes a link that another serial number contradicts, whichever key comes first", () => {
    const other = known("other", { serialKey: "XYZ999", hostnameKey: "pc-1", macKeys: ["a0b1c2d3e4f5"] });
    for (const keys of [["hostname"], ["mac", "hostname"], ["hostname", "mac", "serial"]] as MatchKey[][])
      expect(matchDevice(device, [other], () => 1, keys)).toEqual({ state: "none" });
  });

  it("waits for a listed device only by the keys in use", () => {
    const listed = known("listed", { serialKey: "ABC123", isLinked: true });
    expect(matchDevice(device, [listed], () => 1, ["serial"]).state).toBe("waiting");
    expect(matchDevice(device, [listed], () => 1, ["hostname", "mac"]).state).toBe("none");
  });
});

describe("values that identify nothing", () => {
  const rules = (junk: Partial<MatchingRules["junk"]>): MatchingRules => ({
    ...defaultRules,
    junk: { ...defaultRules.junk, ...junk },
  });

  it.each<[text: string, junk: Partial<MatchingRules["junk"]>, left: Partial<IdentityKeys>]>([
    ["a serial number however it is typed", { serials: ["abc-123"] }, { serialKey: null }],
    ["a MAC address however it is typed", { macs: ["A0-B1-C2-D3-E4-F5"] }, { macKeys: [] }],
    ["a hostname with its domain", { hostnames: ["PC-1.acme.local"] }, { hostnameKey: null }],
    ["nothing that only begins alike", { serials: ["ABC12"], hostnames: ["pc"] }, {}],
  ])("take away %s", (_, junk, left) => {
    expect(withoutJunk(device, junkKeysOf(rules(junk)))).toEqual({ ...device, ...left });
  });

  it("are refused if they cannot be a value of their kind, and marked if they are ignored anyway", () => {
    expect(impossibleJunk("macs", ["00:11", "a0:b1:c2:d3:e4:f5"])).toEqual(["00:11"]);
    expect(impossibleJunk("serials", ["--", "X"])).toEqual(["--"]);
    expect(knownJunk("serials", ["To be filled by O.E.M.", "ABC123"])).toEqual(["To be filled by O.E.M."]);
    expect(knownJunk("hostnames", ["localhost", "front-desk"])).toEqual(["localhost"]);
  });
});

describe("stored rules", () => {
  it("are the defaults if nothing is stored, also for a part that an earlier version did not have", () => {
    expect(readStoredRules(undefined)).toEqual(defaultRules);
    expect(readStoredRules({ keys: ["mac"] })).toEqual({ ...defaultRules, keys: ["mac"] });
  });

  it("apply a standing rule about one client before one about all, and store none twice", () => {
    const clientId = "0190a000-0000-7000-8000-000000000000";
    const all = { field: "name", clientId: null, keep: "theirs" } as const;
    const one = { field: "name", clientId, keep: "ours" } as const;
    expect(specificFirst([all, one])).toEqual([one, all]);
    expect(matchingRulesSchema.safeParse({ differences: [one, { ...one, keep: "theirs" }] }).success).toBe(
      false,
    );
  });

  it("name no key twice", () => {
    expect(matchingRulesSchema.safeParse({ keys: ["mac", "mac"] }).success).toBe(false);
  });
});
