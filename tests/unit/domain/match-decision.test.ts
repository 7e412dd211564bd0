import { describe, expect, it } from "vitest";

import type { Match } from "@domain/identity";
import { decideAtEnd, decideOnPage, type MatchDecision } from "@domain/match-decision";

const candidate = { assetId: "a", by: "serial" as const, key: "5CG1" };
const none: Match = { state: "none" };
const link: Match = { state: "link", ...candidate };
const ambiguous: Match = { state: "ambiguous", candidates: [candidate, { ...candidate, assetId: "b" }] };
const waiting: Match = { state: "waiting", candidates: [candidate] };

describe("a new device on its page", () => {
  it("gets an asset of its own if it resembles none", () => {
    expect(decideOnPage(none, true)).toEqual({ action: "create" });
    expect(decideOnPage(none, false)).toEqual({ action: "create" });
  });

  it.each([link, ambiguous, waiting])("waits for the end of the sweep if it resembles one: %o", (match) => {
    expect(decideOnPage(match, true)).toEqual({ action: "defer" });
  });

  it("is never linked at once to an existing asset: it waits for a sweep or a person", () => {
    expect(decideOnPage(link, false)).toEqual({
      action: "review",
      reason: "waiting",
      candidates: [candidate],
    });
    expect(decideOnPage(ambiguous, false)).toMatchObject({ action: "review", reason: "ambiguous" });
    expect(decideOnPage(waiting, false)).toMatchObject({ action: "review", reason: "waiting" });
  });
});

describe("a device at the end of the sweep that deferred it", () => {
  it.each<[string, Match, { competingDevices?: number; listed?: boolean }, Partial<MatchDecision>]>([
    [
      "joins the asset that it alone claims",
      link,
      {},
      { action: "link", assetId: "a", link: { by: "serial", key: "5CG1" } },
    ],
    [
      "is asked about when another claims the asset",
      link,
      { competingDevices: 2 },
      { action: "review", reason: "ambiguous" },
    ],
    ["is asked about when several could be it", ambiguous, {}, { action: "review", reason: "ambiguous" }],
    [
      "is a machine of its own beside one that is listed too",
      waiting,
      { listed: true },
      { action: "create" },
    ],
    ["waits for one that may yet go", waiting, { listed: false }, { action: "review", reason: "waiting" }],
    ["is a machine of its own when it is like none after all", none, {}, { action: "create" }],
  ])("%s", (_, match, { competingDevices = 1, listed = false }, expected) => {
    expect(decideAtEnd(match, { competingDevices, isListed: () => listed })).toMatchObject(expected);
  });

  it("waits while a device of a matching asset may still go", () => {
    const both: Match = { state: "waiting", candidates: [candidate, { ...candidate, assetId: "b" }] };
    const place = decideAtEnd(both, { competingDevices: 0, isListed: (assetId) => assetId === "a" });
    expect(place).toMatchObject({ action: "review", reason: "waiting" });
  });
});
