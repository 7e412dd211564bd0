import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { getRun } from "@db/queries/sync-runs/runs";
import { beginRun } from "~/features/sync-execution/begin-run";
import { concludeRun } from "~/features/sync-execution/conclude";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runStage } from "~/features/sync-execution/stages";

import { assetOf, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;
let deviceId: string;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 30, seed: 3 });
  deviceId = [...world.simulator.account.devices].find((row) => row.group_id !== null)!.id;
});
afterEach(() => world.close());

describe("a sync of one device", () => {
  it("continues without its updates if Level answers 404 for them", async () => {
    world.simulator.faults.add({ kind: "status", status: 404, resource: "updates" });
    const run = await world.sync("device", deviceId);
    expect(run).toMatchObject({ status: "completed_with_errors", itemsSeen: 1, itemsGone: 0 });
    expect(run.degraded).toEqual([expect.objectContaining({ resource: "updates" })]);
  });

  it("says so if nobody has ever known it", async () => {
    const run = await world.sync("device", "Z2lkOi8vbGV2ZWwvRGV2aWNlLzA");
    expect(run).toMatchObject({ status: "completed_with_errors", itemsGone: 0 });
    expect(run.degraded).toEqual([expect.objectContaining({ resource: "devices" })]);
  });
});

describe("a sync of one device that Level no longer has", () => {
  beforeEach(() => {
    world.simulator.account.removeDevice(deviceId);
  });

  it("marks it as gone, and does not request updates that nobody has", async () => {
    world.simulator.faults.add({ kind: "status", status: 404, resource: "updates" });
    expect(await world.sync("device", deviceId)).toMatchObject({
      status: "completed",
      itemsGone: 1,
      degraded: [],
    });
    expect((await assetOf(world, deviceId))!.asset.status).toBe("gone");
  });

  it("says the same if it is cut off after the mark and runs again", async () => {
    const { deps, tenantId, connectionId } = world;
    const outcome = await requestSync(deps, {
      tenantId,
      connectionId,
      type: "device",
      externalDeviceId: deviceId,
      trigger: "manual",
      actor: "test",
    });
    if (outcome.state !== "queued") throw new Error(outcome.state);
    const ref = { tenantId, runId: outcome.run.id };
    await beginRun(deps, ref);
    await runStage(deps, ref, "device");
    await runStage(deps, ref, "device");
    await runStage(deps, ref, "updates");
    await concludeRun(deps, ref);
    const run = await withTenant(deps.db, tenantId, (tx) => getRun(tx, tenantId, ref.runId));
    expect(run).toMatchObject({ status: "completed", itemsGone: 1, degraded: [] });
  });
});
