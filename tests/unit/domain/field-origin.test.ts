import { describe, expect, it } from "vitest";

import { fieldRule, type FieldRule, type OriginFacts } from "@domain/field-origin";

const facts: OriginFacts = {
  hasDevice: true,
  isUndone: false,
  overriddenFields: [],
  value: "PC-1",
  reported: undefined,
  blank: [],
};

describe("the rule by which an asset has a value", () => {
  it.each<[string, string, Partial<OriginFacts>, FieldRule]>([
    ["what Level says is followed", "name", { reported: "PC-1" }, "followed"],
    [
      "a person's value is overridden, whatever Level says",
      "name",
      { overriddenFields: ["name"] },
      "overridden",
    ],
    ["another name that Level gave is under review", "name", { reported: "PC-2" }, "pending"],
    ["a value that Level no longer gives is kept", "osVersion", { blank: ["osVersion"] }, "keptOverBlank"],
    ["a value that never was is not kept", "osVersion", { blank: ["osVersion"], value: null }, "followed"],
    [
      "a serial number of many machines recognises none",
      "serialNumber",
      { value: "To be filled by O.E.M." },
      "placeholder",
    ],
    ["a real serial number is followed", "serialNumber", { value: "PFM4T85D" }, "followed"],
    ["a value whose run was undone stays", "name", { isUndone: true, reported: "PC-2" }, "undone"],
    ["pending patches are counted", "pendingPatches", { value: 3 }, "counted"],
    ["an asset that no RMM knows is entered by hand", "type", { hasDevice: false }, "byHand"],
    ["notes are one's own", "notes", {}, "own"],
    [
      "fields of a device written before blanks were kept are followed",
      "lanIp",
      { blank: undefined },
      "followed",
    ],
  ])("%s", (_, field, given, rule) => {
    expect(fieldRule(field, { ...facts, ...given })).toBe(rule);
  });
});
