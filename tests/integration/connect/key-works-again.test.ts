import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { getIntegration, updateIntegration, type IntegrationRow } from "@db/queries/integrations";
import { auditLog } from "@db/schema";
import { testConnection } from "~/sync/check-setup";
import { connect } from "~/sync/connect";
import { createSyncWorld, TEST_ACTOR, type SyncWorld } from "@tests/support/sync";

const NOW = new Date("2026-10-10T09:30:00Z");
const LATER = new Date("2026-10-14T00:00:00Z");
const A_WEEK = 7 * 24 * 60;

let world: SyncWorld;
beforeEach(async () => {
  world = await createSyncWorld({ devices: 1 });
  world.setNow(NOW);
});
afterEach(() => world.close());

/** The connection as it stood until now. */
const stand = (row: Partial<IntegrationRow>) =>
  withTenant(world.database.db, world.tenantId, (tx) =>
    updateIntegration(tx, world.tenantId, world.integrationId, {
      fullSyncIntervalMinutes: A_WEEK,
      nextFullSyncAt: LATER,
      nextAlertsSyncAt: LATER,
      ...row,
    }),
  );

const read = async () =>
  (await withTenant(world.database.db, world.tenantId, (tx) =>
    getIntegration(tx, world.tenantId, world.integrationId),
  ))!;

describe("with a new key", () => {
  const saveKey = () =>
    connect(world.deps, {
      tenantId: world.tenantId,
      integrationId: world.integrationId,
      provider: "levelio",
      apiKey: world.simulator.apiKey,
      actor: TEST_ACTOR,
    });

  it("a connection whose key was refused is caught up at once, however long its interval", async () => {
    await stand({ status: "needs_attention", statusReason: "Enter another key." });
    await saveKey();
    expect(await read()).toMatchObject({ status: "active", nextFullSyncAt: NOW, nextAlertsSyncAt: NOW });
  });

  it("a schedule that was paused is caught up at once, and the other keeps to its instants", async () => {
    await stand({ pausedAt: NOW, pausedReason: "5 failed." });
    await saveKey();
    const after = await read();
    expect(after).toMatchObject({ pausedAt: null, nextFullSyncAt: NOW });
    expect(after.nextAlertsSyncAt!.getTime()).toBeGreaterThan(NOW.getTime());
  });

  it("a schedule that a person switched off stays off", async () => {
    await stand({ status: "needs_attention", fullSyncEnabled: false });
    await saveKey();
    expect(await read()).toMatchObject({ nextFullSyncAt: null, nextAlertsSyncAt: NOW });
  });

  it("a connection that runs keeps to its instants", async () => {
    await stand({});
    await saveKey();
    expect((await read()).nextFullSyncAt!.getTime()).toBeGreaterThan(NOW.getTime());
  });
});

describe("with a stored key that was refused, tested by a person", () => {
  const test = () =>
    testConnection(
      world.deps,
      { tenantId: world.tenantId, integrationId: world.integrationId },
      { userId: null, name: "person@example.com", ip: null },
    );
  const resumptions = async () =>
    (await world.database.db.select().from(auditLog)).filter(
      ({ action }) => action === "integration.resumed",
    );

  it("a connection goes on at once when the key works again, and the audit log has who tested it", async () => {
    await stand({ status: "needs_attention", statusReason: "Enter another key.", health: "needs_attention" });
    expect(await test()).toMatchObject({ state: "ok" });
    expect(await read()).toMatchObject({
      status: "active",
      statusReason: null,
      health: "ok",
      nextFullSyncAt: NOW,
      nextAlertsSyncAt: NOW,
    });
    expect(await resumptions()).toMatchObject([
      { actor: "person@example.com", targetId: world.integrationId },
    ]);
  });

  it("a connection stays as it is when the key is still refused", async () => {
    await stand({ status: "needs_attention", statusReason: "Enter another key." });
    const before = await read();
    world.simulator.faults.add({ kind: "status", status: 401 });
    expect(await test()).toMatchObject({ state: "failed" });
    expect(await read()).toEqual(before);
  });

  it("a connection that runs is only looked at", async () => {
    await stand({});
    const before = await read();
    expect(await test()).toMatchObject({ state: "ok" });
    expect(await read()).toEqual(before);
    expect(await resumptions()).toEqual([]);
  });
});
