import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { backOffMs } from "@domain/exponential-wait";
import { retryAfterMs } from "@domain/retry-after";

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
      backOffMs(attempt, { baseMs: 500, capMs: 3000 }, () => 1),
    );
    expect(ceilings).toEqual([500, 1000, 2000, 3000, 3000]);
  });

  it("spreads over the upper half of the span, or over as much of it as is asked for", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (x) => {
        expect(backOffMs(2, { baseMs: 500, capMs: 9000 }, () => x)).toBe(Math.round(500 + x * 500));
        expect(backOffMs(2, { baseMs: 500, capMs: 9000, jitter: 1 }, () => x)).toBe(Math.round(x * 1000));
      }),
    );
  });
});
