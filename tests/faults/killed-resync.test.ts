import { expect, it } from "vitest";

import { resyncThroughKills } from "../support/killed-resyncs";

it(
  "fifty kills at random instants of syncs in segments, under a tenth of faults, leave the rows of undisturbed ones",
  { timeout: 30 * 60_000 },
  async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const asked = { seed, changesMeanwhile: false };
      const undisturbed = await resyncThroughKills({ ...asked, kills: 0, faults: 0 });
      const killed = await resyncThroughKills({ ...asked, kills: 5, faults: 0.1 });
      expect(killed.run.status, `seed ${seed}`).toBe("completed");
      expect(killed.rows, `seed ${seed}`).toEqual(undisturbed.rows);
    }
  },
);

it(
  "an account that changes at every page of a killed sync in segments is stored as it is by the next sync",
  { timeout: 30 * 60_000 },
  async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const outcome = await resyncThroughKills({ seed, kills: 3, faults: 0.1, changesMeanwhile: true });
      expect(outcome.run.status, `seed ${seed}`).toBe("completed");
      expect(outcome.stored, `seed ${seed}`).toEqual(outcome.listed);
    }
  },
);
