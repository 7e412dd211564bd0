import { beforeAll, describe, expect, it } from "vitest";

import { ensureBuilt } from "../../scripts/lib/build.mjs";
import type { DatabaseKind } from "../support/database";
import { stormKilledServer, stormThroughOutages } from "../support/killed-server";

beforeAll(() => ensureBuilt(), 5 * 60_000);

describe.each<DatabaseKind>(["postgres", "embedded"])("a server killed five times, on %s", (kind) => {
  it(
    "neither loses nor doubles any of 10,000 shuffled deliveries, a third of them duplicates",
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
    "forms from 1,000 shuffled deliveries with duplicates the same incidents as in order, each with one ticket",
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
  "a server whose Postgres stops and starts five times neither loses nor doubles any of 3,000 deliveries",
  { timeout: 20 * 60_000 },
  async () => {
    const outcome = await stormThroughOutages(3_000, 5);
    expect(outcome.kills).toBe(5);
    expect(outcome.wrong).toEqual([]);
    expect(outcome.recorded).toBe(outcome.events);
    expect(outcome.published).toBe(outcome.events);
  },
);
