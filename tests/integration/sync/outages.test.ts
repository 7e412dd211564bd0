import { describe, expect, it } from "vitest";

import { testDatabaseKind } from "@tests/support/database";
import { syncThroughOutages, undisturbedRows, type Outage } from "@tests/support/outages";

const DEVICES = 300;

describe.runIf(testDatabaseKind() === "postgres")("a Postgres that goes away during a sync", () => {
  it.each<{ outage: Outage; what: string }>([
    { outage: "server_stopped", what: "starts again" },
    { outage: "no_slots", what: "has no slot for a while" },
  ])("and $what leaves the rows of an undisturbed one", async ({ outage }) => {
    const outcome = await syncThroughOutages(outage, { seed: 1, times: 1, devices: DEVICES });
    expect(outcome).toMatchObject({ status: "completed", outages: 1 });
    expect(outcome.rows).toEqual(await undisturbedRows(DEVICES));
  });
});
