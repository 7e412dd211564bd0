import { expect, it } from "vitest";

import { syncOnJumpingClock } from "@tests/support/jumping-clock";

it("a clock that jumps by hours, forward and back, during a sync leaves the rows of an undisturbed one", async () => {
  const steady = await syncOnJumpingClock(200, 1, 0);
  const jumping = await syncOnJumpingClock(200, 1, 4);
  expect(jumping.jumps).toBe(4);
  expect(jumping.status).toBe("completed");
  expect(jumping.rows).toEqual(steady.rows);
});
