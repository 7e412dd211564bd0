import { expect, it } from "vitest";

import { testDatabaseKind } from "../../support/database";
import { syncWithKill } from "../../support/kill-points";

it(
  "a full sync goes on by itself after kill -9, and ends with the rows and the events of an undisturbed one",
  { timeout: 400_000 },
  async () => {
    const kind = testDatabaseKind();
    const undisturbed = await syncWithKill(kind, null);
    expect(undisturbed.status).toBe("completed");
    for (const point of [
      { resource: "devices" as const, page: 4, delayMs: 11 },
      { resource: "updates" as const, page: 9, delayMs: 3 },
    ]) {
      expect(await syncWithKill(kind, point)).toEqual(undisturbed);
    }
  },
);
