import { eq, sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createAsset, createIntegration, createTenant } from "@tests/support/factories";
import { assetOf, TEST_ACTOR, type SyncWorld } from "@tests/support/sync";
import { createSyncedWorld } from "@tests/support/synced-world";
import { assets, auditLog, rmmIntegrations, tenantExternalEntityMappings } from "@db/schema";
import { DAY_MS } from "@domain/durations";
import { readAsset } from "~/features/assets/assets.page.server";
import { readClient } from "~/features/clients/clients.page.server";
import { readOverview } from "~/features/overview/overview.page.server";
import { retireAssets } from "~/features/assets/retire";
import { changeSettings } from "~/features/connections/connection-settings.server";

/** When the device was found to be gone, in real time like everything that the provider observes. */
let goneAt: Date;
const after = (days: number, ms = 0) => new Date(goneAt.getTime() + days * DAY_MS + ms);

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 30, seed: 11, updatesPerDevice: 0 });
});
afterEach(() => world.close());

const device = () => [...world.simulator.account.devices].find((row) => row.group_id !== null)!;
const assetRow = async (externalId: string) => (await assetOf(world, externalId))!.asset;

/** A device leaves Level, and the next sync notices. */
async function removeOne() {
  const removed = device();
  world.simulator.account.removeDevice(removed.id);
  await world.sync("full");
  const asset = await assetRow(removed.id);
  expect(asset.status).toBe("gone");
  goneAt = asset.goneAt!;
  return { removed, asset };
}

describe("an asset that is gone", () => {
  it("is retired when the grace period is over, not before, and once", async () => {
    const { removed, asset } = await removeOne();
    world.setNow(after(7, -1));
    expect(await retireAssets(world.deps)).toBe(0);
    expect(await assetRow(removed.id)).toMatchObject({ status: "gone", retiredAt: null });
    world.setNow(after(7));
    expect(await retireAssets(world.deps)).toBe(1);
    const retired = await assetRow(removed.id);
    expect(retired).toMatchObject({ status: "retired", retiredAt: after(7), goneAt });
    world.setNow(after(8));
    expect(await retireAssets(world.deps)).toBe(0);
    expect(await assetRow(removed.id)).toEqual(retired);
    const log = await world.database.db.select().from(auditLog).where(eq(auditLog.action, "asset.retired"));
    expect(log).toMatchObject([
      {
        targetId: asset.id,
        details: { name: asset.name, goneSince: expect.stringMatching(/^\d{4}-/) as string },
      },
    ]);
  });

  it("shows on which day it will be retired, and then on which day it was", async () => {
    const { asset } = await removeOne();
    expect((await readAsset(world.database.db, world.tenantId, asset.id))!.retiresAt).toEqual(after(7));
    world.setNow(after(7));
    await retireAssets(world.deps);
    const detail = (await readAsset(world.database.db, world.tenantId, asset.id))!;
    expect(detail).toMatchObject({ retiresAt: null, asset: { status: "retired", retiredAt: after(7) } });
  });

  it("is not counted as a current asset, in the overview or for its client", async () => {
    const count = async () => {
      const { fleet } = await readOverview(world.database.db, world.tenantId, new Date());
      const { counts } = (await readClient(world.database.db, world.tenantId, asset.clientId!))!;
      return { assets: fleet.assets, ...counts };
    };
    const { asset } = await removeOne();
    const gone = await count();
    expect(gone).toMatchObject({ gone: 1, retired: 0 });
    world.setNow(after(7));
    await retireAssets(world.deps);
    expect(await count()).toEqual({ ...gone, gone: 0, retired: 1 });
  });

  it("comes back when it is seen again, however long it was retired, with all its data", async () => {
    const { removed, asset } = await removeOne();
    world.setNow(after(7));
    await retireAssets(world.deps);
    world.setNow(after(200));
    world.simulator.account.addDevice(removed);
    await world.sync("full");
    const back = await assetRow(removed.id);
    expect(back).toMatchObject({
      id: asset.id,
      status: "active",
      goneAt: null,
      goneReason: null,
      retiredAt: null,
    });
    expect(await retireAssets(world.deps)).toBe(0);
  });

  it("stays retired if its device is marked as gone again", async () => {
    const { removed, asset } = await removeOne();
    world.setNow(after(7));
    await retireAssets(world.deps);
    await world.database.db
      .update(tenantExternalEntityMappings)
      .set({ goneAt: null })
      .where(eq(tenantExternalEntityMappings.externalId, removed.id));
    expect(await world.sync("full")).toMatchObject({ itemsGone: 1 });
    expect(await assetRow(removed.id)).toMatchObject({ id: asset.id, status: "retired", goneAt });
  });

  it("waits for the longest grace period of its connections", async () => {
    const { removed, asset } = await removeOne();
    const { id: patient } = await createIntegration(world.database.db, {
      tenantId: world.tenantId,
      goneGraceDays: 30,
    });
    await world.database.db.insert(tenantExternalEntityMappings).values({
      tenantId: world.tenantId,
      connectionId: patient,
      integrationType: "levelio",
      externalId: "the same machine elsewhere",
      assetId: asset.id,
      displayName: asset.name,
      contentHash: "x",
      observedAt: goneAt,
      goneAt,
    });
    world.setNow(after(30, -1));
    expect(await retireAssets(world.deps)).toBe(0);
    world.setNow(after(30));
    expect(await retireAssets(world.deps)).toBe(1);
    expect(await assetRow(removed.id)).toMatchObject({ status: "retired" });
  });

  it("is left alone while another of its devices is listed", async () => {
    const { removed, asset } = await removeOne();
    await world.database.db
      .update(tenantExternalEntityMappings)
      .set({ assetId: asset.id })
      .where(eq(tenantExternalEntityMappings.externalId, device().id));
    world.setNow(after(100));
    expect(await retireAssets(world.deps)).toBe(0);
    expect(await assetRow(removed.id)).toMatchObject({ status: "gone" });
  });
});

