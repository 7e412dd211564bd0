import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { updateIntegration, type IntegrationRow } from "@db/queries/connections/connections";
import type { App } from "~/platform/app.server";
import { createApp } from "~/main.server";
import { loadConfig } from "~/platform/env.server";
import { createLogger } from "~/platform/logger.server";
import { connect } from "~/features/connections/connect.server";
import { resumeSchedule } from "~/features/connections/connection-settings.server";
import { disconnect } from "~/features/connections/disconnect.server";
import { startDueSyncs } from "~/features/connections/schedule";
import { deferSchedules } from "@tests/support/schedule";
import { createSyncWorld, TEST_ACTOR, TEST_APP_SECRET, type SyncWorld } from "@tests/support/sync";
import { alertEvent, createWebhookWorld, type WebhookWorld } from "@tests/support/webhook";

import { webhookEvent } from "../../level-simulator";

let world: SyncWorld;
let app: App;
let hook: WebhookWorld;

beforeEach(async () => {
  world = await createSyncWorld({ devices: 30, seed: 5, alerts: 0 });
  await deferSchedules(world.database.db);
  const config = loadConfig({ LEVELIO_API_BASE_URL: world.simulator.url, APP_SECRET: TEST_APP_SECRET });
  const { connection } = world.database;
  app = await createApp(config, { connection, log: createLogger({ level: "silent" }) });
  await app.jobs.start();
  hook = await createWebhookWorld(world, app.sync);
  world.simulator.stats.reset();
});
afterEach(async () => {
  await app.jobs.stop();
  await world.close();
});

const set = (row: Partial<IntegrationRow>) =>
  withTenant(world.database.db, world.tenantId, (tx) =>
    updateIntegration(tx, world.tenantId, world.connectionId, row),
  );

/** 300 deliveries, for an alert, a device and a group in turn. */
async function flood(): Promise<Set<number>> {
  const devices = [...world.simulator.account.devices];
  const [group] = [...world.simulator.account.groups];
  const events = Array.from({ length: 100 }, (_, n) => [
    alertEvent("alert_active", n % 60, { id: `alert-${n}` }),
    webhookEvent("device_updated", { id: devices[n % devices.length]!.id }),
    webhookEvent("group_updated", { id: group!.id }),
  ]).flat();
  const answers = await Promise.all(events.map((event) => hook.signed(event)));
  return new Set(answers.map(({ status }) => status));
}

const countRuns = async () =>
  (await queryRows<{ n: number }>(world.database.db, sql`select count(*)::int as n from rmm_sync_runs`))[0]!
    .n;

/** Waits until no refresh request is left. */
const settled = () =>
  expect
    .poll(
      async () => {
        await app.jobs.relay();
        const [row] = await queryRows<{ n: number }>(
          world.database.db,
          sql`select count(*)::int as n from runner.runs where status not in ('completed', 'failed', 'cancelled')
                and function_id not like '%scheduler' and function_id not like '%relay'`,
        );
        return row!.n;
      },
      { timeout: 90_000, interval: 500 },
    )
    .toBe(0);

describe("a flood of deliveries", () => {
  it("is stored while the connection is paused, and asks Level for nothing; then a full sync is due", async () => {
    await set({
      pausedAt: new Date(),
      pausedReason: "5 full syncs in a row failed.",
      alertsPausedAt: new Date(),
    });
    expect(await flood()).toEqual(new Set([202]));
    expect(await hook.alerts()).toHaveLength(100);
    expect(await hook.deliveries()).toHaveLength(300);
    await settled();
    expect(world.simulator.stats.requests).toBe(0);
    expect(await countRuns()).toBe(0);

    const { tenantId, connectionId } = world;
    await resumeSchedule(app.sync, { tenantId, connectionId }, TEST_ACTOR);
    await startDueSyncs(app.sync);
    expect(await countRuns()).toBeGreaterThan(0);
  }, 180_000);

  it("leads to one full sync once there is a valid key again, if full syncs are switched off", async () => {
    const { tenantId, connectionId } = world;
    await set({ fullSyncEnabled: false, status: "needs_attention" });
    expect(await flood()).toEqual(new Set([202]));
    await settled();
    expect(await countRuns()).toBe(0);

    const { apiKey } = world.simulator;
    await connect(world.deps, { tenantId, connectionId, provider: "levelio", apiKey, actor: TEST_ACTOR });
    await deferSchedules(world.database.db);
    await settled();
    expect(await queryRows(world.database.db, sql`select type, trigger, status from rmm_sync_runs`)).toEqual([
      { type: "full", trigger: "webhook", status: "completed" },
    ]);
  }, 180_000);

  it("is refused once the connection has ended: a bounded counter changes, and Level gets no request", async () => {
    const { tenantId, connectionId } = world;
    await disconnect(app.sync, { tenantId, connectionId, assets: "keep", actor: TEST_ACTOR });
    expect(await flood()).toEqual(new Set([401, 429]));
    expect(await hook.alerts()).toEqual([]);
    expect(await hook.deliveries()).toEqual([]);
    expect(await hook.rejections()).toMatchObject([{ scheme: "signed", reason: "no_secret_set", count: 60 }]);
    await settled();
    expect(world.simulator.stats.requests).toBe(0);
    expect(await countRuns()).toBe(0);
  }, 180_000);
});
