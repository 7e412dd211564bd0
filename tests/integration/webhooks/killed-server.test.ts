import { beforeAll, expect, it } from "vitest";

import { testDatabaseKind } from "@tests/support/database";
import { stormKilledServer } from "@tests/support/killed-server";

import { ensureBuilt } from "../../../scripts/lib/build.mjs";

beforeAll(() => ensureBuilt(), 5 * 60_000);

it("a server killed once neither loses nor doubles any of 300 shuffled deliveries with duplicates", async () => {
  const outcome = await stormKilledServer(testDatabaseKind(), 300, 1);
  expect(outcome.kills).toBe(1);
  expect(outcome.wrong).toEqual([]);
  expect(outcome.recorded).toBe(outcome.events);
  expect(outcome.published).toBe(outcome.events);
  expect(outcome.tickets.opened, "tickets in the ticket system").toBe(outcome.tickets.about);
}, 180_000);
