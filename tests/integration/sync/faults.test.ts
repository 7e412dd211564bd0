import type { RunRef } from "@domain/refs";
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { getIntegration } from "@db/queries/connections/connections";
import { getRun } from "@db/queries/sync-runs/runs";
import { cancelSync } from "~/features/sync-execution/cancel-sync.server";
import { connect } from "~/features/connections/connect.server";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";
import { sweepSilentRuns } from "~/features/sync-execution/reaper";

import { assetOf, createSyncWorld, TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createMappedWorld } from "../../support/synced-world";

let world: SyncWorld;

beforeEach(async () => {
  world = await createMappedWorld({ devices: 120, seed: 5 });
});

afterEach(() => world.close());

const integration = () =>
  withTenant(world.database.db, world.tenantId, (tx) =>
    getIntegration(tx, world.tenantId, world.connectionId),
  );
const issues = () =>
  queryRows<{ external_id: string | null; field: string | null; reason: string; severity: string }>(
    world.database.db,
    sql`select external_id, field, reason, severity from rmm_sync_run_errors order by external_id`,
  );
const aDevice = () => [...world.simulator.account.devices].find((row) => row.group_id !== null)!;

const requestFull = () => {
  const { tenantId, connectionId, deps } = world;
  return requestSync(deps, { tenantId, connectionId, type: "full", trigger: "manual", actor: "test" });
};
/** A full sync that was requested and that nobody executes yet. */
async function queueFull(): Promise<RunRef> {
  const outcome = await requestFull();
  if (outcome.state !== "queued") throw new Error(outcome.state);
  return { tenantId: world.tenantId, runId: outcome.run.id };
}

describe("a sync that Level refuses", () => {
  it("fails on a revoked key, says so, and the connection needs attention", async () => {
    world.simulator.faults.add({ kind: "status", status: 401 });
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "failed", errorCode: "invalid_api_key" });
    expect(run.errorHint).toMatch(/key/i);
    expect(await integration()).toMatchObject({ status: "needs_attention", syncStatus: "failed" });
  });

  it("continues with the key that was saved while a step still used the former one", async () => {
    const { deps, tenantId, connectionId, simulator } = world;
    let isReplaced = false;
    const openProvider: typeof deps.openProvider = async (integration, stats) => {
      if (!isReplaced) {
        isReplaced = true;
        const { apiKey } = simulator;
        const saved = { tenantId, connectionId, provider: "levelio", label: "Level", apiKey };
        await connect(deps, { ...saved, actor: TEST_ACTOR });
        simulator.faults.add({ kind: "status", status: 401, times: 1 });
      }
      return deps.openProvider(integration, stats);
    };
    const ref = await queueFull();
    await runDirect({ ...deps, openProvider }, ref);
    expect(await withTenant(deps.db, tenantId, (tx) => getRun(tx, tenantId, ref.runId))).toMatchObject({
      status: "completed",
      errorCode: null,
    });
    expect(await integration()).toMatchObject({ status: "active" });
  });

  it("recovers as soon as the key does", async () => {
    world.simulator.faults.add({ kind: "status", status: 401, times: 1 });
    await world.sync("full");
    await world.sync("full");
    expect(await integration()).toMatchObject({
      status: "active",
      syncStatus: "completed",
      lastSyncError: null,
    });
  });

  it("continues without the updates if the key may not read them, and keeps the counts it had", async () => {
    await world.sync("full");
    const before = await world.deviceRows();
    world.simulator.faults.add({ kind: "forbidden", resource: "updates" });
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed_with_errors", itemsSeen: 120 });
    expect(run.degraded).toEqual([expect.objectContaining({ resource: "updates" })]);
    expect(await world.deviceRows()).toEqual(before);
  });

  it.each([
    ["the key may not read them", { kind: "forbidden" }],
    ["Level has none at that address", { kind: "status", status: 404 }],
  ] as const)("leaves the alerts unchanged if %s, and says so", async (_, fault) => {
    await world.sync("alerts");
    const alerts = () => queryRows(world.database.db, sql`select * from rmm_alerts order by id`);
    const before = [await alerts(), (await integration())!.lastAlertsSyncAt];
    world.simulator.faults.add({ ...fault, resource: "alerts" });
    const run = await world.sync("alerts");
    expect(run).toMatchObject({ status: "completed_with_errors", errorCode: null });
    expect(run.degraded).toEqual([expect.objectContaining({ resource: "alerts" })]);
    expect([await alerts(), (await integration())!.lastAlertsSyncAt]).toEqual(before);
  });

  it("continues without the updates if their walk loses its place twice, and says so", async () => {
    const lost = { kind: "status", status: 404, resource: "updates", times: 1 } as const;
    for (const afterRequests of [1, 2]) world.simulator.faults.add({ ...lost, afterRequests });
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed_with_errors", errorCode: null, itemsSeen: 120 });
    expect(run.degraded).toEqual([
      expect.objectContaining({
        resource: "updates",
        reason: expect.stringContaining("lost its place") as string,
      }),
    ]);
  });

  it("does not walk for ever if the cursor is repeated", async () => {
    world.simulator.faults.add({ kind: "repeat_cursor", resource: "devices" });
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "failed", errorCode: "endless_list" });
  });
});

