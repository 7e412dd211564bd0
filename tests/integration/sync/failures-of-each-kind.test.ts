import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";

import type { SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;
beforeEach(async () => {
  world = await createSyncedWorld({ devices: 30, seed: 3 });
});
afterEach(() => world.close());

const query = (statement: ReturnType<typeof sql>) => queryRows(world.database.db, statement);
const statuses = async () => {
  const [row] = await query(
    sql`select sync_status as overall, full_sync_status as "full", groups_sync_status as groups,
          alerts_sync_status as alerts from rmm_integrations`,
  );
  return row;
};
const failures = () =>
  query(
    sql`select data->>'type' as type from rmm_events where name = 'RMM_SYNC_FAILED' order by occurred_at`,
  );
const down = (resource: "groups" | "devices" | "alerts") =>
  world.simulator.faults.add({ kind: "status", status: 400, resource });

describe("a sync that fails as a whole is shown at its connection", () => {
  it.each([
    ["organizations", "groups"],
    ["alerts", "alerts"],
  ] as const)("of %s, until one succeeds", async (type, kind) => {
    await world.sync("alerts");
    const well = { overall: "completed", full: "completed", groups: "completed", alerts: "completed" };
    expect(await statuses()).toEqual(well);
    down(kind);
    expect((await world.sync(type)).status).toBe("failed");
    expect(await statuses()).toEqual({ ...well, overall: "failed", [kind]: "failed" });
    expect(await failures()).toEqual([{ type }]);
    world.simulator.faults.clear();
    await world.sync(type);
    expect(await statuses()).toEqual(well);
  });

  it("of devices, beside the results of the others", async () => {
    down("devices");
    expect((await world.sync("full")).status).toBe("failed");
    expect(await statuses()).toEqual({
      overall: "failed",
      full: "failed",
      groups: "completed",
      alerts: "never",
    });
    expect(await failures()).toEqual([{ type: "full" }]);
  });

  it("of groups, until a full sync has read them", async () => {
    down("groups");
    await world.sync("organizations");
    expect(await statuses()).toMatchObject({ overall: "failed", full: "completed", groups: "failed" });
    world.simulator.faults.clear();
    await world.sync("full");
    expect(await statuses()).toMatchObject({ overall: "completed", full: "completed", groups: "completed" });
  });
});

describe("a sync of one device that fails is shown at that device", () => {
  const marked = () =>
    query(
      sql`select external_id as id, sync_error as error from tenant_external_entity_mappings
          where sync_failed_at is not null`,
    );

  it.each(["device", "full"] as const)("until a %s sync has read it", async (next) => {
    const [{ id }] = (await query(
      sql`select external_id as id from tenant_external_entity_mappings where asset_id is not null limit 1`,
    )) as [{ id: string }];
    down("devices");
    const run = await world.sync("device", id);
    expect(run.status).toBe("failed");
    expect(await marked()).toEqual([{ id, error: run.errorMessage }]);
    expect(await statuses()).toMatchObject({ overall: "completed" });
    expect(await failures()).toEqual([{ type: "device" }]);
    world.simulator.faults.clear();
    await world.sync(next, next === "device" ? id : undefined);
    expect(await marked()).toEqual([]);
  });
});
