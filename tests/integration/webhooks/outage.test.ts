import { beforeAll, expect, it } from "vitest";

import { testDatabaseKind } from "@tests/support/database";
import { stormThroughOutages } from "@tests/support/killed-server";

import { ensureBuilt } from "../../../scripts/lib/build.mjs";

beforeAll(() => ensureBuilt(), 5 * 60_000);

it.runIf(testDatabaseKind() === "postgres")(
  "300 shuffled deliveries with duplicates while Postgres stops and starts again: none lost, none doubled",
  { timeout: 300_000 },
  async () => {
    const outcome = await stormThroughOutages(300, 1);
    expect(outcome.kills).toBe(1);
    expect(outcome.wrong).toEqual([]);
    expect(outcome.recorded).toBe(outcome.events);
    expect(outcome.published).toBe(outcome.events);
  },
);
