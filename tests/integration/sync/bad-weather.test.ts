import { describe, expect, it } from "vitest";

import { testDatabaseKind } from "../../support/database";
import { createSyncWorld } from "../../support/sync";

const FLEET = { devices: 700, seed: 8 };

/** The rows of a first full sync, and the number of faults. */
async function rowsOfSync(isStormy: boolean) {
  const world = await createSyncWorld(FLEET);
  try {
    await world.sync("organizations");
    await world.mapAll();
    const { faults } = world.simulator;
    const rules = isStormy
      ? [
          faults.add({ kind: "status", status: 502, probability: 0.08 }),
          faults.add({ kind: "cut_json", probability: 0.04 }),
          faults.add({ kind: "reset", probability: 0.04 }),
          faults.add({ kind: "rate_limit", retryAfter: 0, probability: 0.04 }),
        ]
      : [];
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed", itemsSeen: FLEET.devices, itemsFailed: 0 });
    const rows = { devices: await world.deviceRows(), updates: await world.updateRows() };
    return { rows, disturbances: rules.reduce((sum, rule) => sum + rule.hits, 0) };
  } finally {
    await world.close();
  }
}

// The provider's answers are under test, so one kind of database is enough for this many devices.
describe.runIf(testDatabaseKind() === "postgres")("a first sync of seven hundred devices", () => {
  it("ends with the rows of an undisturbed one if every fifth request fails", async () => {
    const calm = await rowsOfSync(false);
    const stormy = await rowsOfSync(true);
    expect(stormy.disturbances).toBeGreaterThanOrEqual(5);
    expect(stormy.rows).toEqual(calm.rows);
  });
});
