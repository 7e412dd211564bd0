import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows } from "@db/client";

import { createUser } from "../../support/factories";
import { createWebWorld } from "../../support/web";
import { type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;
let id: string;
let assetId: string;
beforeEach(async () => {
  world = await createSyncedWorld({ devices: 30, seed: 3 });
  const [row] = (await queryRows(
    world.database.db,
    sql`select external_id as id, asset_id as "assetId" from tenant_external_entity_mappings
        where asset_id is not null and agent_status = 'online' order by 1 limit 1`,
  )) as [{ id: string; assetId: string }];
  ({ id, assetId } = row);
});
afterEach(() => world.close());

const stored = async () => {
  const [row] = await queryRows<{ uptime: number | null; since: number | null }>(
    world.database.db,
    sql`select uptime_seconds::int as uptime, extract(epoch from observed_at - last_reboot_at)::int as since
        from tenant_external_entity_mappings where external_id = ${id}`,
  );
  return row!;
};

it("the uptime of a machine is stored with the observation, while it is online", async () => {
  const { account } = world.simulator;
  account.patchDevice(id, { online: true, last_reboot_time: new Date(Date.now() - 3_600_000).toISOString() });
  await world.sync("full");
  const online = await stored();
  expect(online.uptime).toBe(online.since);
  expect(online.uptime).toBeGreaterThanOrEqual(3_599);

  account.setOnline(id, false);
  await world.sync("full");
  expect((await stored()).uptime).toBeNull();
});

it("the asset's page shows the uptime of the machine, and as of when", async () => {
  const { url, connection } = world.database;
  if (url === undefined) return;
  const web = await createWebWorld({}, { ...connection, url });
  const user = await createUser(world.database.db, { tenantId: world.tenantId });
  const browser = await web.signedIn(user);
  const page = await (await browser.get(`/assets/${assetId}`)).text();
  expect(page).toMatch(/Up for<\/dt>.{0,200}as of/s);
  await web.close();
});
