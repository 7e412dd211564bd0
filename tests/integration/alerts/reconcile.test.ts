import { eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { getRun } from "@db/queries/sync-runs/runs";
import { rmmSyncRunErrors, rmmSyncRuns } from "@db/schema";
import { missedText } from "~/features/alerts/labels";
import { ACTIVE_ALERTS } from "@domain/sync-words";
import { readRun } from "~/features/sync-runs/runs.page.server";
import { readWebhookHealth } from "~/features/webhooks/webhook-health.page.server";
import { beginRun } from "~/features/sync-execution/begin-run";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";
import { runStage } from "~/features/sync-execution/stages";
import { pruneDeliveries } from "~/features/webhooks/prune";
import { createSyncWorld, type SyncWorld } from "@tests/support/sync";
import { createWebhookWorld, type WebhookWorld } from "@tests/support/webhook";

import { webhookEvent } from "../../level-simulator";

let world: SyncWorld;
let hook: WebhookWorld;
beforeEach(async () => {
  world = await createSyncWorld({
    devices: 20,
    alerts: 0,
    stepBudgetMs: 1,
    calls: { sleep: () => Promise.resolve() },
  });
  hook = await createWebhookWorld(world);
});
afterEach(() => world.close());

async function reconcile() {
  const { deps, tenantId, connectionId } = world;
  const asked = { tenantId, connectionId, trigger: "schedule" as const, actor: "schedule" };
  const outcome = await requestSync(deps, { ...asked, type: "alerts", activeOnly: true });
  if (outcome.state !== "queued") throw new Error(outcome.state);
  await runDirect(deps, { tenantId, runId: outcome.run.id });
  return (await withTenant(deps.db, tenantId, (tx) => getRun(tx, tenantId, outcome.run.id)))!;
}

const device = () => [...world.simulator.account.devices][0]!;
const tell = (type: "alert_active" | "alert_resolved", alert: object) =>
  hook.signed(webhookEvent(type, alert, { occurredAt: new Date("2026-11-01T12:00:00Z") }));
/** The webhook delivers its first event before everything else in a test. */
async function isHeard() {
  world.setNow(new Date("2026-10-01T00:00:00Z"));
  await hook.signed(webhookEvent("ticket_opened", { id: "t1" }));
  world.setNow(null);
}
const states = async () =>
  Object.fromEntries((await hook.alerts()).map((a) => [a.externalAlertId, a.status]));

describe("a comparison of the active alerts", () => {
  it("opens and closes what the webhook missed, and says how many", async () => {
    await isHeard();
    const { account } = world.simulator;
    const reported = account.openAlert(device().id);
    const missedOpening = account.openAlert(device().id);
    const missedClosing = account.openAlert(device().id);
    await tell("alert_active", reported);
    await tell("alert_active", missedClosing);
    account.resolveAlert(missedClosing.id);

    const run = await reconcile();
    expect(run).toMatchObject({ status: "completed", itemsMissed: 2, targetExternalId: ACTIVE_ALERTS });
    expect(await states()).toEqual({
      [reported.id]: "active",
      [missedOpening.id]: "active",
      [missedClosing.id]: "resolved",
    });
    expect(await reconcile()).toMatchObject({ status: "completed", itemsMissed: 0, itemsUpdated: 0 });
  });

  it("closes an alert that Level has deleted", async () => {
    const alert = world.simulator.account.openAlert(device().id);
    await tell("alert_active", alert);
    world.simulator.account.removeAlert(alert.id);
    expect(await reconcile()).toMatchObject({ itemsMissed: 1 });
    expect(await hook.alerts()).toMatchObject([{ status: "resolved", resolvedAt: expect.any(Date) as Date }]);
  });

  it("closes nothing because a list came back empty", async () => {
    const { account, faults } = world.simulator;
    const alerts = Array.from({ length: 30 }, () => account.openAlert(device().id));
    for (const alert of alerts) await tell("alert_active", alert);
    faults.add({ kind: "empty_list", resource: "alerts", times: 1 });
    const run = await reconcile();
    expect(run).toMatchObject({ status: "completed", itemsMissed: 0 });
    expect(new Set(Object.values(await states()))).toEqual(new Set(["active"]));
  });

  it("requests more than one page of doubtful alerts, page by page", async () => {
    await isHeard();
    const { account } = world.simulator;
    const alerts = Array.from({ length: 130 }, () => account.openAlert(device().id));
    for (const alert of alerts) await tell("alert_active", alert);
    for (const alert of alerts.slice(0, 70)) account.resolveAlert(alert.id);
    const run = await reconcile();
    expect(run).toMatchObject({ status: "completed", itemsMissed: 70 });
    const closed = Object.values(await states()).filter((status) => status === "resolved");
    expect(closed).toHaveLength(70);
  });

  it("does not blame the webhook for changes of the last minute", async () => {
    await isHeard();
    const { account } = world.simulator;
    account.openAlert(device().id, { started_at: new Date().toISOString() });
    expect(await reconcile()).toMatchObject({ itemsCreated: 1, itemsMissed: 0 });
  });

  it("does not blame the webhook for changes before its first delivery", async () => {
    const { account } = world.simulator;
    account.openAlert(device().id, { started_at: "2026-10-02T00:00:00.000Z" });
    expect(await reconcile()).toMatchObject({ itemsCreated: 1, itemsMissed: 0 });
    await isHeard();
    account.openAlert(device().id, { started_at: "2026-09-30T00:00:00.000Z" });
    account.openAlert(device().id, { started_at: "2026-10-02T00:00:00.000Z" });
    expect(await reconcile()).toMatchObject({ itemsCreated: 2, itemsMissed: 1 });
  });
});

it("a comparison blames a webhook that has been silent for longer than its deliveries are kept", async () => {
  const { account } = world.simulator;
  await isHeard();
  world.setNow(new Date("2026-11-24T00:00:00Z"));
  expect(await pruneDeliveries(world.deps)).toBe(1);
  expect(await hook.deliveries()).toEqual([]);
  world.setNow(new Date("2026-11-24T12:00:00Z"));
  account.openAlert(device().id, { started_at: "2026-09-30T00:00:00.000Z" });
  account.openAlert(device().id, { started_at: "2026-11-01T00:00:00.000Z" });
  expect(await reconcile()).toMatchObject({ itemsCreated: 2, itemsMissed: 1 });
});

describe("the webhook's page says of the last comparison", () => {
  const said = async () => {
    const { database, tenantId, connectionId } = world;
    const { lastComparison } = await readWebhookHealth(database.db, tenantId, connectionId, new Date());
    return lastComparison === null ? null : missedText(lastComparison);
  };

  it("that the webhook has never been received, as long as nothing of it ever arrived", async () => {
    world.simulator.account.openAlert(device().id);
    expect(await reconcile()).toMatchObject({ itemsCreated: 1, itemsMissed: 0 });
    expect(await said()).toBe("the webhook had not received anything yet.");
    await hook.signed(webhookEvent("ticket_opened", { id: "t1" }));
    expect(await said()).toBe("the webhook had not received anything yet.");
    await reconcile();
    expect(await said()).toBe("nothing that the webhook had missed.");
  });

  it("the result of one that completed, not of one that failed or was cancelled", async () => {
    await isHeard();
    world.simulator.account.openAlert(device().id);
    const through = await reconcile();
    expect(await said()).toBe("1 change that the webhook had missed.");
    for (const status of ["failed", "cancelled"] as const) {
      const { id } = await reconcile();
      await world.database.db.update(rmmSyncRuns).set({ status }).where(eq(rmmSyncRuns.id, id));
    }
    expect(await said()).toBe("1 change that the webhook had missed.");
    const run = await readRun(world.database.db, world.tenantId, through.id);
    expect(run?.run).toMatchObject({ itemsMissed: 1, hasReceivedWebhook: true });
  });
});

describe("a comparison, of an alert that cannot be read", () => {
  const issues = () => world.database.db.select().from(rmmSyncRunErrors);

  it("stores one whose device Level has deleted, and which therefore names none", async () => {
    const alert = world.simulator.account.openAlert(device().id);
    await tell("alert_active", alert);
    world.simulator.account.resolveAlert(alert.id);
    world.simulator.account.patchAlert(alert.id, { device_id: null });
    expect(await reconcile()).toMatchObject({ status: "completed", itemsFailed: 0 });
    expect(await hook.alerts()).toMatchObject([{ status: "resolved", externalDeviceId: device().id }]);
  });

  it.each([
    ["refused", { kind: "status", status: 422 }, "Level refused the request (status 422)."],
    ["forbidden", { kind: "forbidden" }, "This API key may not read alerts."],
    ["no data", { kind: "html" }, "Level's answer is a web page, not data."],
    ["no record", { kind: "status", status: 200, body: "{}" }, "missing, blank or not usable as an id"],
  ] as const)(
    "notes one that is %s, requests all others, and closes nothing by name",
    async (_, fault, reason) => {
      const { account, faults } = world.simulator;
      // A web page is requested again, as often as a call has attempts.
      const times = fault.kind === "html" ? 4 : 1;
      await hook.automation({ event: "alert.triggered", alert_id: "", device_id: device().id, name: "Disk" });
      const alerts = Array.from({ length: 3 }, () => account.openAlert(device().id));
      for (const alert of alerts) await tell("alert_active", alert);
      for (const alert of alerts) account.resolveAlert(alert.id);
      faults.add({ ...fault, resource: "alerts", target: "item", times });
      world.setNow(new Date(Date.now() + 60 * 60_000));
      expect(await reconcile()).toMatchObject({ status: "completed_with_errors", itemsFailed: 1 });
      const open = (await hook.alerts()).filter(({ status }) => status === "active");
      expect(open).toMatchObject([{ name: expect.any(String) as string }, { name: "Disk" }]);
      expect(await issues()).toMatchObject([
        { resource: "alerts", severity: "record", externalId: open[0]!.externalAlertId, reason },
      ]);
      world.setNow(new Date(Date.now() + 61 * 60_000));
      expect(await reconcile()).toMatchObject({ status: "completed" });
      expect(new Set(Object.values(await states()))).toEqual(new Set(["resolved"]));
    },
  );
});

it("a comparison that Level slows down keeps the answers it got, and continues from there", async () => {
  const { account, faults } = world.simulator;
  const alerts = Array.from({ length: 10 }, () => account.openAlert(device().id));
  for (const alert of alerts) await tell("alert_active", alert);
  for (const alert of alerts) account.resolveAlert(alert.id);
  const { deps, tenantId, connectionId } = world;
  const asked = { tenantId, connectionId, trigger: "schedule", actor: "schedule" } as const;
  const outcome = await requestSync(deps, { ...asked, type: "alerts", activeOnly: true });
  if (outcome.state !== "queued") throw new Error(outcome.state);
  const ref = { tenantId, runId: outcome.run.id };
  await beginRun(deps, ref);
  // The least that Level can send: three answers, then a minute's wait.
  const takesThree = () =>
    faults.add({ kind: "rate_limit", retryAfter: 60, resource: "alerts", target: "item", afterRequests: 3 });
  const closed: number[] = [];
  for (let state = "more"; state !== "done" && closed.length < 10;) {
    const limit = takesThree();
    while ((state = (await runStage(deps, ref, "alerts")).state) === "more");
    limit.remove();
    closed.push(Object.values(await states()).filter((status) => status === "resolved").length);
  }
  expect(closed).toEqual([3, 6, 9, 10]);
});

describe("a comparison with a key of another account", () => {
  it("closes none of the alerts that this account does not know, and says what to do", async () => {
    const { account } = world.simulator;
    const alerts = Array.from({ length: 50 }, () => account.openAlert(device().id));
    for (const alert of alerts) await tell("alert_active", alert);
    for (const alert of alerts.slice(0, 20)) account.resolveAlert(alert.id);
    for (const alert of alerts.slice(20, 48)) account.removeAlert(alert.id);
    const run = await reconcile();
    expect(run).toMatchObject({
      status: "completed_with_errors",
      degraded: [{ resource: "alerts", reason: expect.stringContaining("28 of the 48") as string }],
    });
    const open = Object.values(await states()).filter((status) => status === "active");
    expect(open).toHaveLength(30);
  });

  it("is not suspected because of a few deleted alerts", async () => {
    const { account } = world.simulator;
    const alerts = Array.from({ length: 10 }, () => account.openAlert(device().id));
    for (const alert of alerts) await tell("alert_active", alert);
    for (const alert of alerts) account.removeAlert(alert.id);
    expect(await reconcile()).toMatchObject({ status: "completed", degraded: [], itemsMissed: 10 });
    expect(new Set(Object.values(await states()))).toEqual(new Set(["resolved"]));
  });
});

describe("a comparison, of an alert known only by its device and name", () => {
  const later = (minutes: number) => world.setNow(new Date(Date.now() + minutes * 60_000));
  const trigger = (name: string) =>
    hook.automation({ event: "alert.triggered", alert_id: "", device_id: device().id, name });

  it("leaves it alone within an interval, then closes it if Level has none of that name", async () => {
    world.simulator.account.openAlert(device().id, { name: "Another" });
    await trigger("Disk");
    later(10);
    await reconcile();
    expect(Object.values(await states())).toEqual(["active", "active"]);
    later(16);
    expect(await reconcile()).toMatchObject({ itemsUpdated: 1, itemsMissed: 1 });
    expect((await hook.alerts()).map(({ name, status }) => [name, status]).sort()).toEqual([
      ["Another", "active"],
      ["Disk", "resolved"],
    ]);
  });

  it("finds it under its own id, with everything received and done about it", async () => {
    await trigger("disk  LOW");
    const [placeholder] = await hook.alerts();
    const alert = world.simulator.account.openAlert(device().id, { name: "Disk low" });
    await reconcile();
    expect(await hook.alerts()).toMatchObject([
      { id: placeholder!.id, externalAlertId: alert.id, name: "Disk low", status: "active" },
    ]);
    world.simulator.account.resolveAlert(alert.id);
    await reconcile();
    expect(await states()).toEqual({ [alert.id]: "resolved" });
  });

  it("closes none after a list that lacks what Level calls active", async () => {
    const { account, faults } = world.simulator;
    await tell("alert_active", account.openAlert(device().id, { name: "Another" }));
    await trigger("Disk");
    later(16);
    faults.add({ kind: "empty_list", resource: "alerts", times: 1 });
    await reconcile();
    expect(Object.values(await states())).toEqual(["active", "active"]);
  });
});

describe("an alert requested by its id", () => {
  async function readAlone(externalAlertId: string) {
    const { deps, tenantId, connectionId } = world;
    const asked = { tenantId, connectionId, trigger: "manual" as const, actor: "me" };
    const outcome = await requestSync(deps, { ...asked, type: "alerts", externalAlertId });
    if (outcome.state !== "queued") throw new Error(outcome.state);
    await runDirect(deps, { tenantId, runId: outcome.run.id });
    return (await withTenant(deps.db, tenantId, (tx) => getRun(tx, tenantId, outcome.run.id)))!;
  }

  it("is stored, and no other", async () => {
    const { account } = world.simulator;
    const wanted = account.openAlert(device().id);
    account.openAlert(device().id);
    expect(await readAlone(wanted.id)).toMatchObject({ status: "completed", itemsCreated: 1, itemsSeen: 1 });
    expect(await states()).toEqual({ [wanted.id]: "active" });
  });

  it("may be unknown to Level without an error", async () => {
    expect(await readAlone("no-such-alert")).toMatchObject({ status: "completed", itemsSeen: 0 });
  });
});
