import { describe, expect, it } from "vitest";

import type { DatabaseKind } from "../support/database";
import { syncWithKill, type KillPoint } from "../support/kill-points";

const DEVICES = 900;

/** Kills before the first page, before, during and after writes, in every stage, and around the end. */
const points: KillPoint[] = [
  { resource: "groups", page: 1, delayMs: 0 },
  { resource: "groups", page: 1, delayMs: 12 },
  { resource: "groups", page: 2, delayMs: 25 },
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((page) => ({
    resource: "devices" as const,
    page,
    delayMs: (page * 7) % 40,
  })),
  ...[1, 4, 7, 11, 15, 19, 23].map((page) => ({
    resource: "updates" as const,
    page,
    delayMs: (page * 5) % 30,
  })),
  { resource: "updates", page: 27, delayMs: 40 },
  { resource: "updates", page: 27, delayMs: 120 },
];

describe.each<DatabaseKind>(["postgres", "embedded"])("kill -9 of the process, on %s", (kind) => {
  it(
    "at any of twenty instants of a full sync leaves the rows of an undisturbed run after a restart",
    { timeout: 20 * 60_000 },
    async () => {
      const undisturbed = await syncWithKill(kind, null, DEVICES);
      expect(undisturbed.status).toBe("completed");
      expect(undisturbed.rows.length).toBeGreaterThan(2_000);
      for (const point of points) {
        const { status, rows, events } = await syncWithKill(kind, point, DEVICES);
        expect(status, JSON.stringify(point)).toBe("completed");
        expect(rows, JSON.stringify(point)).toEqual(undisturbed.rows);
        expect(events, JSON.stringify(point)).toEqual(undisturbed.events);
      }
    },
  );
});
