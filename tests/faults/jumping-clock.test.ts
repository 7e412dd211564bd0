import { expect, it } from "vitest";

import { syncOnJumpingClock } from "../support/jumping-clock";

const DEVICES = 600;

it(
  "five syncs whose clock jumps by hours at every page leave the rows of an undisturbed sync",
  { timeout: 20 * 60_000 },
  async () => {
    const steady = await syncOnJumpingClock(DEVICES, 1, 0);
    for (let seed = 1; seed <= 5; seed++) {
      const jumping = await syncOnJumpingClock(DEVICES, seed, 1_000);
      expect(jumping.jumps, `seed ${seed}`).toBeGreaterThan(10);
      expect(jumping.status, `seed ${seed}`).toBe("completed");
      expect(jumping.rows, `seed ${seed}`).toEqual(steady.rows);
    }
  },
);
