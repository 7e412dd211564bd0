import { afterAll, beforeAll, expect, it } from "vitest";

import { randomCancelPoints, syncWithCancel, undisturbedRows } from "@tests/support/cancel-points";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

it("a cancelled full sync leaves nothing half-written, and the next one completes as if it had not run", async () => {
  const undisturbed = await undisturbedRows(database);
  const again = undisturbed.filter((row) => String(row["external_id"]).endsWith("-again"));
  expect(again.map((row) => [row["skip_reason"], row["status"]])).toEqual(Array(3).fill([null, "active"]));
  expect(undisturbed.filter((row) => String(row["name"]).startsWith("RENAMED-"))).toHaveLength(3);
  for (const point of randomCancelPoints(6, 2)) {
    const { status, faults, next } = await syncWithCancel(database, point);
    expect({ status, faults }, JSON.stringify(point)).toEqual({ status: "cancelled", faults: [] });
    expect(next.status).toBe("completed");
    expect(next.rows).toEqual(undisturbed);
  }
}, 180_000);
