import { describe, expect, it } from "vitest";

import type { Match } from "@domain/identity";
import { placeAtEnd, placeOnPage, type MatchDecision } from "@domain/match-decision";

const candidate = { assetId: "a", by: "serial" as const, key: "5CG1" };
const none: Match = { state: "none" };
const link: Match = { state: "link", ...candidate };
const ambiguous: Match = { state: "ambiguous", candidates: [candidate, { ...candidate, assetId: "b" }] };
const waiting: Match = { state: "waiting", candidates: [candidate] };

describe("a new device on its page", () => {
  it("gets an asset of its own when it is like none", () => {
    expect(placeOnPage(none, true)).toEqual({ to: "own" });
    expect(placeOnPage(none, false)).toEqual({ to: "own" });
  });

  it.each([link, ambiguous, waiting])("is put aside by a sweep when it is like one: %o", (match) => {
    expect(placeOnPage(match, true)).toEqual({ to: "aside" });
  });

  it("is never tied to an asset that is there, and waits for a sweep or a person", () => {
    expect(placeOnPage(link, false)).toEqual({ to: "queue", reason: "waiting", candidates: [candidate] });
    expect(placeOnPage(ambiguous, false)).toMatchObject({ to: "queue", reason: "ambiguous" });
    expect(placeOnPage(waiting, false)).toMatchObject({ to: "queue", reason: "waiting" });
  });
});

describe("a device at the end of the sweep that put it aside", () => {
  it.each<[string, Match, { claimants?: number; listed?: boolean }, Partial<MatchDecision>]>([
    [
      "joins the asset that it alone claims",
      link,
      {},
      { to: "asset", assetId: "a", link: { by: "serial", key: "5CG1" } },
    ],
    [
      "is asked about when another claims the asset",
      link,
      { claimants: 2 },
      { to: "queue", reason: "ambiguous" },
    ],
    ["is asked about when several could be it", ambiguous, {}, { to: "queue", reason: "ambiguous" }],
    ["is a machine of its own beside one that is listed too", waiting, { listed: true }, { to: "own" }],
    ["waits for one that may yet go", waiting, { listed: false }, { to: "queue", reason: "waiting" }],
    ["is a machine of its own when it is like none after all", none, {}, { to: "own" }],
  ])("%s", (_, match, { claimants = 1, listed = false }, expected) => {
    expect(placeAtEnd(match, { claimants, isListed: () => listed })).toMatchObject(expected);
  });

  it("waits while one of those it may be may yet go", () => {
    const both: Match = { state: "waiting", candidates: [candidate, { ...candidate, assetId: "b" }] };
    const place = placeAtEnd(both, { claimants: 0, isListed: (assetId) => assetId === "a" });
    expect(place).toMatchObject({ to: "queue", reason: "waiting" });
  });
});
