import type { RunRef } from "@domain/refs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { getRun, type RunRow } from "@db/queries/sync-runs/runs";
import { readRun } from "~/features/sync-runs/runs.page.server";
import { concludeRun } from "~/features/sync-execution/conclude";
import { cancelRun } from "~/features/sync-execution/end-run";
import { runStage } from "~/features/sync-execution/stages";

import { describeRun, runToJson } from "../../../cli/follow-run";
import { meetDevices, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 60, seed: 5 });
});

afterEach(() => world.close());

/** Deletes this many groups in Level that are known here and have no devices. */
async function deleteGroups(n: number): Promise<void> {
  const { account } = world.simulator;
  const added = Array.from({ length: n }, (_, i) => account.addGroup({ name: `Empty ${i}` }));
  await world.sync("organizations");
  for (const { id } of added) account.removeGroup(id);
}

/** Installs this many of the available updates of the account, or of one device. */
function installUpdates(n: number, deviceId?: string): void {
  const { account } = world.simulator;
  const available = [...account.updates].filter(
    (update) => update.is_available && (deviceId ?? update.device_id) === update.device_id,
  );
  for (const { id } of available.slice(0, n)) account.installUpdate(id);
}

const read = async ({ tenantId, runId }: RunRef): Promise<RunRow> =>
  (await withTenant(world.database.db, tenantId, (tx) => getRun(tx, tenantId, runId)))!;

/** The numbers of gone records on a run's page, by resource. */
async function shownGone(runId: string): Promise<Record<string, number>> {
  const detail = await readRun(world.database.db, world.tenantId, runId);
  return Object.fromEntries(detail!.resources.map(({ resource, gone }) => [resource, gone]));
}

describe("what a sync found gone is counted by resource", () => {
  it("by a full sync: groups, devices and updates, on its page and in the command's output", async () => {
    await deleteGroups(3);
    installUpdates(8);
    world.simulator.account.removeDevice([...world.simulator.account.devices][0]!.id);
    const before = (await world.updateRows()).filter((row) => row["is_available"]).length;
    const run = await world.sync("full");
    const closed = before - (await world.updateRows()).filter((row) => row["is_available"]).length;
    expect(closed).toBeGreaterThanOrEqual(8);
    expect(run.itemsGone).toBe(1);
    expect(await shownGone(run.id)).toEqual({ groups: 3, devices: 1, updates: closed });
    expect(describeRun(run)).toMatch(/groups .* 3 gone/);
    expect(describeRun(run)).toMatch(new RegExp(`updates .* ${closed} gone`));
    expect(runToJson(run).summary).toMatchObject({ groups: { gone: 3 }, updates: { gone: closed } });
  });

  it("by a sync of the groups: its own records", async () => {
    await deleteGroups(2);
    const run = await world.sync("organizations");
    expect(run).toMatchObject({ status: "completed", itemsGone: 2 });
    expect(await shownGone(run.id)).toEqual({ groups: 2 });
    expect(await world.sync("organizations")).toMatchObject({ itemsGone: 0 });
  });

  it("by a sync of one device: its updates, and no device", async () => {
    const { device_id: deviceId } = [...world.simulator.account.updates].find(
      (update) => update.is_available,
    )!;
    installUpdates(1, deviceId);
    const run = await world.sync("device", deviceId);
    expect(run.itemsGone).toBe(0);
    expect(await shownGone(run.id)).toEqual({ devices: 0, updates: 1 });
  });
});

describe("what a running sync found gone", () => {
  it("is counted once, however often its steps run, and shown at once", async () => {
    await deleteGroups(3);
    installUpdates(8);
    const ref = await meetDevices(world);
    await runStage(world.deps, ref, "groups");
    expect(await shownGone(ref.runId)).toEqual({ groups: 3, devices: 0 });
    for (const _ of [1, 2]) await runStage(world.deps, ref, "updates");
    const underWay = { groups: 3, devices: 0, updates: 8 };
    expect(await shownGone(ref.runId)).toEqual(underWay);
    await concludeRun(world.deps, ref);
    expect(await read(ref)).toMatchObject({ status: "completed", itemsGone: 0 });
    expect(await shownGone(ref.runId)).toEqual(underWay);
  });

  it("stays counted if it is cancelled", async () => {
    await deleteGroups(3);
    const ref = await meetDevices(world);
    await cancelRun(world.deps, ref);
    expect(await read(ref)).toMatchObject({ status: "cancelled", summary: { groups: { gone: 3 } } });
  });
});
