import { describe, expect, it } from "vitest";

import { changedFields, heldByMaker, type AssetFields } from "@domain/asset-fields";
import { assetVersion } from "@domain/asset-version";
import { isAllowedGrace, retirementOf } from "@domain/grace";

const fields: AssetFields = {
  name: "PC-1",
  type: "workstation",
  location: "Bern, Switzerland",
  client: "acme",
  notes: null,
};

describe("the fields of an asset", () => {
  it.each<[string, Partial<AssetFields>, string[]]>([
    ["nothing", {}, []],
    ["the name", { name: "Reception" }, ["name"]],
    ["a value that is taken away", { location: null }, ["location"]],
    ["several, in the order of the form", { notes: "Loud", type: "server" }, ["type", "notes"]],
    ["the client taken away", { client: null }, ["client"]],
  ])("are changed: %s", (_what, change, changed) => {
    expect(changedFields(fields, { ...fields, ...change })).toEqual(changed);
  });

  it.each<[string, Partial<AssetFields>, string[]]>([
    ["only what was needed", { location: null, notes: null }, ["name", "client"]],
    ["everything", { notes: "From stock" }, ["name", "location", "client", "notes"]],
  ])("are overridden of an asset made by hand with %s, never the type", (_what, change, held) => {
    expect(heldByMaker({ ...fields, ...change })).toEqual(held);
  });
});

describe("the version of an asset", () => {
  const version = assetVersion(fields, ["name", "client"]);

  it("is the same for the same fields in any order", () => {
    expect(assetVersion({ ...fields }, ["client", "name"])).toBe(version);
  });

  it.each<[string, AssetFields, string[]]>([
    ["a value changes", { ...fields, notes: "x" }, ["name", "client"]],
    [
      "a value moves to another field",
      { ...fields, location: null, notes: fields.location },
      ["name", "client"],
    ],
    ["a field is let go", fields, ["name"]],
  ])("differs if %s", (_what, changed, held) => {
    expect(assetVersion(changed, held)).not.toBe(version);
  });
});

describe("the grace period", () => {
  const gone = new Date("2026-11-01T12:00:00Z");

  it.each([
    ["the one integration's", [3], "2026-11-04T12:00:00.000Z"],
    ["the most patient one's", [0, 30, 7], "2026-12-01T12:00:00.000Z"],
    ["none at all", [0], "2026-11-01T12:00:00.000Z"],
    ["the usual one where no integration is left", [], "2026-11-08T12:00:00.000Z"],
  ])("is %s", (_what, days, at) => {
    expect(retirementOf(gone, days).toISOString()).toBe(at);
  });

  it.each([
    [0, true],
    [365, true],
    [-1, false],
    [366, false],
    [1.5, false],
    [Number.NaN, false],
  ])("of %d days is allowed: %s", (days, isAllowed) => {
    expect(isAllowedGrace(days)).toBe(isAllowed);
  });
});
