import { expect, it } from "vitest";

import { testDatabaseKind } from "@tests/support/database";
import { syncOnTwoProcesses } from "@tests/support/two-processes";

// The embedded database belongs to one process.
it.skipIf(testDatabaseKind() === "embedded")(
  "one of two processes executes; the other takes over a killed one's runs within 30 s, and no run is done twice",
  async () => {
    const outcome = await syncOnTwoProcesses(2, 1);
    expect(outcome).toMatchObject({ statuses: ["completed", "completed"], otherRuns: 0, published: 4 });
    expect(outcome.pages).toBe(outcome.expectedPages);
    for (const takeoverMs of outcome.takeoversMs) expect(takeoverMs).toBeLessThan(30_000);
    // Each run was writing one page and fetching one.
    expect(outcome.extraFetches).toBeLessThanOrEqual(2 * 2);
  },
  180_000,
);
