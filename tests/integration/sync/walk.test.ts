import { sql } from "drizzle-orm";
import { afterEach, describe, expect, it, vi } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { getRun } from "@db/queries/sync-runs/runs";
import { runDirect } from "~/features/sync-execution/run-direct";
import { requestSync } from "~/features/sync-engine/request-sync";

import { countAllStatements } from "../../support/statements";
import { createSyncWorld, type SyncWorld } from "../../support/sync";
import { createMappedWorld } from "../../support/synced-world";
import type { SimulatorOptions } from "../../level-simulator";

let world: SyncWorld;
afterEach(() => world.close());

async function open(options: SimulatorOptions): Promise<void> {
  world = await createMappedWorld(options);
}

describe("a page", () => {
  /** The statements of a first sync, of one that changes every device, and of one that changes none. */
  async function countSyncs(devices: number): Promise<number[]> {
    world = await createSyncWorld({ devices, seed: 2, updatesPerDevice: 0, alerts: 0 });
    const { account } = world.simulator;
    await world.sync("organizations");
    await world.mapAll();
    const group = [...account.groups].find(({ parent_id: parent }) => parent === null)!;
    for (const { id } of account.devices)
      account.patchDevice(id, { group_id: group.id, serial_number: `S-${id}` });
    const counts: number[] = [];
    const count = async () =>
      counts.push(await countAllStatements(world.database.db, () => world.sync("full")));
    await count();
    for (const { id } of account.devices) account.patchDevice(id, { city: "Elsewhere", online: true });
    await count();
    await count();
    return counts;
  }

  it("uses as many statements for ten devices as for a hundred", async () => {
    const ofTen = await countSyncs(10);
    await world.close();
    expect(await countSyncs(100)).toEqual(ofTen);
  });

  it("with a record that the database refuses is written without it, and says which and why", async () => {
    await open({ devices: 120, seed: 5 });
    const [poison, other] = [...world.simulator.account.devices].filter(
      ({ group_id: group }) => group !== null,
    );
    world.simulator.account.patchDevice(poison!.id, { nickname: "poison" });
    await world.database.db.execute(
      sql`alter table assets add constraint no_poison check (name <> 'poison')`,
    );
    try {
      const run = await world.sync("full");
      expect(run).toMatchObject({
        status: "completed_with_errors",
        itemsSeen: 120,
        itemsFailed: 1,
        itemsGone: 0,
      });
      const rows = await world.deviceRows();
      expect(rows).toHaveLength(119);
      expect(rows.map((row) => row["external_id"])).toContain(other!.id);
      const issues = await queryRows(
        world.database.db,
        sql`select severity, resource, external_id, name, reason from rmm_sync_run_errors where external_id = ${poison!.id}`,
      );
      expect(issues).toEqual([
        {
          severity: "record",
          resource: "devices",
          external_id: poison!.id,
          name: "poison",
          reason: expect.stringMatching(/^refused by the database \(23514\).*no_poison/),
        },
      ]);
    } finally {
      await world.database.db.execute(sql`alter table assets drop constraint no_poison`);
    }
  });
});

describe("a walk that started over", () => {
  it("counts each device once", async () => {
    await open({ devices: 220, seed: 3 });
    world.simulator.faults.add({
      kind: "status",
      status: 404,
      resource: "devices",
      afterRequests: 2,
      times: 1,
    });
    const run = await world.sync("full");
    const skipped = [...world.simulator.account.devices].filter(
      ({ group_id: group }) => group === null,
    ).length;
    expect(run).toMatchObject({
      status: "completed",
      itemsSeen: 220,
      itemsCreated: 220 - skipped,
      itemsUnchanged: 0,
      itemsSkipped: skipped,
    });
    expect(run.summary?.devices).toMatchObject({ seen: 220, created: 220 - skipped, unchanged: 0, skipped });
  });
});

describe("two workers on one run", () => {
  it("write each page once, and the run completes as with one", async () => {
    await open({ devices: 900, seed: 3, latencyMs: 15 });
    const { tenantId, connectionId } = world;
    const warned = vi.fn();
    const deps = { ...world.deps, log: { ...world.deps.log, warn: warned } };
    const outcome = await requestSync(deps, {
      tenantId,
      connectionId,
      type: "full",
      trigger: "manual",
      actor: "test",
    });
    if (outcome.state !== "queued") throw new Error(outcome.state);
    const ref = { tenantId, runId: outcome.run.id };
    await Promise.all([runDirect(deps, ref), runDirect(deps, ref)]);
    // A page that is stored already is no error of its records.
    expect(warned).not.toHaveBeenCalled();
    const run = await withTenant(deps.db, tenantId, (tx) => getRun(tx, tenantId, ref.runId));
    expect(run).toMatchObject({ status: "completed", itemsSeen: 900, itemsFailed: 0, errorCode: null });
    const [pages] = await queryRows(
      deps.db,
      sql`select count(*)::int as n from rmm_sync_run_pages where run_id = ${ref.runId} and resource = 'devices'`,
    );
    expect(pages).toEqual({ n: 9 });
    const ended = await queryRows(
      deps.db,
      sql`select name from rmm_events where data->>'runId' = ${ref.runId} and name like 'RMM_SYNC%' order by name`,
    );
    expect(ended).toEqual([{ name: "RMM_SYNC_COMPLETED" }, { name: "RMM_SYNC_STARTED" }]);
  });
});
