import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { getIntegration, updateIntegration, type IntegrationRow } from "@db/queries/connections/connections";
import { auditLog, rmmEvents } from "@db/schema";
import { testConnection } from "~/features/connections/check-setup.server";
import { connect } from "~/features/connections/connect.server";
import { changeSettings } from "~/features/connections/connection-settings.server";
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

/** The connection's state before the test. */
const stand = (row: Partial<IntegrationRow>) =>
  withTenant(world.database.db, world.tenantId, (tx) =>
    updateIntegration(tx, world.tenantId, world.connectionId, {
      fullSyncIntervalMinutes: A_WEEK,
      nextFullSyncAt: LATER,
      nextAlertsSyncAt: LATER,
      ...row,
    }),
  );

const read = async () =>
  (await withTenant(world.database.db, world.tenantId, (tx) =>
    getIntegration(tx, world.tenantId, world.connectionId),
  ))!;

const saveKey = () =>
  connect(world.deps, {
    tenantId: world.tenantId,
    connectionId: world.connectionId,
    provider: "levelio",
    apiKey: world.simulator.apiKey,
    actor: TEST_ACTOR,
  });

const testKey = () =>
  testConnection(
    world.deps,
    { tenantId: world.tenantId, connectionId: world.connectionId },
    { userId: null, name: "person@example.com", ip: null },
  );

describe("one full sync follows up the webhook events of a connection meanwhile", () => {
  const switchOff = () =>
    changeSettings(
      world.deps,
      { tenantId: world.tenantId, connectionId: world.connectionId },
      { fullSyncEnabled: false },
      TEST_ACTOR,
    );
  const accountHints = async () =>
    (await world.database.db.select().from(rmmEvents)).filter(
      ({ name }) => name === "rmm/account.sync.requested",
    );
  const off = { fullSyncEnabled: false };
  const refused = { status: "needs_attention" } as const;

  it.each<[string, Partial<IntegrationRow>, () => Promise<unknown>]>([
    ["it has a new key", { ...off, ...refused }, saveKey],
    ["its key is tested and works again", { ...off, ...refused }, testKey],
    ["a run finds that its key works again", { ...off, ...refused }, () => world.sync("alerts")],
    ["full syncs that were paused are switched off", { pausedAt: NOW }, switchOff],
  ])("if %s and full syncs are switched off", async (_, row, goOn) => {
    await stand(row);
    await goOn();
    expect(await accountHints()).toMatchObject([
      { data: { integrationId: world.connectionId, reason: "missed_events" } },
    ]);
  });

  it.each<[string, Partial<IntegrationRow>, () => Promise<unknown>]>([
    ["a full sync is due by itself", refused, saveKey],
    ["its key was replaced while it worked", off, saveKey],
    ["its key worked all the time", off, () => world.sync("alerts")],
    ["full syncs that ran are switched off", {}, switchOff],
  ])("but none if %s", async (_, row, goOn) => {
    await stand(row);
    await goOn();
    expect(await accountHints()).toEqual([]);
  });
});

describe("a full sync that a person starts and that succeeds", () => {
  it("ends the pause, and the next sync catches up", async () => {
    await stand({ pausedAt: NOW, pausedReason: "5 failed.", consecutiveFailures: 5 });
    await world.sync("full");
    expect(await read()).toMatchObject({
      ...{ pausedAt: null, pausedReason: null, consecutiveFailures: 0 },
      nextFullSyncAt: NOW,
    });
  });

  it("moves no instant if nothing was paused", async () => {
    await stand({});
    await world.sync("full");
    expect(await read()).toMatchObject({ nextFullSyncAt: LATER });
  });
});

describe("with a new key", () => {
  it("a connection whose key was refused catches up at once, however long its interval", async () => {
    await stand({ status: "needs_attention", statusReason: "Enter another key." });
    await saveKey();
    expect(await read()).toMatchObject({ status: "active", nextFullSyncAt: NOW, nextAlertsSyncAt: NOW });
  });

  it("a paused schedule catches up at once, and the other one keeps its instants", async () => {
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

describe("with a stored key that was refused and a person tests", () => {
  const resumptions = async () =>
    (await world.database.db.select().from(auditLog)).filter(
      ({ action }) => action === "integration.resumed",
    );

  it("a connection continues at once if the key works again, and the audit log has who tested it", async () => {
    await stand({ status: "needs_attention", statusReason: "Enter another key.", health: "needs_attention" });
    expect(await testKey()).toMatchObject({ state: "ok" });
    expect(await read()).toMatchObject({
      status: "active",
      statusReason: null,
      health: "ok",
      nextFullSyncAt: NOW,
      nextAlertsSyncAt: NOW,
    });
    expect(await resumptions()).toMatchObject([
      { actor: "person@example.com", targetId: world.connectionId },
    ]);
  });

  it("a connection stays as it is when the key is still refused", async () => {
    await stand({ status: "needs_attention", statusReason: "Enter another key." });
    const before = await read();
    world.simulator.faults.add({ kind: "status", status: 401 });
    expect(await testKey()).toMatchObject({ state: "failed" });
    expect(await read()).toEqual(before);
  });

  it("a running connection is only checked", async () => {
    await stand({});
    const before = await read();
    expect(await testKey()).toMatchObject({ state: "ok" });
    expect(await read()).toEqual(before);
    expect(await resumptions()).toEqual([]);
  });
});
