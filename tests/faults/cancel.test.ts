import { describe, expect, it } from "vitest";

import { randomCancelPoints, syncWithCancel, undisturbedRows } from "../support/cancel-points";
import { createTestDatabase, type DatabaseKind } from "../support/database";

describe.each<DatabaseKind>(["postgres", "embedded"])("cancelling, on %s", (kind) => {
  it(
    "at any of twenty random moments leaves nothing half-written, and the next run completes",
    { timeout: 20 * 60_000 },
    async () => {
      const database = await createTestDatabase(kind);
      const undisturbed = await undisturbedRows(database);
      const statuses = new Set<string>();
      for (const point of randomCancelPoints(20, 1)) {
        const { status, faults, next } = await syncWithCancel(database, point);
        statuses.add(status);
        expect(faults, JSON.stringify(point)).toEqual([]);
        expect(next.status, JSON.stringify(point)).toBe("completed");
        expect(next.rows, JSON.stringify(point)).toEqual(undisturbed);
      }
      // At the last pages the request to cancel may come too late; all others cancel the run.
      expect(statuses).toContain("cancelled");
      expect([...statuses].filter((status) => !["cancelled", "completed"].includes(status))).toEqual([]);
      await database.close();
    },
  );
});
