import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readAlert } from "~/features/alerts/alerts.page.server";
import { connect } from "~/features/connections/connect.server";
import { acknowledgeAlert } from "~/features/alerts/acknowledge.server";
import { resolveAlert } from "~/features/alerts/resolve.server";
import { createTenant, createUser } from "@tests/support/factories";
import { createSyncWorld, TEST_ACTOR, type SyncWorld } from "@tests/support/sync";
import { createWebhookWorld, type WebhookWorld } from "@tests/support/webhook";
import { withTenant } from "@db/client";
import { auditLog } from "@db/schema";

import type { LevelAlert } from "../../level-simulator";

let world: SyncWorld;
let hook: WebhookWorld;
let levels: LevelAlert;
beforeEach(async () => {
  world = await createSyncWorld({ devices: 5, alerts: 0 });
  hook = await createWebhookWorld(world);
  levels = world.simulator.account.openAlert([...world.simulator.account.devices][0]!.id);
  await world.sync("alerts");
});
afterEach(() => world.close());

const ours = async () => (await hook.alerts())[0]!;
const ref = async () => ({ tenantId: world.tenantId, alertId: (await ours()).id });
const auditActions = async () =>
  (await withTenant(world.database.db, world.tenantId, (tx) => tx.select().from(auditLog))).map(
    (row) => row.action,
  );

describe("resolving an alert", () => {
  it("resolves it in Level and stores what Level answers", async () => {
    expect(await resolveAlert(world.deps, await ref(), TEST_ACTOR)).toEqual({ state: "resolved" });
    const there = world.simulator.account.alerts.require(levels.id);
    expect(there.is_resolved).toBe(true);
    expect(await ours()).toMatchObject({ status: "resolved", resolvedAt: new Date(there.resolved_at!) });
    expect(await auditActions()).toContain("alert.resolved");
    expect(await resolveAlert(world.deps, await ref(), TEST_ACTOR)).toEqual({ state: "already_resolved" });
  });

  it("stores it even if its device was deleted in Level, and so is not named any more", async () => {
    world.simulator.account.patchAlert(levels.id, { device_id: null });
    expect(await resolveAlert(world.deps, await ref(), TEST_ACTOR)).toEqual({ state: "resolved" });
    expect(await ours()).toMatchObject({ status: "resolved", externalDeviceId: levels.device_id });
  });

  it("resolves it here if Level resolved it and the answer is unreadable", async () => {
    const { faults, account } = world.simulator;
    account.resolveAlert(levels.id);
    faults.add({ kind: "status", status: 200, body: "{}", resource: "alerts" });
    expect(await resolveAlert(world.deps, await ref(), TEST_ACTOR)).toEqual({ state: "resolved" });
    expect(await ours()).toMatchObject({ status: "resolved" });
  });

  it("with a read-only key says exactly that, and changes nothing", async () => {
    const { tenantId, connectionId, simulator } = world;
    const account = { tenantId, connectionId, provider: "levelio", actor: TEST_ACTOR };
    await connect(world.deps, { ...account, apiKey: simulator.readOnlyApiKey });
    const before = await ours();
    const outcome = await resolveAlert(world.deps, await ref(), TEST_ACTOR);
    expect(outcome).toMatchObject({
      state: "refused",
      error: { code: "forbidden", userMessage: "This API key may not change alerts." },
    });
    expect(await ours()).toEqual(before);
    expect(simulator.account.alerts.require(levels.id).is_resolved).toBe(false);
    expect(await auditActions()).not.toContain("alert.resolved");
  });

  it("closes it here if Level has deleted it", async () => {
    world.simulator.account.removeAlert(levels.id);
    expect(await resolveAlert(world.deps, await ref(), TEST_ACTOR)).toEqual({ state: "gone" });
    expect(await ours()).toMatchObject({ status: "resolved" });
  });

  it("closes an alert without an id in Level here, without asking Level", async () => {
    const { id: levelsId } = await ours();
    await hook.automation({ event: "alert.triggered", device_id: "d", name: "Disk" });
    const alert = (await hook.alerts()).find((row) => row.externalAlertId.startsWith("automation:"))!;
    const outcome = await resolveAlert(
      world.deps,
      { tenantId: world.tenantId, alertId: alert.id },
      TEST_ACTOR,
    );
    expect(outcome).toEqual({ state: "closed_here" });
    const { db } = world.database;
    expect((await readAlert(db, world.tenantId, alert.id, new Date()))?.alert).toMatchObject({
      status: "resolved",
      isPlaceholder: true,
      observedVia: "person",
    });
    expect((await readAlert(db, world.tenantId, levelsId, new Date()))?.alert.isPlaceholder).toBe(false);
  });

  it("finds none of another tenant", async () => {
    const other = await createTenant(world.database.db);
    const foreign = { tenantId: other.id, alertId: (await ours()).id };
    expect(await resolveAlert(world.deps, foreign, TEST_ACTOR)).toEqual({ state: "unknown_alert" });
    expect(await acknowledgeAlert(world.deps, foreign, true, TEST_ACTOR)).toEqual({ state: "unknown_alert" });
  });
});

describe("acknowledging an alert", () => {
  it("records who and when, once, and can be undone", async () => {
    const user = await createUser(world.database.db, { tenantId: world.tenantId });
    const actor = { ...TEST_ACTOR, userId: user.id };
    expect(await acknowledgeAlert(world.deps, await ref(), true, actor)).toEqual({ state: "done" });
    const first = await ours();
    expect(first).toMatchObject({ acknowledgedBy: user.id, acknowledgedAt: expect.any(Date) as Date });
    expect(await acknowledgeAlert(world.deps, await ref(), true, TEST_ACTOR)).toEqual({ state: "unchanged" });
    expect(await ours()).toEqual(first);
    await acknowledgeAlert(world.deps, await ref(), false, actor);
    expect(await ours()).toMatchObject({ acknowledgedBy: null, acknowledgedAt: null });
    expect((await auditActions()).filter((action) => action.startsWith("alert."))).toEqual([
      "alert.acknowledged",
      "alert.reopened",
    ]);
  });

  it("survives later reports from Level", async () => {
    await acknowledgeAlert(world.deps, await ref(), true, TEST_ACTOR);
    world.simulator.account.patchAlert(levels.id, { description: "worse" });
    await world.sync("alerts");
    expect(await ours()).toMatchObject({ description: "worse", acknowledgedAt: expect.any(Date) as Date });
  });
});