describe("retiring", () => {
  it("covers all tenants, batch by batch, each with its own grace period", async () => {
    const { db } = world.database;
    const other = await createTenant(db);
    goneAt = new Date();
    const gone = (tenantId: string, n: number) =>
      Promise.all(Array.from({ length: n }, () => createAsset(db, { tenantId, status: "gone", goneAt })));
    await gone(world.tenantId, 7);
    await gone(other.id, 5);
    world.setNow(after(7));
    expect(await retireAssets(world.deps, 2)).toBe(12);
    const rows = await db
      .select({ tenantId: assets.tenantId, n: sql<number>`count(*)::int` })
      .from(assets)
      .where(eq(assets.status, "retired"))
      .groupBy(assets.tenantId);
    expect(new Map(rows.map(({ tenantId, n }) => [tenantId, n]))).toEqual(
      new Map([
        [world.tenantId, 7],
        [other.id, 5],
      ]),
    );
  });

  it("happens within the hour if the grace period is zero", async () => {
    await changeSettings(
      world.deps,
      { tenantId: world.tenantId, connectionId: world.connectionId },
      { goneGraceDays: 0 },
      TEST_ACTOR,
    );
    await removeOne();
    expect(await retireAssets(world.deps)).toBe(1);
  });
});

describe("the grace period of a connection", () => {
  const set = (goneGraceDays: number) =>
    changeSettings(
      world.deps,
      { tenantId: world.tenantId, connectionId: world.connectionId },
      { goneGraceDays },
      TEST_ACTOR,
    );
  const days = async () =>
    (await world.database.db.select({ days: rmmIntegrations.goneGraceDays }).from(rmmIntegrations))[0]!.days;

  it("is saved and audited, and moves no schedule", async () => {
    const [before] = await world.database.db.select().from(rmmIntegrations);
    expect(await set(30)).toEqual({ state: "saved", changed: ["goneGraceDays"] });
    const [row] = await world.database.db.select().from(rmmIntegrations);
    expect(row).toMatchObject({ goneGraceDays: 30, nextFullSyncAt: before!.nextFullSyncAt });
    const log = await world.database.db
      .select({ details: auditLog.details })
      .from(auditLog)
      .where(eq(auditLog.action, "integration.settings_changed"));
    expect(log).toEqual([{ details: { goneGraceDays: { from: 7, to: 30 } } }]);
  });

  it.each([-1, 366, 1.5])("is not %d days", async (wanted) => {
    expect(await set(wanted)).toEqual({ state: "grace_out_of_range" });
    expect(await days()).toBe(7);
  });
});
