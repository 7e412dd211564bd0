import { expect, it } from "vitest";

import { testDatabaseKind } from "@tests/support/database";
import { resyncThroughKills } from "@tests/support/killed-resyncs";

// The embedded database belongs to one process, and here one process requests the sync while another executes it.
it.skipIf(testDatabaseKind() === "embedded")(
  "a sync in segments that is killed three times amid faults ends with the rows of an undisturbed one",
  { timeout: 300_000 },
  async () => {
    const asked = { seed: 1, changesMeanwhile: false };
    const undisturbed = await resyncThroughKills({ ...asked, kills: 0, faults: 0 });
    expect(undisturbed.run.status).toBe("completed");
    expect(undisturbed.segments).toBe(3);
    const killed = await resyncThroughKills({ ...asked, kills: 3, faults: 0.1 });
    expect(killed.run).toMatchObject({ status: "completed", itemsSeen: undisturbed.run.itemsSeen });
    expect(killed.rows).toEqual(undisturbed.rows);
    expect(killed.stored).toEqual(killed.listed);
    expect(killed.maxInFlight).toBeLessThanOrEqual(2 * 4);
  },
);
