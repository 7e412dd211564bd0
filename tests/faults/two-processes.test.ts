import { expect, it } from "vitest";

import { syncOnTwoProcesses } from "../support/two-processes";

it(
  "two processes on one database execute no run twice, although the executing one is killed three times",
  { timeout: 10 * 60_000 },
  async () => {
    const [accounts, kills] = [6, 3];
    const outcome = await syncOnTwoProcesses(accounts, kills);
    expect(outcome.statuses).toEqual(Array.from({ length: accounts }, () => "completed"));
    expect(outcome).toMatchObject({ otherRuns: 0, published: 2 * accounts });
    expect(outcome.pages).toBe(outcome.expectedPages);
    expect(outcome.takeoversMs).toHaveLength(kills);
    for (const takeoverMs of outcome.takeoversMs) expect(takeoverMs).toBeLessThan(30_000);
    // At each kill, each run was writing one page and fetching one.
    expect(outcome.extraFetches).toBeLessThanOrEqual(2 * accounts * kills);
  },
);
