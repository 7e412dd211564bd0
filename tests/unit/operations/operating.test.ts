import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { createLogger } from "~/platform/logger.server";
import { withLogContext } from "~/platform/log-context";
import { isLoopback, mayReadMetrics } from "~/features/operations/readiness.server";

describe("who reads the metrics", () => {
  const plain = new Request("http://localhost/metrics");
  const withToken = (token: string) =>
    new Request("http://localhost/metrics", { headers: { Authorization: `Bearer ${token}` } });

  it("is only this machine while there is no token", () => {
    expect(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"].every(isLoopback)).toBe(true);
    expect(
      ["192.168.0.1", "::ffff:10.0.0.1", "::2", "128.0.0.1", "localhost", "", null].some(isLoopback),
    ).toBe(false);
    expect(mayReadMetrics(undefined, plain, "127.0.0.1")).toBe(true);
    expect(mayReadMetrics(undefined, withToken("anything"), "10.0.0.1")).toBe(false);
  });

  it("is whoever has the token, and nobody without it, once there is one", () => {
    expect(mayReadMetrics("a-token-of-the-house", withToken("a-token-of-the-house"), "203.0.113.9")).toBe(
      true,
    );
    expect(mayReadMetrics("a-token-of-the-house", withToken("a-token-of-the-hous"), "203.0.113.9")).toBe(
      false,
    );
    expect(mayReadMetrics("a-token-of-the-house", plain, "127.0.0.1")).toBe(false);
  });
});

describe("a line of the log", () => {
  it("has the request and the run that it was written for, and no others", async () => {
    const lines: Record<string, unknown>[] = [];
    const log = createLogger({
      level: "info",
      write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
    });
    const deep = async (n: number) => {
      await sleep(n * 50);
      log.info({ n }, "deep");
    };
    await Promise.all([
      withLogContext({ requestId: "one" }, () => withLogContext({ runId: "r1" }, () => deep(2))),
      withLogContext({ requestId: "two" }, () => deep(1)),
    ]);
    log.info({}, "outside");
    expect(lines.map(({ requestId, runId, n }) => [n, requestId, runId])).toEqual([
      [1, "two", undefined],
      [2, "one", "r1"],
      [undefined, undefined, undefined],
    ]);
  });
});
