import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { defaultRules } from "@domain/matching-rules";
import { connect } from "~/features/connections/connect.server";
import { openProvider, tryKey } from "~/features/connections/open-provider.server";
import { mapTopLevelGroups } from "~/features/mapping/mapping.server";
import { changeMatchingRules } from "~/features/matching-rules/change-rules.server";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";
import type { ConnectDeps } from "~/platform/ports";

import { startSimulator, type Simulator } from "../../level-simulator";
import { assetOf, createSyncWorld, TEST_ACTOR, type SyncWorld } from "../../support/sync";

let world: SyncWorld;
let other: Simulator;
let otherId: string;
let syncOther: () => Promise<void>;

const fields = (hostname: string, user: string) => ({
  hostname,
  nickname: null,
  role: "workstation" as const,
  last_logged_in_user: user,
});

/** One asset with devices of two connections, as after a merge: "ours" and "theirs". */
beforeEach(async () => {
  world = await createSyncWorld({ devices: 0, seed: 3 });
  other = await startSimulator({ devices: 0, seed: 4 });
  const group = (simulator: Simulator) => simulator.account.addGroup({ name: "Acme" }).id;
  world.simulator.account.addDevice({
    ...fields("PC-1", "ann"),
    id: "ours",
    group_id: group(world.simulator),
  });
  other.account.addDevice({ ...fields("PC-2", "bob"), id: "theirs", group_id: group(other) });
  await world.sync("organizations");
  await world.mapAll();
  await world.sync("full");

  const { tenantId, deps, database } = world;
  const ownDeps: ConnectDeps = {
    ...deps,
    tryKey: (apiKey) => tryKey(apiKey, other.url),
    openProvider: (ref, stats) =>
      openProvider({ db: database.db, vault: deps.vault, baseUrl: other.url }, ref, stats),
  };
  const request = { tenantId, provider: "levelio", label: "Other", apiKey: other.apiKey } as const;
  const connected = await connect(ownDeps, { ...request, actor: TEST_ACTOR });
  if (connected.state !== "saved") throw new Error(connected.state);
  otherId = connected.integration.id;
  const ref = { tenantId, connectionId: otherId };
  const run = async (type: "organizations" | "full") => {
    const asked = await requestSync(ownDeps, { ...ref, type, trigger: "manual", actor: "test" });
    if (asked.state !== "queued") throw new Error(asked.state);
    await runDirect(ownDeps, { tenantId, runId: asked.run.id });
  };
  await run("organizations");
  await mapTopLevelGroups(deps, ref, TEST_ACTOR);
  syncOther = () => run("full");
  await syncOther();
  const { asset } = (await assetOf(world, "ours"))!;
  await database.db.execute(sql`
    update tenant_external_entity_mappings set asset_id = ${asset.id} where external_id = 'theirs'`);
});
afterEach(async () => {
  await world.close();
  await other.close();
});

const prioritise = async (connectionId: string, priority: number) => {
  const ref = { tenantId: world.tenantId, connectionId };
  const outcome = await changeMatchingRules(world.deps, ref, { ...defaultRules, priority }, TEST_ACTOR);
  expect(outcome.state).toBe("saved");
};
const shown = async () => {
  const { asset } = (await assetOf(world, "ours"))!;
  const [details] = await queryRows<{ user: string }>(
    world.database.db,
    sql`select last_logged_in_user as user from asset_details where asset_id = ${asset.id}`,
  );
  return { name: asset.name, user: details!.user };
};

describe("an asset that two connections know", () => {
  it("has the facts of the device that changed last while both have one priority", async () => {
    other.account.patchDevice("theirs", { last_logged_in_user: "bea" });
    await syncOther();
    expect((await shown()).user).toBe("bea");
    world.simulator.account.patchDevice("ours", { last_logged_in_user: "amy" });
    await world.sync("full");
    expect((await shown()).user).toBe("amy");
  });

  it("has the facts of the connection with the first priority, whichever reports last", async () => {
    await prioritise(world.connectionId, 1);
    other.account.patchDevice("theirs", { last_logged_in_user: "bea", hostname: "PC-3" });
    await syncOther();
    expect(await shown()).toEqual({ name: "PC-1", user: "ann" });
    world.simulator.account.patchDevice("ours", { last_logged_in_user: "amy" });
    await world.sync("full");
    await syncOther();
    expect(await shown()).toEqual({ name: "PC-1", user: "amy" });
  });

  it("follows the other one as soon as the first no longer lists the machine, even without a change there", async () => {
    await prioritise(world.connectionId, 1);
    other.account.patchDevice("theirs", { last_logged_in_user: "bea" });
    await syncOther();
    world.simulator.account.removeDevice("ours");
    await world.sync("full");
    expect((await shown()).user).toBe("ann");
    await syncOther();
    expect((await shown()).user).toBe("bea");
  });

  it("follows the other one if the priorities are exchanged", async () => {
    await prioritise(world.connectionId, 1);
    other.account.patchDevice("theirs", { last_logged_in_user: "bea" });
    await syncOther();
    await prioritise(otherId, 1);
    await prioritise(world.connectionId, 2);
    await syncOther();
    await world.sync("full");
    expect((await shown()).user).toBe("bea");
  });

  it("keeps its client if the second connection excludes the group", async () => {
    await prioritise(world.connectionId, 1);
    const { asset } = (await assetOf(world, "ours"))!;
    await world.database.db.execute(sql`
      update rmm_organization_mappings set state = 'excluded' where integration_id = ${otherId}`);
    await syncOther();
    expect((await assetOf(world, "ours"))!.asset.clientId).toBe(asset.clientId);
  });

  it("writes nothing in a sync of the second connection if nothing changed", async () => {
    await prioritise(world.connectionId, 1);
    await syncOther();
    const rows = () =>
      queryRows(
        world.database.db,
        sql`select m.updated_at, a.updated_at as asset from tenant_external_entity_mappings m
            join assets a on a.id = m.asset_id order by m.id`,
      );
    const before = await rows();
    await syncOther();
    expect(await rows()).toEqual(before);
  });
});
