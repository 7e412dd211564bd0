import { afterEach, describe, expect, it } from "vitest";

import { getIntegration, updateIntegration } from "@db/queries/connections/connections";
import { withTenant } from "@db/client";
import { minutesOf, type CustomFieldInterval } from "@domain/custom-fields";
import { DAY_MS, MINUTE_MS } from "@domain/durations";
import { readCallBudget } from "~/features/connections/call-budget.server";
import { startDueSyncs } from "~/features/connections/schedule";
import { runDirect } from "~/features/sync-execution/run-direct";

import { readAll, readEvery } from "../../support/custom-fields";
import type { SyncWorld } from "../../support/sync";
import { createMappedWorld } from "../../support/synced-world";

let world: SyncWorld;
afterEach(() => world.close());

interface Schedules {
  /** Minutes; null where full syncs are off. */
  full: number | null;
  alerts: number;
  fields: CustomFieldInterval;
}

const connection = async () =>
  (await withTenant(world.deps.db, world.tenantId, (tx) =>
    getIntegration(tx, world.tenantId, world.connectionId),
  ))!;

/** The scheduler from one instant to another: looks whenever something is due, and carries out what it starts. */
async function runFrom(startMs: number, endMs: number): Promise<void> {
  for (;;) {
    const { fullSyncEnabled, nextFullSyncAt, nextAlertsSyncAt } = await connection();
    const dues = [nextAlertsSyncAt, ...(fullSyncEnabled ? [nextFullSyncAt] : [])];
    const next = Math.max(startMs, Math.min(...dues.map((due) => due?.getTime() ?? startMs)));
    if (next >= endMs) return;
    world.setNow(new Date(next));
    for (const ref of await startDueSyncs(world.deps)) await runDirect(world.deps, ref);
  }
}

describe.each<Schedules>([
  { full: 120, alerts: 15, fields: "off" },
  { full: null, alerts: 30, fields: "off" },
  { full: 240, alerts: 60, fields: "daily" },
  { full: 90, alerts: 25, fields: "daily" },
  { full: null, alerts: 60, fields: "daily" },
  { full: 1440, alerts: 60, fields: "weekly" },
])("full syncs each $full minutes, comparisons each $alerts, custom fields $fields", (schedules) => {
  it("take what was forecast in calls, within a tenth", async () => {
    world = await createMappedWorld({ devices: 120, updatesPerDevice: 1, alerts: 30, seed: 11 });
    const { deps, tenantId, connectionId, simulator } = world;
    const { full, alerts, fields } = schedules;
    const start = Math.ceil(Date.now() / DAY_MS) * DAY_MS;
    world.setNow(new Date(start));
    // Devices are known to the forecast of custom fields, also where full syncs are off.
    await world.sync("full");
    await withTenant(deps.db, tenantId, (tx) =>
      updateIntegration(tx, tenantId, connectionId, {
        fullSyncEnabled: full !== null,
        ...(full !== null && { fullSyncIntervalMinutes: full }),
        alertsSyncIntervalMinutes: alerts,
        nextFullSyncAt: null,
        nextAlertsSyncAt: null,
      }),
    );
    // The first run of each schedule, by which the next are judged.
    const counted = start + MINUTE_MS;
    await runFrom(start, counted);
    await readEvery(world, fields);
    const budget = async () => (await readCallBudget(deps, { tenantId, connectionId }))!;
    const { forecast } = await budget();
    // A week, as long as the rarest reading takes to come round.
    const days = minutesOf[fields] === minutesOf.weekly ? 7 : 1;
    simulator.stats.reset();
    await runFrom(counted, counted + days * DAY_MS);
    if (fields !== "off") expect((await readAll(world)).state).toBe("done");
    const perDay = simulator.stats.requests / days;
    expect(Math.abs(forecast! - perDay)).toBeLessThan(perDay / 10);
  });
});
