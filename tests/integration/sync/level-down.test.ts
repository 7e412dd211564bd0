import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { getIntegration } from "@db/queries/connections/connections";
import { getRun, type RunRow } from "@db/queries/sync-runs/runs";
import { executeRun } from "~/features/sync-execution/drive";
import type { Durable } from "~/platform/ports";
import { requestSync } from "~/features/sync-engine/request-sync";

import type { FaultRule } from "../../level-simulator/faults";
import { createDurableWorld } from "../../support/durable";
import { createSyncWorld, type SyncWorld } from "../../support/sync";

it.each<[string, FaultRule, string]>([
  ["answers 503", { kind: "status", status: 503 }, "unreachable"],
  ["resets every connection", { kind: "reset" }, "unreachable"],
  ["cuts every answer short", { kind: "cut_json" }, "bad_response"],
])("a sync of a Level that %s fails with its reason, under both transports", async (_, fault, code) => {
  const [durable, direct] = await Promise.all([runDurable(fault), runDirectly(fault)]);
  expect(durable).toEqual(direct);
  expect(durable).toEqual({
    run: {
      status: "failed",
      errorCode: code,
      errorMessage: expect.any(String),
      errorHint: expect.any(String),
    },
    connection: {
      syncStatus: "failed",
      lastSyncError: durable.run.errorMessage,
      lastSyncHint: durable.run.errorHint,
    },
    events: [{ code }],
  });
});

describe("a sync of a Level that says how long its outage lasts", () => {
  const maintenance = { kind: "status", status: 503, headers: { "retry-after": "3600" } } as const;

  it("sleeps, a quarter of an hour at a time, and continues", async () => {
    const { run, slept } = await driveThrough({ ...maintenance, resource: "devices", times: 2 });
    expect(run).toMatchObject({ status: "completed", itemsSeen: 30 });
    expect(slept).toEqual([900_000, 900_000]);
  });

  it("ends if it still lasts longer", async () => {
    const { run, slept } = await driveThrough(maintenance);
    expect(run).toMatchObject({ status: "failed", errorCode: "unreachable" });
    expect(slept).toHaveLength(3);
  });
});

describe("a sync that gets a web page in place of data", () => {
  it("retries the page and completes, although one in ten is a web page", async () => {
    const { run, slept } = await driveThrough({ kind: "html", probability: 0.1 }, 600);
    expect(run).toMatchObject({ status: "completed", itemsSeen: 600, errorCode: null });
    expect(slept).toEqual([]);
  });

  it("waits a minute in the durable engine if no call of the step got through", async () => {
    const { run, slept } = await driveThrough({ kind: "html", resource: "devices", times: 5 });
    expect(run).toMatchObject({ status: "completed", itemsSeen: 30 });
    expect(slept).toEqual([60_000]);
  });

  it("fails with a clear message if that continues", async () => {
    const { run, slept } = await driveThrough({ kind: "html", resource: "devices" });
    expect(run).toMatchObject({
      status: "failed",
      errorCode: "bad_response",
      errorMessage: expect.stringContaining("web page") as string,
    });
    expect(slept).toHaveLength(3);
  });
});

/** No waits between two tries of a call or a step. */
const calls = { sleep: () => Promise.resolve() };
const retryDelayMs = () => 0;

async function runDurable(fault: FaultRule) {
  const { world, request, ended, close } = await createDurableWorld(
    { devices: 30, seed: 3 },
    { calls, retryDelayMs },
  );
  try {
    world.simulator.faults.add(fault);
    return await whatIsSaid(world, await ended(await request("full")));
  } finally {
    await close();
  }
}

async function runDirectly(fault: FaultRule) {
  const world = await createSyncWorld({ devices: 30, seed: 3, calls, retryDelayMs });
  try {
    world.simulator.faults.add(fault);
    return await whatIsSaid(world, await world.sync("full"));
  } finally {
    await world.close();
  }
}

/** Every place that shows the reason of a failure. */
async function whatIsSaid({ database, tenantId, connectionId }: SyncWorld, run: RunRow) {
  const { status, errorCode, errorMessage, errorHint } = run;
  const connection = await withTenant(database.db, tenantId, (tx) =>
    getIntegration(tx, tenantId, connectionId),
  );
  const { syncStatus, lastSyncError, lastSyncHint } = connection!;
  const events = await queryRows<{ code: string | null }>(
    database.db,
    sql`select data->>'errorCode' as code from rmm_events where name = 'RMM_SYNC_FAILED'`,
  );
  return {
    run: { status, errorCode, errorMessage, errorHint },
    connection: { syncStatus, lastSyncError, lastSyncHint },
    events,
  };
}

/** Executes a full sync whose sleeps take no time. Returns it with its sleeps. */
async function driveThrough(fault: FaultRule, devices = 30) {
  const world = await createSyncWorld({ devices, seed: 3, calls });
  try {
    world.simulator.faults.add(fault);
    const { deps, tenantId, connectionId } = world;
    const asked = { tenantId, connectionId, trigger: "manual" as const, actor: "test" };
    const outcome = await requestSync(deps, { ...asked, type: "full" });
    if (outcome.state !== "queued") throw new Error(outcome.state);
    const ref = { tenantId, runId: outcome.run.id };
    const slept: number[] = [];
    const durable: Durable = {
      isLastTry: () => true,
      step: (_id, work) => work(),
      sleep: async (_id, ms) => void slept.push(ms),
      handOver: async () => {},
    };
    await executeRun(deps, durable, ref);
    return { run: await withTenant(deps.db, tenantId, (tx) => getRun(tx, tenantId, ref.runId)), slept };
  } finally {
    await world.close();
  }
}
