import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { connect } from "~/features/connections/connect.server";
import { tryKey } from "~/features/connections/open-provider.server";

import { startSimulator } from "../../level-simulator";
import { TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createMappedWorld } from "../../support/synced-world";

let world: SyncWorld;
beforeEach(async () => {
  world = await createMappedWorld({ devices: 20, seed: 3 });
});
afterEach(() => world.close());

it("a connection shows at which address Level accepted its key, even after another address was configured", async () => {
  const addresses = () => queryRows(world.database.db, sql`select instance_url from rmm_integrations`);
  const moved = await startSimulator({ devices: 1, seed: 3 });
  try {
    const { deps, tenantId, connectionId } = world;
    const deps2 = { ...deps, tryKey: (apiKey: string) => tryKey(apiKey, moved.url) };
    const key = { tenantId, connectionId, provider: "levelio", apiKey: moved.apiKey, actor: TEST_ACTOR };
    await connect(deps2, key);
    expect(await addresses()).toEqual([{ instance_url: moved.url }]);
    await connect(deps, { ...key, apiKey: world.simulator.apiKey });
    expect(await addresses()).toEqual([{ instance_url: world.simulator.url }]);
  } finally {
    await moved.close();
  }
});

it("a sync uses its connection's provider, whatever the key of its run looks like", async () => {
  const { db } = world.database;
  await db.execute(sql`
    create function odd_key() returns trigger language plpgsql as $$
      begin new.key := 'odd-' || new.id; return new; end $$`);
  await db.execute(sql`create trigger odd_key before insert on rmm_sync_runs
    for each row execute function odd_key()`);
  expect(await world.sync("full")).toMatchObject({ status: "completed" });
  const types = sql`select distinct integration_type as type from tenant_external_entity_mappings`;
  expect(await queryRows(db, types)).toEqual([{ type: "levelio" }]);
});
