import { describe, expect, it } from "vitest";

import { suggestClients } from "@domain/suggest-client";

const clients = (...names: string[]) => names.map((name) => ({ id: name, name }));
const suggest = (group: string, ...names: string[]) =>
  suggestClients([{ id: "g", name: group }], clients(...names)).get("g") ?? null;

describe("a client of the same name", () => {
  it.each([
    ["Acme", "acme"],
    ["Café Lumière", "cafe lumiere"],
    ["Müller & Søn", "Muller and Søn"],
    ["Smith-Jones, Inc.", "Smith Jones Inc"],
    ["O'Brien Dental", "O’Brien  Dental"],
    ["東京 Architects", "東京 architects"],
  ])("%s is %s", (group, name) => {
    expect(suggest(group, "Something else", name)).toEqual({ clientId: name, match: "exact" });
  });

  it("is not suggested if two clients have it", () => {
    expect(
      suggestClients(
        [{ id: "g", name: "Acme" }],
        [
          { id: "1", name: "ACME" },
          { id: "2", name: "acme." },
        ],
      ).get("g"),
    ).toBeUndefined();
  });
});

describe("a client of nearly the same name", () => {
  it.each([
    ["Harborlight Dental", "Harbourlight Dental"],
    ["Acme Ltd", "ACME, Inc."],
    ["Borealis 0", "Borealis 0 GmbH"],
    ["Northfield Legal LLC", "Northfeild Legal"],
    ["Kestrel Property Group", "Kestrel Property Groups GmbH"],
  ])("%s may be %s", (group, name) => {
    expect(suggest(group, "Something else entirely", name)).toEqual({ clientId: name, match: "similar" });
  });

  it.each([
    ["Servers", "Harborlight Dental"],
    ["IT", "HR"],
    ["HQ", "HP"],
    ["Branch Office", "French Offices Ltd"],
    ["Blue Heron", "Red Heron"],
    ["", "Acme"],
    ["!!!", "???"],
    ["Ltd", "Inc"],
    ["Acme 1", "Acme 15"],
    ["Customer 0001", "Customer 0002"],
    ["Northfield 2", "Northfield"],
  ])("%j is not %j", (group, name) => {
    expect(suggest(group, name)).toBeNull();
  });

  it("is the closest one, and none when two are equally close", () => {
    expect(suggest("Harborlight", "Harborlights", "Harbourlights")?.clientId).toBe("Harborlights");
    expect(suggest("Harborlight", "Harborlighta", "Harborlightb")).toBeNull();
  });
});

it("many similar names cost a bounded time, and exact matches are still found", () => {
  const many = (word: string) =>
    Array.from({ length: 2_000 }, (_, n) => {
      const digits = String((n * 7919) % 1_000_003).padStart(12, "0");
      const name = `Customer ${digits.replace(/\d/g, (digit) => "abcdefghij"[Number(digit)]!)} ${word}`;
      return { id: `${word}${n}`, name };
    });
  const before = process.cpuUsage();
  const found = suggestClients(many("North"), many("South"));
  // Processor time of this process: on a busy machine the wall clock runs on while the process waits.
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
  expect(found.size).toBeLessThan(2_000);
  expect(suggestClients(many("North"), many("North")).size).toBe(2_000);
});
