import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { retryAfterMs } from "@domain/retry-after";
import { backoffMs } from "~/connectors/levelio/retry";

describe("the wait a provider asks for", () => {
  const now = new Date("2026-10-08T12:00:00Z");
  it.each([
    [{ "retry-after": "3" }, 3000],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": "1.5" }, 1500],
    [{ "retry-after": "Thu, 08 Oct 2026 12:00:07 GMT" }, 7000],
    [{ "retry-after": "Thu, 08 Oct 2026 11:00:00 GMT" }, 0],
    [{ "retry-after": "Thu, 08 Oct 2026 09:00:07 GMT", date: "Thu, 08 Oct 2026 09:00:00 GMT" }, 7000],
    [{ "retry-after": "a while" }, null],
    [{ "retry-after": "-5" }, null],
    [{}, null],
  ])("by %j is %j ms", (headers, expected) => {
    expect(retryAfterMs(new Headers(headers as Record<string, string>), now)).toBe(expected);
  });
});

describe("the back-off", () => {
  it("doubles its ceiling with each attempt, up to the cap", () => {
    const ceilings = [1, 2, 3, 4, 50].map((attempt) =>
      backoffMs(attempt, () => 1, { baseMs: 500, capMs: 3000 }),
    );
    expect(ceilings).toEqual([500, 1000, 2000, 3000, 3000]);
  });

  it("spreads over the whole span from nothing to the ceiling", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (x) => {
        expect(backoffMs(2, () => x, { baseMs: 500, capMs: 9000 })).toBe(Math.round(x * 1000));
      }),
    );
  });
});
