import { describe, expect, it } from "vitest";

import { actionText, detailName } from "~/features/audit/audit-sentences";
import { count, formatBytes, formatDuration } from "@domain/format";
import { formatDateTime, formatRelative } from "~/ui/time-text";
import { browserName } from "~/features/people/user-agent";

describe("text for people", () => {
  it.each([
    [-5, "0 ms"],
    [0, "0 ms"],
    [999, "999 ms"],
    [1_000, "1 s"],
    [12_340, "12.3 s"],
    [59_960, "60 s"],
    [60_000, "1 min"],
    [200_000, "3 min 20 s"],
    [3_600_000, "1 h"],
    [7_500_000, "2 h 5 min"],
    [273_600_000, "3 d 4 h"],
  ])("writes %d ms as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it.each([
    [0, "0 B"],
    [1023, "1,023 B"],
    [1024, "1 KB"],
    [1536, "1.5 KB"],
    [256_060_514_304, "238.5 GB"],
    [2 ** 60, "1,024 PB"],
  ])("writes %d bytes as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it("counts in singular and plural", () => {
    expect([
      count(0, "asset"),
      count(1, "asset"),
      count(2481, "asset"),
      count(2, "retry", "retries"),
    ]).toEqual(["0 assets", "1 asset", "2,481 assets", "2 retries"]);
  });

  it.each([
    ["2026-11-23T12:00:00Z", "just now"],
    ["2026-11-23T11:59:01Z", "just now"],
    ["2026-11-23T12:00:30Z", "in a moment"],
    ["2026-11-23T11:58:30Z", "1 minute ago"],
    ["2026-11-23T10:01:00Z", "1 hour ago"],
    ["2026-11-23T13:30:00Z", "in 1 hour"],
    ["2026-11-20T12:00:00Z", "3 days ago"],
    ["2026-11-01T12:00:00Z", "3 weeks ago"],
    ["2024-11-01T12:00:00Z", "2 years ago"],
  ])("calls %s %s, at noon of 23 November 2026", (at, text) => {
    expect(formatRelative(new Date(at), Date.parse("2026-11-23T12:00:00Z"))).toBe(text);
  });

  it("writes a time in the reader's zone", () => {
    const at = new Date("2026-11-23T23:30:08Z");
    expect(formatDateTime(at, "UTC")).toBe("23 Nov 2026, 23:30:08 UTC");
    expect(formatDateTime(at, "Asia/Tokyo", { short: true })).toBe("24 Nov 2026, 08:30");
  });

  it("reads actions and names of details as words", () => {
    expect(actionText("webhook_secret.rotated")).toBe("Webhook secret rotated");
    expect(actionText("oddly")).toBe("Oddly");
    expect(detailName("sessionsEnded")).toBe("sessions ended");
  });

  it.each([
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36",
      "Chrome on Windows",
    ],
    [
      "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
      "Edge on Windows",
    ],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1) AppleWebKit/605.1 Version/17.1 Safari/605.1",
      "Safari on macOS",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1 Version/17.1 Safari/604.1",
      "Safari on iOS",
    ],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", "Firefox on Linux"],
    ["curl/8.5.0", "curl/8.5.0"],
    [null, "Unknown browser"],
  ])("names the browser of %s", (userAgent, name) => {
    expect(browserName(userAgent)).toBe(name);
  });
});
