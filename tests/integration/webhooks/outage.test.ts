import { beforeAll, expect, it } from "vitest";

import { testDatabaseKind } from "@tests/support/database";
import { stormThroughOutages } from "@tests/support/killed-server";

import { ensureBuilt } from "../../../scripts/lib/build.mjs";

beforeAll(() => ensureBuilt(), 5 * 60_000);

it.runIf(testDatabaseKind() === "postgres")(
  "a Postgres that stops and starts again loses and doubles none of 300 shuffled deliveries with duplicates",
  { timeout: 300_000 },
  async () => {
    const outcome = await stormThroughOutages(300, 1);
    expect(outcome.kills).toBe(1);
    expect(outcome.wrong).toEqual([]);
    expect(outcome.recorded).toBe(outcome.events);
    expect(outcome.published).toBe(outcome.events);
  },
);
