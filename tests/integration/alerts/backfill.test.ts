import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { getRun } from "@db/queries/sync-runs/runs";
import { rmmAlerts } from "@db/schema";
import { UNNAMED_ALERT } from "@domain/alerts";
import { alertSeverity } from "@domain/severity";
import { beginRun } from "~/features/sync-execution/begin-run";
import { concludeRun } from "~/features/sync-execution/conclude";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runStage } from "~/features/sync-execution/stages";
import { type SyncWorld } from "@tests/support/sync";
import { createSyncedWorld } from "@tests/support/synced-world";

import type { LevelAlert } from "../../level-simulator";

const ALERTS = 250;
const PAGES = 3;

let world: SyncWorld;
beforeEach(async () => {
  world = await createSyncedWorld({ devices: 20, alerts: ALERTS, seed: 7, stepBudgetMs: 1 });
  world.simulator.stats.reset();
});
afterEach(() => world.close());

const rows = () => world.database.db.select().from(rmmAlerts).orderBy(rmmAlerts.externalAlertId);
const there = () => [...world.simulator.account.alerts];
const asked = () => world.simulator.stats.log.map(({ url }) => url);

/** What an alert of Level is stored as. */
const expected = (alert: LevelAlert) => ({
  externalAlertId: alert.id,
  externalDeviceId: alert.device_id,
  deviceHostname: alert.device_hostname,
  name: alert.name === "" ? UNNAMED_ALERT : alert.name,
  severity: alertSeverity(alert.severity),
  providerSeverity: alert.severity,
  status: alert.is_resolved ? "resolved" : "active",
  startedAt: new Date(alert.started_at),
  resolvedAt: alert.resolved_at === null ? null : new Date(alert.resolved_at),
});

describe("reading all alerts of an account", () => {
  it("stores the active and the resolved ones, over several pages, each with its asset", async () => {
    expect(await world.sync("alerts")).toMatchObject({
      status: "completed",
      pages: PAGES,
      itemsSeen: ALERTS,
      itemsCreated: ALERTS,
      itemsFailed: 0,
    });
    const taken = await rows();
    expect(new Set(taken.map(({ status }) => status))).toEqual(new Set(["active", "resolved"]));
    const byId = new Map(taken.map((row) => [row.externalAlertId, row]));
    expect(byId.size).toBe(ALERTS);
    for (const alert of there()) expect(byId.get(alert.id)).toMatchObject(expected(alert));
    const assetOf = new Map((await world.deviceRows()).map((row) => [row["external_id"], row["name"]]));
    for (const row of taken) {
      expect(row.assetId !== null).toBe((assetOf.get(row.externalDeviceId) ?? null) !== null);
    }
  });

  it("continues after the last page that was written, and requests none twice", async () => {
    const { deps, tenantId, connectionId } = world;
    const by = { tenantId, connectionId, trigger: "manual", actor: "test" } as const;
    const outcome = await requestSync(deps, { ...by, type: "alerts" });
    if (outcome.state !== "queued") throw new Error(outcome.state);
    const ref = { tenantId, runId: outcome.run.id };
    await beginRun(deps, ref);
    // The next fetched page is not written: the process ends there.
    const isCutOff = new Error("cut off");
    let pages = 0;
    const cutOff: SyncWorld["deps"] = {
      ...deps,
      stepBudgetMs: 60_000,
      openProvider: async (integration, stats) => {
        const provider = await deps.openProvider(integration, stats);
        return {
          ...provider,
          async *listAlerts(filter, walk) {
            for await (const page of provider.listAlerts(filter, walk)) {
              if (pages++ === 1) throw isCutOff;
              yield page;
            }
          },
        };
      },
    };
    await expect(runStage(cutOff, ref, "alerts")).rejects.toBe(isCutOff);
    expect(await rows()).toHaveLength(100);

    world.simulator.stats.reset();
    while ((await runStage(deps, ref, "alerts")).state === "more");
    await concludeRun(deps, ref);
    expect(asked()).toHaveLength(PAGES - 1);
    expect(asked().every((url) => url.includes("starting_after="))).toBe(true);
    const run = await withTenant(deps.db, tenantId, (tx) => getRun(tx, tenantId, ref.runId));
    expect(run).toMatchObject({ status: "completed", pages: PAGES, itemsCreated: ALERTS });
    expect((await rows()).map(({ externalAlertId }) => externalAlertId).sort()).toEqual(
      there()
        .map(({ id }) => id)
        .sort(),
    );
  });

  it("a second time changes nothing", async () => {
    await world.sync("alerts");
    const before = await rows();
    expect(await world.sync("alerts")).toMatchObject({
      status: "completed",
      itemsSeen: ALERTS,
      itemsCreated: 0,
      itemsUpdated: 0,
      itemsUnchanged: ALERTS,
    });
    expect(await rows()).toEqual(before);
  });
});
