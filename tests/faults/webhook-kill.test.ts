import { beforeAll, describe, expect, it } from "vitest";

import { ensureBuilt } from "../../scripts/lib/build.mjs";
import type { DatabaseKind } from "../support/database";
import { stormKilledServer, stormThroughOutages } from "../support/killed-server";

beforeAll(() => ensureBuilt(), 5 * 60_000);

describe.each<DatabaseKind>(["postgres", "embedded"])("a server that is killed five times, on %s", (kind) => {
  it(
    "loses and doubles none of 10,000 deliveries, a third duplicates and all shuffled",
    { timeout: 20 * 60_000 },
    async () => {
      const outcome = await stormKilledServer(kind, 10_000, 5);
      expect(outcome.kills).toBe(5);
      expect(outcome.wrong).toEqual([]);
      expect(outcome.recorded).toBe(outcome.events);
      expect(outcome.published).toBe(outcome.events);
    },
  );

  it(
    "forms of 1,000 deliveries, doubled and shuffled, the incidents that they form in order, each with one ticket",
    { timeout: 10 * 60_000 },
    async () => {
      const { kills, incidents, tickets } = await stormKilledServer(kind, 1_000, 5);
      expect(kills).toBe(5);
      expect(incidents.formed.length).toBeGreaterThan(10);
      expect(incidents.formed).toEqual(incidents.inOrder);
      expect(tickets.opened).toBeGreaterThan(10);
      expect(tickets.opened, "no ticket is there twice").toBe(tickets.about);
    },
  );
});

it(
  "a server whose Postgres stops and starts again five times loses and doubles none of 3,000 deliveries",
  { timeout: 20 * 60_000 },
  async () => {
    const outcome = await stormThroughOutages(3_000, 5);
    expect(outcome.kills).toBe(5);
    expect(outcome.wrong).toEqual([]);
    expect(outcome.recorded).toBe(outcome.events);
    expect(outcome.published).toBe(outcome.events);
  },
);
