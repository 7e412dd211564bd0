import { expect, it } from "vitest";

import { resyncThroughKills } from "../support/killed-resyncs";

it(
  "fifty kills at random instants of syncs in segments, with a tenth of requests failing, leave the rows of undisturbed syncs",
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
  "after a kill, the next sync stores an account that changed at every page exactly as it is",
  { timeout: 30 * 60_000 },
  async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const outcome = await resyncThroughKills({ seed, kills: 3, faults: 0.1, changesMeanwhile: true });
      expect(outcome.run.status, `seed ${seed}`).toBe("completed");
      expect(outcome.stored, `seed ${seed}`).toEqual(outcome.listed);
    }
  },
);
