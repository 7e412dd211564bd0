import { afterEach, expect, it } from "vitest";

import type { SyncWorld } from "../../support/sync";
import { createMappedWorld } from "../../support/synced-world";

let world: SyncWorld;
afterEach(() => world.close());

const FLEET = { devices: 900, seed: 11, latencyMs: 5 };

/** In the order in which the simulator received them. */
const askedFor = () =>
  world.simulator.stats.log.flatMap(({ url }) => /^\/v2\/(devices|updates)\?/.exec(url)?.[1] ?? []);

it("a first full sync reads devices and updates side by side, with the requests of two successive walks", async () => {
  world = await createMappedWorld(FLEET);
  expect(await world.sync("full")).toMatchObject({ status: "completed", itemsSeen: 900 });
  const asked = askedFor();
  expect(asked.indexOf("updates")).toBeLessThan(asked.lastIndexOf("devices"));
  expect(world.simulator.stats.maxInFlight).toBeLessThanOrEqual(2);
  const pagesOf = (records: number) => Math.ceil(records / 100);
  const available = [...world.simulator.account.updates].filter((update) => update.is_available).length;
  expect(asked).toHaveLength(pagesOf(900) + pagesOf(available));
});

it("with one request in flight it ends with the same rows", async () => {
  world = await createMappedWorld(FLEET);
  await world.sync("full");
  const rows = [await world.deviceRows(), await world.updateRows()];
  await world.close();
  world = await createMappedWorld({ ...FLEET, requestsInFlight: 1 });
  expect(await world.sync("full")).toMatchObject({ status: "completed" });
  expect(world.simulator.stats.maxInFlight).toBe(1);
  expect([await world.deviceRows(), await world.updateRows()]).toEqual(rows);
});

it("a 429 on the updates stops both until it is waited out, and costs no page", async () => {
  world = await createMappedWorld({ ...FLEET, calls: { maxWaitMs: 1 } });
  world.simulator.faults.add({
    kind: "rate_limit",
    retryAfter: 0.01,
    resource: "updates",
    afterRequests: 3,
    times: 2,
  });
  const run = await world.sync("full");
  expect(run).toMatchObject({ status: "completed", itemsSeen: 900, errorCode: null });
  expect(run.rateLimitedMs).toBeGreaterThan(0);
});
