import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";
import { afterEach, expect, it } from "vitest";

import { queryRows } from "@db/client";

import { createDurableWorld, type DurableWorld } from "../../support/durable";
import { createSyncWorld } from "../../support/sync";

let durable: DurableWorld;
afterEach(() => durable.close());

it("is executed by the durable functions, with the rows of the direct transport", async () => {
  durable = await createDurableWorld({ devices: 150, seed: 3 });
  const { world, request, ended } = durable;
  const run = await ended(await request("full"));
  const rows = { devices: await world.deviceRows(), updates: await world.updateRows() };
  expect(run).toMatchObject({ status: "completed", transport: "inngest", itemsSeen: 150 });
  expect(run.key).toBe(`levelio:full:${world.tenantId}:${world.connectionId}:${run.requestedAt.getTime()}`);
  const direct = await createSyncWorld({ devices: 150, seed: 3 });
  try {
    await direct.sync("organizations");
    await direct.mapAll();
    await direct.sync("full");
    expect(rows).toEqual({ devices: await direct.deviceRows(), updates: await direct.updateRows() });
  } finally {
    await direct.close();
  }
});

it("hands a long walk over to a fresh execution, which continues where it was", async () => {
  // One page a step, so more pages than an execution may have steps.
  const stepsPerExecution = 8;
  durable = await createDurableWorld(
    { devices: 250, seed: 4, updatesPerDevice: 4 },
    { stepBudgetMs: 0, stepsPerExecution },
  );
  const { app, request, ended } = durable;
  const run = await ended(await request("full"));
  expect(run.status).toBe("completed");
  expect(run.pages).toBeGreaterThan(stepsPerExecution);
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

it("sleeps if Level asks for a long wait, shows until when, and then completes", async () => {
  durable = await createDurableWorld({ devices: 150, seed: 5 }, { calls: { maxWaitMs: 1_000 } });
  const { world, request, read, ended } = durable;
  world.simulator.faults.add({ kind: "rate_limit", retryAfter: 3, resource: "devices", times: 1 });
  const run = await request("full");
  let seenWaiting = false;
  const end = ended(run);
  while (!seenWaiting) {
    const { waitingUntil, status } = await read(run);
    seenWaiting = waitingUntil !== null && waitingUntil.getTime() > Date.now() + 1_000;
    if (status === "completed") break;
    await sleep(50);
  }
  expect(seenWaiting).toBe(true);
  expect(await end).toMatchObject({ status: "completed", itemsFailed: 0, waitingUntil: null });
});

it("publishes an event when a run fails for good, and starts no other automatically", async () => {
  durable = await createDurableWorld({ devices: 120, seed: 6 });
  const { world, app, request, ended } = durable;
  world.simulator.faults.add({ kind: "status", status: 401 });
  const run = await ended(await request("full"));
  expect(run).toMatchObject({ status: "failed", errorCode: "invalid_api_key" });
  const events = await queryRows<{ name: string }>(
    app.db,
    sql`select name from rmm_events where data->>'runId' = ${run.id} and name like 'RMM%' order by id`,
  );
  expect(events.map((event) => event.name)).toEqual(["RMM_SYNC_STARTED", "RMM_SYNC_FAILED"]);
});
