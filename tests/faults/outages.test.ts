import { describe, expect, it } from "vitest";

import { syncWithFullDisk, syncWithKill } from "../support/kill-points";
import { canFillDisk, syncThroughOutages, undisturbedRows, type Outage } from "../support/outages";

const DEVICES = 900;

describe.each<{ outage: Outage; what: string }>([
  { outage: "server_stopped", what: "stops and starts again" },
  { outage: "no_slots", what: "ends all sessions and has no slot for others" },
  { outage: "disk_full", what: "finds its disk full" },
])("a Postgres that $what", ({ outage }) => {
  it.skipIf(outage === "disk_full" && !canFillDisk())(
    "four times during a sync, in each of three syncs, leaves the rows of an undisturbed sync",
    { timeout: 20 * 60_000 },
    async () => {
      const undisturbed = await undisturbedRows(DEVICES);
      for (let seed = 1; seed <= 3; seed++) {
        const outcome = await syncThroughOutages(outage, { seed, times: 4, devices: DEVICES });
        expect(outcome.status, `seed ${seed}`).toBe("completed");
        expect(outcome.outages, `seed ${seed}`).toBeGreaterThan(1);
        expect(outcome.rows, `seed ${seed}`).toEqual(undisturbed);
      }
    },
  );
});

it.skipIf(!canFillDisk())(
  "an embedded database whose disk fills up during a sync leaves the rows of an undisturbed sync once there is room",
  { timeout: 20 * 60_000 },
  async () => {
    const undisturbed = await syncWithKill("embedded", null, DEVICES);
    for (const resource of ["devices", "updates"] as const)
      expect(await syncWithFullDisk(resource, DEVICES)).toEqual(undisturbed);
  },
);
