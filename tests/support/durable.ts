import { setTimeout as sleep } from "node:timers/promises";

import { withTenant } from "@db/client";
import { getRun, type RunRow } from "@db/queries/sync-runs/runs";
import type { App } from "~/platform/app.server";
import { createApp, type AppOverrides } from "~/main.server";
import { loadConfig } from "~/platform/env.server";
import { createLogger } from "~/platform/logger.server";
import { requestSync, type SyncRequest } from "~/features/sync-engine/request-sync";

import type { SimulatorOptions } from "../level-simulator";
import { deferSchedules } from "./schedule";
import { createSyncWorld, TEST_APP_SECRET, type SyncWorld } from "./sync";

/** A connected and mapped account, with the durable functions on the embedded runner in this process. */
export interface DurableWorld {
  world: SyncWorld;
  app: App;
  request(type: SyncRequest["type"], externalDeviceId?: string): Promise<RunRow>;
  read(run: RunRow): Promise<RunRow>;
  /** Waits until the run has ended and returns it. */
  ended(run: RunRow): Promise<RunRow>;
  close(): Promise<void>;
}

export async function createDurableWorld(
  options: SimulatorOptions,
  overrides: AppOverrides = {},
): Promise<DurableWorld> {
  const world = await createSyncWorld(options);
  await world.sync("organizations");
  await world.mapAll();
  await deferSchedules(world.database.db);
  const config = loadConfig({ LEVELIO_API_BASE_URL: world.simulator.url, APP_SECRET: TEST_APP_SECRET });
  const { connection } = world.database;
  const app = await createApp(config, { connection, log: createLogger({ level: "silent" }), ...overrides });
  await app.jobs.start();
  const { tenantId, connectionId } = world;
  const read = async (run: RunRow) =>
    (await withTenant(app.db, tenantId, (tx) => getRun(tx, tenantId, run.id)))!;
  return {
    world,
    app,
    read,
    async request(type, externalDeviceId) {
      const request = { tenantId, connectionId, type, trigger: "manual" as const, actor: "test" };
      const outcome = await requestSync(app.sync, {
        ...request,
        ...(externalDeviceId && { externalDeviceId }),
      });
      if (outcome.state !== "queued") throw new Error(outcome.state);
      return outcome.run;
    },
    async ended(run) {
      for (;;) {
        const now = await read(run);
        if (now.status !== "queued" && now.status !== "running") return now;
        await sleep(50);
      }
    },
    close: async () => {
      await app.jobs.stop();
      await world.close();
    },
  };
}