describe("a sync with many faults", () => {
  it.each([{ kind: "cut_json" }, { kind: "reset" }] as const)(
    "retries the step if no call of it got through a $kind",
    async (fault) => {
      const options = { devices: 30, calls: { sleep: () => Promise.resolve() }, retryDelayMs: () => 0 };
      const patient = await createSyncWorld(options);
      try {
        patient.simulator.faults.add({ ...fault, resource: "devices", times: 5 });
        expect(await patient.sync("full")).toMatchObject({ status: "completed", itemsSeen: 30 });
      } finally {
        await patient.close();
      }
    },
  );

  it("waits out a rate limit, in both forms of the header, without counting it as a failure", async () => {
    world.simulator.faults.add({ kind: "rate_limit", retryAfter: 1, resource: "devices", times: 1 });
    world.simulator.faults.add({
      kind: "rate_limit",
      retryAfter: { seconds: 1, form: "date" },
      resource: "updates",
      times: 1,
    });
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed", itemsFailed: 0 });
    expect(run.rateLimitedMs).toBeGreaterThan(500);
  });
});

describe("an odd record", () => {
  it("is left out alone, counted with its reason, and not taken for gone", async () => {
    await world.sync("full");
    const device = aDevice();
    world.simulator.account.patchDevice(device.id, { tags: { not: "a list" }, total_memory: "a lot" });
    const run = await world.sync("full");
    expect(run.itemsGone).toBe(0);
    expect(run.itemsSeen).toBe(120);
    expect((await issues()).map((row) => row.external_id)).toContain(device.id);
    expect((await assetOf(world, device.id))!.asset.status).toBe("active");
  });

  it("with notes of megabytes is left out alone, and all after it are synced", async () => {
    const calls = { maxBodyBytes: 2 ** 20, sleep: () => Promise.resolve() };
    const tight = await createSyncWorld({ devices: 130, seed: 5, calls });
    try {
      await tight.sync("organizations");
      await tight.mapAll();
      const device = [...tight.simulator.account.devices][70]!;
      tight.simulator.account.patchDevice(device.id, { notes: "x".repeat(2 ** 20) });
      const run = await tight.sync("full");
      expect(run).toMatchObject({ status: "completed_with_errors", itemsSeen: 130, itemsFailed: 1 });
      expect(
        await queryRows(
          tight.database.db,
          sql`select external_id, severity, reason from rmm_sync_run_errors`,
        ),
      ).toEqual([
        {
          external_id: device.id,
          severity: "record",
          reason: expect.stringContaining("too large") as string,
        },
      ]);
      const again = await tight.sync("device", device.id);
      expect(again).toMatchObject({ status: "completed_with_errors", itemsFailed: 1 });
    } finally {
      await tight.close();
    }
  });

  it("with characters that no database stores is cleaned and stored", async () => {
    const device = aDevice();
    world.simulator.account.patchDevice(device.id, { hostname: "a\u0000b\ud800c", nickname: null });
    const run = await world.sync("full");
    expect(run.status).toBe("completed");
    expect((await assetOf(world, device.id))!.asset.name).toMatch(/^ab/);
  });
});

describe("a device whose role and private address are not reported", () => {
  const blank = { role: null, network_interfaces: [] };

  it("is a workstation without a LAN address at first", async () => {
    const device = aDevice();
    world.simulator.account.patchDevice(device.id, blank);
    await world.sync("full");
    expect((await assetOf(world, device.id))!.asset.assetType).toBe("workstation");
    const [details] = await queryRows(
      world.database.db,
      sql`select d.lan_ip from asset_details d join tenant_external_entity_mappings m on m.asset_id = d.asset_id
          where m.external_id = ${device.id}`,
    );
    expect(details).toEqual({ lan_ip: null });
  });

  it("stays the server that it was", async () => {
    const device = aDevice();
    world.simulator.account.patchDevice(device.id, { role: "server" });
    await world.sync("full");
    world.simulator.account.patchDevice(device.id, blank);
    await world.sync("full");
    expect((await assetOf(world, device.id))!.asset.assetType).toBe("server");
  });
});

describe("cancelling", () => {
  it("ends the run at its next page, keeps what was written, and the next run completes", async () => {
    const { deps } = world;
    const ref = await queueFull();
    world.simulator.faults.afterPage("devices", 1, () => {
      void cancelSync(deps, ref);
    });
    world.simulator.faults.add({ kind: "slow", ms: 150, resource: "devices" });
    await runDirect(deps, ref);
    const [run] = await queryRows<{ status: string }>(
      deps.db,
      sql`select status from rmm_sync_runs where id = ${ref.runId}`,
    );
    expect(run!.status).toBe("cancelled");
    world.simulator.faults.clear();
    expect((await world.sync("full")).status).toBe("completed");
  });
});

describe("a second request", () => {
  it("for the same kind joins the open run", async () => {
    const outcomes = await Promise.all([1, 2, 3].map(requestFull));
    expect(outcomes.map((outcome) => outcome.state).sort()).toEqual(["joined", "joined", "queued"]);
  });
});

describe("the reaper of stalled runs", () => {
  it("closes a run that showed no sign of life for two minutes, and says so", async () => {
    const { deps } = world;
    const { runId } = await queueFull();
    await queryRows(
      deps.db,
      sql`update rmm_sync_runs set status = 'running', started_at = now() - interval '119 seconds',
      heartbeat_at = now() - interval '119 seconds' where id = ${runId}`,
    );
    expect(await sweepSilentRuns(deps)).toBe(0);
    world.setNow(new Date(Date.now() + 5_000));
    expect(await sweepSilentRuns(deps)).toBe(1);
    const [run] = await queryRows<{ status: string; error_code: string }>(
      deps.db,
      sql`select status, error_code from rmm_sync_runs where id = ${runId}`,
    );
    expect(run).toEqual({ status: "failed", error_code: "no_heartbeat" });
  });
});
