import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";
import { afterEach, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { getRun, type RunRow } from "@db/queries/runs";
import { createApp, type App, type AppOverrides } from "~/app.server";
import { loadConfig } from "~/env.server";
import { createLogger } from "~/logger.server";
import { requestSync, type SyncRequest } from "~/sync/request-sync";

import type { SimulatorOptions } from "../../level-simulator";
import { createSyncWorld, TEST_APP_SECRET, type SyncWorld } from "../../support/sync";

let world: SyncWorld;
let app: App;

afterEach(async () => {
  await app.jobs.stop();
  await world.close();
});

/** The account synced by the durable functions on the embedded runner, in this process. */
async function open(options: SimulatorOptions, overrides: AppOverrides = {}): Promise<void> {
  world = await createSyncWorld(options);
  await world.sync("organizations");
  await world.mapAll();
  const config = loadConfig({ LEVELIO_API_BASE_URL: world.simulator.url, APP_SECRET: TEST_APP_SECRET });
  const { connection } = world.database;
  app = await createApp(config, { connection, log: createLogger({ level: "silent" }), ...overrides });
  await app.jobs.start();
}

async function request(type: SyncRequest["type"]): Promise<RunRow> {
  const { tenantId, integrationId } = world;
  const outcome = await requestSync(app.sync, {
    tenantId,
    integrationId,
    type,
    trigger: "manual",
    actor: "test",
  });
  if (outcome.state !== "queued") throw new Error(outcome.state);
  return outcome.run;
}

async function read(run: RunRow): Promise<RunRow> {
  return (await withTenant(app.db, run.tenantId, (tx) => getRun(tx, run.tenantId, run.id)))!;
}

async function ended(run: RunRow): Promise<RunRow> {
  for (;;) {
    const now = await read(run);
    if (now.status !== "queued" && now.status !== "running") return now;
    await sleep(50);
  }
}

it("is carried out by the durable functions, with the rows of the direct transport", async () => {
  await open({ devices: 150, seed: 3 });
  const run = await ended(await request("full"));
  const durable = { devices: await world.deviceRows(), updates: await world.updateRows() };
  expect(run).toMatchObject({ status: "completed", transport: "inngest", itemsSeen: 150 });
  expect(run.key).toBe(`levelio:full:${world.tenantId}:${world.integrationId}:${run.requestedAt.getTime()}`);
  const direct = await createSyncWorld({ devices: 150, seed: 3 });
  try {
    await direct.sync("organizations");
    await direct.mapAll();
    await direct.sync("full");
    expect(durable).toEqual({ devices: await direct.deviceRows(), updates: await direct.updateRows() });
  } finally {
    await direct.close();
  }
});

it("hands a long walk over to a fresh execution, and walks on where it was", async () => {
  // One page a step: more pages than an execution may have steps.
  await open({ devices: 400, seed: 4, updatesPerDevice: 25 }, { stepBudgetMs: 0 });
  const run = await ended(await request("full"));
  expect(run.status).toBe("completed");
  expect(run.pages).toBeGreaterThan(100);
  const [executions] = await queryRows<{ n: number }>(
    app.db,
    sql`select count(*)::int as n from runner.runs where function_id like '%rmm-sync'`,
  );
  expect(executions!.n).toBeGreaterThan(1);
  const [pages] = await queryRows<{ n: number }>(
    app.db,
    sql`select count(distinct (resource, sequence))::int as n from rmm_sync_run_pages where run_id = ${run.id}`,
  );
  expect(pages!.n).toBe(run.pages);
});

it("sleeps when Level asks for a long wait, shows until when, and then completes", async () => {
  await open({ devices: 150, seed: 5 });
  world.simulator.faults.add({ kind: "rate_limit", retryAfter: 12, resource: "devices", times: 1 });
  const run = await request("full");
  let seenWaiting = false;
  const end = ended(run);
  while (!seenWaiting) {
    const { waitingUntil, status } = await read(run);
    seenWaiting = waitingUntil !== null && waitingUntil.getTime() > Date.now() + 5_000;
    if (status === "completed") break;
    await sleep(50);
  }
  expect(seenWaiting).toBe(true);
  expect(await end).toMatchObject({ status: "completed", itemsFailed: 0, waitingUntil: null });
});

it("tells a run that fails for good by an event, and starts no other by itself", async () => {
  await open({ devices: 120, seed: 6 });
  world.simulator.faults.add({ kind: "status", status: 401 });
  const run = await ended(await request("full"));
  expect(run).toMatchObject({ status: "failed", errorCode: "invalid_api_key" });
  const events = await queryRows<{ name: string }>(
    app.db,
    sql`select name from rmm_events where data->>'runId' = ${run.id} and name like 'RMM%' order by id`,
  );
  expect(events.map((event) => event.name)).toEqual(["RMM_SYNC_STARTED", "RMM_SYNC_FAILED"]);
});
