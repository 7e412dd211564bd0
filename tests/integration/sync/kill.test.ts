import { expect, it } from "vitest";

import { testDatabaseKind } from "../../support/database";
import { syncWithKill, type KillPoint } from "../../support/kill-points";

const DEVICES = 300;

const points: KillPoint[] = [
  { resource: "devices", page: 2, delayMs: 11 },
  { resource: "updates", page: 5, delayMs: 3 },
];

it(
  "a full sync continues automatically after kill -9, and ends with the rows and events of an undisturbed one",
  { timeout: 400_000 },
  async () => {
    const kind = testDatabaseKind();
    const undisturbed = await syncWithKill(kind, null, DEVICES);
    expect(undisturbed.status).toBe("completed");
    // The embedded database takes seconds to open.
    for (const point of kind === "postgres" ? points : points.slice(0, 1)) {
      expect(await syncWithKill(kind, point, DEVICES)).toEqual(undisturbed);
    }
  },
);
