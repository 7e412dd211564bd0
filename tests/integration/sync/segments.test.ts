import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { getRun } from "@db/queries/sync-runs/runs";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";

import type { SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

/** Nine pages of devices and nine or ten of updates: three segments each. */
const FLEET = { devices: 900, seed: 31, updatesPerDevice: 1, alerts: 0 };

let world: SyncWorld;
beforeEach(async () => {
  world = await createSyncedWorld(FLEET);
});
afterEach(() => world.close());

const deviceIds = () => world.simulator.account.devices.ids();

/** The cursors of the device requests, in order; undefined for the beginning of the list. */
const cursorsAskedFor = () =>
  world.simulator.stats.log
    .filter(({ url }) => url.startsWith("/v2/devices?"))
    .map(({ url }) => new URL(url, "http://level").searchParams.get("starting_after") ?? undefined);

const segmentsOf = (runId: string, resource = "devices") =>
  queryRows<{ state: string }>(
    world.database.db,
    sql`select state from rmm_sync_run_segments where run_id = ${runId} and resource = ${resource} order by walk`,
  );

const listed = async () =>
  (await world.deviceRows()).filter((row) => !row["is_gone"]).map((row) => row["external_id"]);

const sorted = (ids: unknown[]) => [...ids].sort();

describe("a full sync after a complete one", () => {
  it("starts from cursors of the last sweep at once, with not one request more, and changes nothing", async () => {
    const before = [await world.deviceRows(), await world.updateRows()];
    const ids = deviceIds();
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed", itemsSeen: 900, itemsUpdated: 0, itemsGone: 0 });
    expect(new Set(cursorsAskedFor().slice(0, 3))).toEqual(new Set([undefined, ids[299], ids[599]]));
    expect(sorted(cursorsAskedFor())).toEqual(
      sorted([undefined, ...[1, 2, 3, 4, 5, 6, 7, 8].map((page) => ids[page * 100 - 1])]),
    );
    expect(world.simulator.stats.maxInFlight).toBeLessThanOrEqual(4);
    expect(await segmentsOf(run.id)).toEqual([{ state: "joined" }, { state: "joined" }, { state: "joined" }]);
    expect([await world.deviceRows(), await world.updateRows()]).toEqual(before);
  });

  it("continues page by page in each segment if every step has time for one", async () => {
    world.deps.stepBudgetMs = 0;
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed", itemsSeen: 900, itemsGone: 0 });
    expect(cursorsAskedFor()).toHaveLength(9);
  });

  it("reads past a boundary that Level no longer knows, and only that device is gone", async () => {
    const boundary = deviceIds()[299]!;
    world.simulator.account.removeDevice(boundary);
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed", itemsSeen: 899, itemsGone: 1 });
    expect(await segmentsOf(run.id)).toEqual([
      { state: "joined" },
      { state: "dropped" },
      { state: "joined" },
    ]);
    expect(sorted(await listed())).toEqual(sorted(deviceIds()));
    // The refused boundary, and nothing else beyond the pages of one walk.
    expect(cursorsAskedFor()).toHaveLength(9 + 1);
  });

  it("reads every device of a list whose order has changed since", async () => {
    const ids = deviceIds();
    for (const n of [599, 10, 299, 300, 700, 5]) world.simulator.account.requeueDevice(ids[n]!);
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed", itemsSeen: 900, itemsGone: 0 });
    expect(cursorsAskedFor().length).toBeLessThanOrEqual(9 + 3);
  });

  it("reads a list right that changes at every page", async () => {
    const { account, faults } = world.simulator;
    const ids = deviceIds();
    const removed = [3, 150, 298, 450, 598, 640, 895].map((n) => ids[n]!);
    const added: string[] = [];
    faults.afterPage("devices", 0, () => {
      const id = removed.pop();
      if (id !== undefined) account.removeDevice(id);
      added.push(account.addDevice().id);
    });
    const run = await world.sync("full");
    faults.clear();
    expect(run.status).toBe("completed");
    const after = await world.sync("full");
    expect(after).toMatchObject({ status: "completed", itemsSeen: account.devices.size });
    expect(sorted(await listed())).toEqual(sorted(deviceIds()));
    const untouched = ids.filter((id) => account.devices.has(id));
    const returned = await queryRows(
      world.database.db,
      sql`select a.id from asset_changes a where a.run_id in (${run.id}, ${after.id}) and a.field = 'status'
          and a.asset_id in (select asset_id from tenant_external_entity_mappings
            where external_id in (${sql.join(
              untouched.map((id) => sql`${id}`),
              sql`, `,
            )}))`,
    );
    expect(returned, "a device that stayed was taken for gone").toEqual([]);
  });

  it("starts over with one walk if it loses its place, and counts each device once", async () => {
    world.simulator.faults.add({
      kind: "status",
      status: 404,
      resource: "devices",
      afterRequests: 4,
      times: 1,
    });
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed", itemsSeen: 900, itemsUpdated: 0, itemsGone: 0 });
    expect((await segmentsOf(run.id)).every(({ state }) => state === "dropped")).toBe(true);
  });

  it("concludes nothing from segments of which one was not read", async () => {
    const ids = deviceIds();
    world.simulator.account.removeDevice(ids[50]!);
    world.simulator.faults.add({ kind: "forbidden", resource: "devices", afterRequests: 7 });
    expect(await world.sync("full")).toMatchObject({ status: "failed", itemsGone: 0 });
    expect(await listed()).toContain(ids[50]);
  });
});

describe("two workers on one run in segments", () => {
  it("write each page once, and the run completes as with one", async () => {
    const { tenantId, connectionId, simulator } = world;
    simulator.setLatency(5);
    const warned = vi.fn();
    const deps = { ...world.deps, log: { ...world.deps.log, warn: warned } };
    const request = { tenantId, connectionId, type: "full", trigger: "manual", actor: "test" } as const;
    const outcome = await requestSync(deps, request);
    if (outcome.state !== "queued") throw new Error(outcome.state);
    const ref = { tenantId, runId: outcome.run.id };
    await Promise.all([runDirect(deps, ref), runDirect(deps, ref)]);
    expect(warned).not.toHaveBeenCalled();
    const run = await withTenant(deps.db, tenantId, (tx) => getRun(tx, tenantId, ref.runId));
    expect(run).toMatchObject({ status: "completed", itemsSeen: 900, itemsFailed: 0, errorCode: null });
    const [pages] = await queryRows(
      deps.db,
      sql`select count(*)::int as n from rmm_sync_run_pages where run_id = ${ref.runId} and resource = 'devices'`,
    );
    expect(pages).toEqual({ n: 9 });
  });
});
