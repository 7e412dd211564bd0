import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { DAY_MS } from "@domain/durations";
import { retireAssets } from "~/features/assets/retire";
import { disconnect } from "~/features/connections/disconnect.server";

import { TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;
let id: string;
beforeEach(async () => {
  world = await createSyncedWorld({ devices: 30, seed: 3 });
  const [row] = (await queryRows(
    world.database.db,
    // Without updates, because a returning machine's updates are news of their own.
    sql`select m.external_id as id from tenant_external_entity_mappings m
        where m.asset_id is not null and m.agent_status = 'online' and not exists (
          select from rmm_device_updates u where u.external_device_id = m.external_id)
        order by 1 limit 1`,
  )) as [{ id: string }];
  id = row.id;
  await news();
});
afterEach(() => world.close());

/** The devices for which an update was published since the last call. */
async function news(): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    world.database.db,
    sql`with told as (delete from rmm_events where name like 'RMM_DEVICE%' returning name, data)
        select data->>'externalDeviceId' as id from told where name = 'RMM_DEVICE_UPDATED' order by 1`,
  );
  return rows.map((row) => row.id);
}
const newsOfSync = async (...sync: Parameters<SyncWorld["sync"]>) => {
  await world.sync(...sync);
  return news();
};

it.each([["full"], ["device"]] as const)(
  "a listener gets one event when a machine goes offline and one when it comes back, from a %s sync",
  async (type) => {
    const { account } = world.simulator;
    const target = type === "device" ? id : undefined;
    for (const online of [false, true]) {
      account.patchDevice(id, { online });
      expect(await newsOfSync(type, target)).toEqual([id]);
      expect(await newsOfSync(type, target)).toEqual([]);
    }
  },
);

it("a listener gets no event for a machine that was only seen again", async () => {
  world.simulator.account.patchDevice(id, { last_seen_at: new Date(Date.now() + 1_000).toISOString() });
  expect(await newsOfSync("full")).toEqual([]);
  expect(await newsOfSync("device", id)).toEqual([]);
});

it("a listener gets one event when the pending patches of a machine change", async () => {
  world.simulator.account.addUpdate(id);
  expect(await newsOfSync("full")).toEqual([id]);
  expect(await newsOfSync("full")).toEqual([]);
});

it.each([["full"], ["device"]] as const)(
  "a listener gets one event each when a machine is gone, retired and back again, from a %s sync",
  async (type) => {
    const { account } = world.simulator;
    const device = [...account.devices].find((row) => row.id === id)!;
    const target = type === "device" ? id : undefined;
    account.removeDevice(id);
    expect(await newsOfSync(type, target)).toEqual([id]);
    expect(await newsOfSync(type, target)).toEqual([]);
    world.setNow(new Date(Date.now() + 30 * DAY_MS));
    expect(await retireAssets(world.deps)).toBe(1);
    expect(await news()).toEqual([id]);
    world.setNow(null);
    account.addDevice(device);
    expect(await newsOfSync(type, target)).toEqual([id]);
  },
);

it("a listener gets an event for each asset that goes with its connection", async () => {
  const { deps, tenantId, connectionId } = world;
  const outcome = await disconnect(deps, { tenantId, connectionId, assets: "retire", actor: TEST_ACTOR });
  const withAsset = (await world.deviceRows()).filter((row) => row["client"] !== null);
  expect(outcome).toMatchObject({ state: "disconnected" });
  expect((await news()).length).toBe(withAsset.length);
});
