import { describe, expect, test } from "vitest";

import { durationMs, retryAfter, retryDelayMs, waitEnds } from "@inngest/embedded-runner/durations";
import { Slots } from "@inngest/embedded-runner/slots";

const now = new Date("2026-01-01T00:00:00Z");

describe("Times of the protocol", () => {
  test.each([
    ["90s", 90_000],
    ["1h30m", 5_400_000],
    ["1w2d", 777_600_000],
    ["1.5s", 1_500],
    ["250ms", 250],
  ])("%s is %d ms", (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  test.each(["", "soon", "5", "5 parsecs", "1h and a bit"])("%j is not a time string", (text) => {
    expect(() => durationMs(text)).toThrow(RangeError);
  });

  test("a wait ends after a time string or at an instant", () => {
    expect(waitEnds("10s", now)).toEqual(new Date("2026-01-01T00:00:10Z"));
    expect(waitEnds("2026-03-01T12:00:00.000Z", now)).toEqual(new Date("2026-03-01T12:00:00Z"));
    expect(() => waitEnds("2026-99-01", now)).toThrow(RangeError);
  });

  test.each([
    ["7", "2026-01-01T00:00:07Z"],
    ["2026-01-01T00:01:00Z", "2026-01-01T00:01:00Z"],
    ["Thu, 01 Jan 2026 00:02:00 GMT", "2026-01-01T00:02:00Z"],
  ])("Retry-After: %s", (header, instant) => {
    expect(retryAfter(header, now)).toEqual(new Date(instant));
  });

  test("an absent or unreadable Retry-After has no effect", () => {
    expect([retryAfter(null, now), retryAfter("later", now)]).toEqual([undefined, undefined]);
  });

  test("each retry waits twice as long as the one before, up to ten minutes plus a fifth", () => {
    const shortest = [10, 20, 40, 80, 160, 320, 600, 600].map((seconds) => seconds * 1_000);
    for (const [i, ms] of shortest.entries()) {
      const delay = retryDelayMs(i + 1);
      expect(delay).toBeGreaterThanOrEqual(ms);
      expect(delay).toBeLessThanOrEqual(ms * 1.2);
    }
  });
});

describe("Slots", () => {
  test("let in no more than each key allows, and the others in order", async () => {
    const slots = new Slots();
    const entered: string[] = [];
    const enter = (name: string, ...keys: string[]) =>
      slots.acquire(keys.map((key) => ({ key, limit: 1 }))).then((release) => (entered.push(name), release));
    const first = await enter("first a", "a");
    const second = enter("second a", "a");
    const both = enter("a and b", "a", "b");
    const b = await enter("b", "b");
    expect(entered).toEqual(["first a", "b"]);
    expect(slots.saturated().sort()).toEqual(["a", "b"]);
    first();
    (await second)();
    expect(entered).toEqual(["first a", "b", "second a"]);
    b();
    (await both)();
    expect(entered).toEqual(["first a", "b", "second a", "a and b"]);
    expect(slots.saturated()).toEqual([]);
  });
});
