import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 60, seed: 5 });
});

afterEach(() => world.close());

const available = () => [...world.simulator.account.updates].filter((update) => update.is_available);
const pending = async () =>
  (await world.deviceRows()).map((row) => [row["external_id"], row["pending_os_patches"]]);
const countAvailable = async () => (await world.updateRows()).filter((row) => row["is_available"]).length;

describe("a list of updates that is much shorter than before", () => {
  it("closes none if it was cut, and leaves the counts as they were", async () => {
    const before = [await pending(), await countAvailable()];
    world.simulator.faults.add({ kind: "half_list", resource: "updates", share: 0.5 });
    const run = await world.sync("full");
    expect(run.status).toBe("completed_with_errors");
    expect(run.degraded).toEqual([
      expect.objectContaining({
        resource: "updates",
        reason: expect.stringMatching(/^\d+ of \d+ available updates are missing/) as string,
      }),
    ]);
    expect([await pending(), await countAvailable()]).toEqual(before);
    world.simulator.faults.clear();
    expect(await world.sync("full")).toMatchObject({ status: "completed", degraded: [] });
    expect([await pending(), await countAvailable()]).toEqual(before);
  });

  it("is accepted if the next sync finds the same: it was a night of patches", async () => {
    const installed = available().filter((_, index) => index % 2 === 0);
    const before = await countAvailable();
    for (const update of installed) world.simulator.account.installUpdate(update.id);
    await world.sync("full");
    expect(await countAvailable()).toBe(before);
    expect(await world.sync("full")).toMatchObject({ status: "completed", degraded: [] });
    expect(await countAvailable()).toBe(before - installed.length);
  });

  it("is not accepted because Level refused the list the time before", async () => {
    const before = [await pending(), await countAvailable()];
    world.simulator.faults.add({ kind: "forbidden", resource: "updates" });
    await world.sync("full");
    world.simulator.faults.clear();
    world.simulator.faults.add({ kind: "empty_list", resource: "updates" });
    expect(await world.sync("full")).toMatchObject({ status: "completed_with_errors" });
    expect([await pending(), await countAvailable()]).toEqual(before);
  });

  it("is not accepted if the next sync misses much more than was recorded", async () => {
    const before = [await pending(), await countAvailable()];
    world.simulator.faults.add({ kind: "half_list", resource: "updates", share: 0.7 });
    await world.sync("full");
    world.simulator.faults.clear();
    world.simulator.faults.add({ kind: "empty_list", resource: "updates" });
    expect(await world.sync("full")).toMatchObject({ status: "completed_with_errors" });
    expect([await pending(), await countAvailable()]).toEqual(before);
    expect(await world.sync("full")).toMatchObject({ status: "completed", pendingPatches: 0 });
  });

  it("still adds new updates, and takes none of them for a known one", async () => {
    const before = await countAvailable();
    for (const update of available().slice(0, before / 4)) {
      world.simulator.account.installUpdate(update.id);
      for (const n of [1, 2]) world.simulator.account.addUpdate(update.device_id, { name: `New ${n}` });
    }
    const run = await world.sync("full");
    expect(run.status).toBe("completed_with_errors");
    expect(await countAvailable()).toBe(before + 2 * Math.floor(before / 4));
    expect(run.pendingPatches).toBeGreaterThan(before);
  });

  it("is an unremarkable one if few were installed", async () => {
    const before = await countAvailable();
    world.simulator.account.installUpdate(available()[0]!.id);
    expect(await world.sync("full")).toMatchObject({ status: "completed" });
    expect(await countAvailable()).toBe(before - 1);
  });
});
