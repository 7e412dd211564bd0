import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { countPlanned } from "@db/queries/device-sync/planned";
import { getRun } from "@db/queries/sync-runs/runs";
import { applyDryRun } from "~/features/sync-runs/apply-dry-run.server";
import { runDirect } from "~/features/sync-execution/run-direct";

import { assetOf, TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 20, seed: 5, updatesPerDevice: 0 });
});
afterEach(() => world.close());

/** A machine whose old device is gone, and whose new one has taken over its asset. */
async function takeOver() {
  const { account } = world.simulator;
  const known = (await world.deviceRows()).find((row) => row["client"] !== null)!;
  const old = account.patchDevice(known["external_id"] as string, { serial_number: "5CG9876XYZ" });
  await world.sync("full");
  const { asset } = (await assetOf(world, old.id))!;
  const successor = account.addDevice({ ...old, id: `${old.id}-again` });
  account.removeDevice(old.id);
  await world.sync("full");
  expect(await assetIdOf(successor.id)).toBe(asset.id);
  return { old, successor, assetId: asset.id };
}

const assetIdOf = async (externalId: string) => (await assetOf(world, externalId))?.asset.id;

/** Assets that several listed devices are linked to. */
const shared = () =>
  queryRows(
    world.database.db,
    sql`select asset_id from tenant_external_entity_mappings where asset_id is not null and gone_at is null
        group by asset_id having count(*) > 1`,
  );

async function planAndApply() {
  const { tenantId, deps, database } = world;
  const dryRun = await world.sync("dry_run");
  const asked = await applyDryRun(deps, { tenantId, runId: dryRun.id }, TEST_ACTOR);
  if (asked.state !== "queued") throw new Error(asked.state);
  await runDirect(deps, { tenantId, runId: asked.run.id });
  return withTenant(database.db, tenantId, async (tx) => ({
    planned: await countPlanned(tx, tenantId, dryRun.id),
    run: (await getRun(tx, tenantId, asked.run.id))!,
  }));
}

describe("a device that is listed again beside the one that took over its asset", () => {
  it("gets an asset of its own from the sweep that lists it", async () => {
    const { old, successor, assetId } = await takeOver();
    world.simulator.account.addDevice(old);
    expect(await world.sync("full")).toMatchObject({ status: "completed", itemsCreated: 1 });
    expect(await assetIdOf(successor.id)).toBe(assetId);
    expect(await assetIdOf(old.id)).not.toBe(assetId);
    expect(await shared()).toEqual([]);
    expect(await world.sync("full")).toMatchObject({ itemsCreated: 0, itemsUpdated: 0 });
  });

  it("waits without an asset if a webhook reports it, and gets its own from the next sweep", async () => {
    const { old, successor, assetId } = await takeOver();
    world.simulator.account.addDevice(old);
    await world.sync("device", old.id);
    expect(await assetIdOf(old.id)).toBeUndefined();
    expect(await world.sync("full")).toMatchObject({ itemsCreated: 1 });
    expect(await assetIdOf(old.id)).not.toBe(assetId);
    expect(await assetIdOf(successor.id)).toBe(assetId);
    expect(await shared()).toEqual([]);
  });

  it("gets its own once its group has a client, if it came back without one", async () => {
    const { old, successor, assetId } = await takeOver();
    const { account } = world.simulator;
    account.addDevice({ ...old, group_id: null });
    await world.sync("full");
    account.moveDevice(old.id, old.group_id);
    expect(await world.sync("full")).toMatchObject({ itemsCreated: 1 });
    expect(await assetIdOf(successor.id)).toBe(assetId);
    expect(await shared()).toEqual([]);
  });

  it("is planned by a dry run as it is written", async () => {
    const { old } = await takeOver();
    world.simulator.account.addDevice(old);
    const { planned, run } = await planAndApply();
    expect(planned).toMatchObject({ create: 1 });
    expect(run.divergences).toBe(0);
    expect(run).toMatchObject({ itemsCreated: 1 });
    expect(await shared()).toEqual([]);
  });
});

it("leaves the asset to the one that had it last, if two devices of one asset come back together", async () => {
  const { old, successor, assetId } = await takeOver();
  const { account } = world.simulator;
  account.removeDevice(successor.id);
  await world.sync("full");
  account.addDevice(old);
  account.addDevice(successor);
  const { planned, run } = await planAndApply();
  expect(planned).toMatchObject({ create: 1, return: 1 });
  expect(run.divergences).toBe(0);
  expect(await assetIdOf(successor.id)).toBe(assetId);
  expect(await assetIdOf(old.id)).not.toBe(assetId);
  expect(await shared()).toEqual([]);
});
