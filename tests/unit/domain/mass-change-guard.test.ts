import { describe, expect, it } from "vitest";

import { bearsOut, isCutList, exceedsChangeLimit, whyHeld, type SweepSums } from "@domain/mass-change-guard";

it.each([
  [{ known: 100, affected: 0 }, false],
  [{ known: 12, affected: 10 }, false],
  [{ known: 12, affected: 11 }, true],
  [{ known: 100, affected: 20 }, false],
  [{ known: 100, affected: 21 }, true],
  [{ known: 10_000, affected: 2_000 }, false],
  [{ known: 10_000, affected: 2_001 }, true],
  [{ known: 10_000, affected: 10_000 }, true],
])("a change of %o exceeds the limit: %s", (change, expected) => {
  expect(exceedsChangeLimit(change)).toBe(expected);
});

it.each([
  [{ counted: 2_500, listed: 2_500 }, false],
  [{ counted: 2_500, listed: 2_600 }, false],
  [{ counted: 20, listed: 11 }, false],
  [{ counted: 20, listed: 10 }, true],
  [{ counted: 1, listed: 0 }, true],
  [{ counted: 0, listed: 0 }, false],
  [{ counted: 2_500, listed: 2_375 }, false],
  [{ counted: 2_500, listed: 2_374 }, true],
  [{ counted: 100, listed: 0 }, true],
])("a list of %o is cut: %s", (sums, expected) => {
  expect(isCutList(sums)).toBe(expected);
});

describe("devices that are missing from the list", () => {
  const sums = (change: Partial<SweepSums>): SweepSums => {
    const { known = 8, absent = 0, confirmed = 0 } = change;
    const listed = known - absent;
    const groups = { listedInGroups: listed, countedInGroups: listed };
    return { known, absent, confirmed, removedLately: 0, unnamed: 0, ...groups, ...change };
  };

  it.each<[string, Partial<SweepSums>]>([
    ["one of one", { known: 1, absent: 1 }],
    ["one of two", { known: 2, absent: 1 }],
    ["one of three", { known: 3, absent: 1 }],
    ["a few of many", { known: 100, absent: 9 }],
  ])("are gone if the groups confirm it: %s", (_, change) => {
    expect(whyHeld(sums({ ...change, confirmed: change.absent! }))).toBeNull();
  });

  it.each([1, 2, 3, 8, 9, 18, 19, 20, 21, 220])(
    "are held if they are all of %i, or half of them, and the groups say nothing",
    (known) => {
      expect(whyHeld(sums({ known, absent: known, countedInGroups: 0 }))).toContain(`${known} of ${known}`);
      const half = Math.floor(known / 2);
      if (half > 0) expect(whyHeld(sums({ known, absent: half, countedInGroups: 0 }))).not.toBeNull();
    },
  );

  it("are held if the groups confirm only a part of the missing half", () => {
    expect(whyHeld(sums({ known: 8, absent: 4, confirmed: 3 }))).not.toBeNull();
  });

  it.each([
    [{ known: 20, absent: 9 }, "9 of 20"],
    [{ known: 20, absent: 9, confirmed: 4 }, "9 of 20"],
    [{ known: 14, absent: 3 }, "3 of 14"],
  ])("are held if more than a fifth is missing and the groups do not confirm it: %o", (change, reason) => {
    expect(whyHeld(sums({ countedInGroups: change.known, ...change }))).toContain(reason);
  });

  it.each([
    { known: 20, absent: 9, confirmed: 9 },
    { known: 20, absent: 9, confirmed: 5 },
    { known: 9, absent: 2 },
  ])("are gone if the groups confirm all but a fifth, or all but two: %o", (change) => {
    expect(whyHeld(sums({ countedInGroups: change.known - (change.confirmed ?? 0), ...change }))).toBeNull();
  });

  it("are held as a mass change even if the groups confirm it", () => {
    expect(whyHeld(sums({ known: 50, absent: 11, confirmed: 11 }))).toContain("11 of 50");
  });

  it("are held together with those that went one by one recently", () => {
    expect(whyHeld(sums({ known: 50, absent: 2, removedLately: 9 }))).toBeNull();
    expect(whyHeld(sums({ known: 50, absent: 2, removedLately: 12 }))).not.toBeNull();
    expect(whyHeld(sums({ known: 50, absent: 0, removedLately: 40 }))).toBeNull();
  });

  it("are held if the groups count clearly more than was listed", () => {
    expect(whyHeld(sums({ known: 220, absent: 26, countedInGroups: 220 }))).toContain("counts 220");
  });

  it("are held if records without an id may be them, unless the groups confirm that they are gone", () => {
    expect(whyHeld(sums({ known: 100, absent: 1, unnamed: 1 }))).toContain("without an id");
    expect(whyHeld(sums({ known: 100, absent: 2, confirmed: 1, unnamed: 1 }))).toContain("without an id");
    expect(whyHeld(sums({ known: 100, absent: 2, confirmed: 2, unnamed: 1 }))).toBeNull();
    expect(whyHeld(sums({ known: 100, absent: 0, unnamed: 3 }))).toBeNull();
  });

  it("are gone if they are few, whatever the groups say", () => {
    expect(whyHeld(sums({ known: 20, absent: 4, countedInGroups: 18 }))).toBeNull();
  });
});

describe("bearsOut", () => {
  it.each([
    { what: "the same loss", before: { known: 100, absent: 25 }, now: { known: 100, absent: 25 }, is: true },
    { what: "a little more", before: { known: 100, absent: 25 }, now: { known: 104, absent: 33 }, is: true },
    { what: "much more", before: { known: 100, absent: 25 }, now: { known: 100, absent: 75 }, is: false },
    { what: "much less", before: { known: 100, absent: 90 }, now: { known: 100, absent: 40 }, is: false },
    { what: "all, twice", before: { known: 100, absent: 100 }, now: { known: 100, absent: 100 }, is: true },
    {
      what: "all, which it was not",
      before: { known: 12, absent: 11 },
      now: { known: 12, absent: 12 },
      is: false,
    },
  ])("of a noted loss, $what: $is", ({ before, now, is }) => {
    expect(bearsOut(now, before)).toBe(is);
  });

  it("confirms no loss that the list before did not note", () => {
    expect(bearsOut({ known: 100, absent: 50 }, null)).toBe(false);
  });
});
