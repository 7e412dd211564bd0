import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { getRun } from "@db/queries/runs";
import { ACTIVE_ALERTS, requestSync } from "~/sync/request-sync";
import { runDirect } from "~/sync/run-direct";
import { createSyncWorld, type SyncWorld } from "@tests/support/sync";
import { createWebhookWorld, type WebhookWorld } from "@tests/support/webhook";

import { webhookEvent } from "../../level-simulator";

let world: SyncWorld;
let hook: WebhookWorld;
beforeEach(async () => {
  world = await createSyncWorld({ devices: 20, alerts: 0, stepBudgetMs: 1 });
  hook = await createWebhookWorld(world);
});
afterEach(() => world.close());

async function reconcile() {
  const { deps, tenantId, integrationId } = world;
  const asked = { tenantId, integrationId, trigger: "schedule" as const, actor: "schedule" };
  const outcome = await requestSync(deps, { ...asked, type: "alerts", activeOnly: true });
  if (outcome.state !== "queued") throw new Error(outcome.state);
  await runDirect(deps, { tenantId, runId: outcome.run.id });
  return (await withTenant(deps.db, tenantId, (tx) => getRun(tx, tenantId, outcome.run.id)))!;
}

const device = () => [...world.simulator.account.devices][0]!;
const tell = (type: "alert_active" | "alert_resolved", alert: object) =>
  hook.signed(webhookEvent(type, alert, { occurredAt: new Date("2026-11-01T12:00:00Z") }));
const states = async () =>
  Object.fromEntries((await hook.alerts()).map((a) => [a.externalAlertId, a.status]));

describe("a comparison of the active alerts", () => {
  it("opens and closes what the webhook did not tell, and says how many", async () => {
    const { account } = world.simulator;
    const told = account.openAlert(device().id);
    const missedOpening = account.openAlert(device().id);
    const missedClosing = account.openAlert(device().id);
    await tell("alert_active", told);
    await tell("alert_active", missedClosing);
    account.resolveAlert(missedClosing.id);

    const run = await reconcile();
    expect(run).toMatchObject({ status: "completed", itemsUntold: 2, targetExternalId: ACTIVE_ALERTS });
    expect(await states()).toEqual({
      [told.id]: "active",
      [missedOpening.id]: "active",
      [missedClosing.id]: "resolved",
    });
    expect(await reconcile()).toMatchObject({ status: "completed", itemsUntold: 0, itemsUpdated: 0 });
  });

  it("closes an alert that Level has deleted", async () => {
    const alert = world.simulator.account.openAlert(device().id);
    await tell("alert_active", alert);
    world.simulator.account.removeAlert(alert.id);
    await reconcile();
    expect(await hook.alerts()).toMatchObject([{ status: "resolved", resolvedAt: expect.any(Date) as Date }]);
  });

  it("closes nothing because a list came back empty", async () => {
    const { account, faults } = world.simulator;
    const alerts = Array.from({ length: 30 }, () => account.openAlert(device().id));
    for (const alert of alerts) await tell("alert_active", alert);
    faults.add({ kind: "empty_list", resource: "alerts", times: 1 });
    const run = await reconcile();
    expect(run).toMatchObject({ status: "completed", itemsUntold: 0 });
    expect(new Set(Object.values(await states()))).toEqual(new Set(["active"]));
  });

  it("asks for more than one page of doubtful alerts, page by page", async () => {
    const { account } = world.simulator;
    const alerts = Array.from({ length: 130 }, () => account.openAlert(device().id));
    for (const alert of alerts) await tell("alert_active", alert);
    for (const alert of alerts.slice(0, 70)) account.resolveAlert(alert.id);
    const run = await reconcile();
    expect(run).toMatchObject({ status: "completed", itemsUntold: 70 });
    const closed = Object.values(await states()).filter((status) => status === "resolved");
    expect(closed).toHaveLength(70);
  });

  it("does not blame the webhook for what happened this very minute", async () => {
    const { account } = world.simulator;
    account.openAlert(device().id, { started_at: new Date().toISOString() });
    expect(await reconcile()).toMatchObject({ itemsCreated: 1, itemsUntold: 0 });
  });

  it("leaves alone what is known without an id of Level", async () => {
    await hook.automation({ event: "alert.triggered", device_id: device().id, name: "Disk" });
    await reconcile();
    expect(await hook.alerts()).toMatchObject([{ status: "active" }]);
  });
});
