import { describe, expect, it } from "vitest";

import { createSyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

describe("in an account whose lists are cut", () => {
  const cut = [
    ["an empty list", { kind: "empty_list" }],
    ["a list cut in half", { kind: "half_list", share: 0.5 }],
    ["a 404 on the cursor", { kind: "status", status: 404, afterRequests: 1 }],
  ] as const;

  it.each([1, 3, 19, 120])(
    "with %i devices none is retired, whether or not the groups are cut as well, however often",
    async (devices) => {
      const world = await createSyncedWorld({ devices, seed: 11, updatesPerDevice: 0 });
      const before = await world.deviceRows();
      for (const resources of [["devices"], ["devices", "groups"]] as const) {
        for (const [what, fault] of cut) {
          for (const time of [1, 2, 3]) {
            for (const resource of resources) world.simulator.faults.add({ ...fault, resource });
            await world.sync("full");
            world.simulator.faults.clear();
            const about = `${what} of ${resources.join(" and ")}, time ${time}`;
            expect(await world.deviceRows(), about).toEqual(before);
          }
        }
      }
      const run = await world.sync("full");
      expect(run).toMatchObject({ status: "completed", itemsGone: 0, itemsHeld: 0 });
      await world.close();
    },
  );
});

it.each([1, 2, 3])("one removed device of %i is gone without an approval", async (n) => {
  const world = await createSyncWorld({ devices: n, seed: 11, updatesPerDevice: 0 });
  const { account } = world.simulator;
  const group = account.addGroup({ name: "Acme" });
  for (const device of [...account.devices]) account.moveDevice(device.id, group.id);
  await world.sync("organizations");
  await world.mapAll();
  await world.sync("full");
  account.removeDevice([...account.devices][0]!.id);
  expect(await world.sync("full")).toMatchObject({ status: "completed", itemsGone: 1, itemsHeld: 0 });
  await world.close();
});
