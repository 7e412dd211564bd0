import { expect, it } from "vitest";

import { testDatabaseKind } from "../../support/database";
import { syncWithKill } from "../../support/kill-points";

const DEVICES = 300;

it(
  "a full sync goes on by itself after kill -9, and ends with the rows and the events of an undisturbed one",
  { timeout: 400_000 },
  async () => {
    const kind = testDatabaseKind();
    const undisturbed = await syncWithKill(kind, null, DEVICES);
    expect(undisturbed.status).toBe("completed");
    for (const point of [
      { resource: "devices" as const, page: 2, delayMs: 11 },
      { resource: "updates" as const, page: 5, delayMs: 3 },
    ]) {
      expect(await syncWithKill(kind, point, DEVICES)).toEqual(undisturbed);
    }
  },
);
