import { HOUR_MS } from "@domain/durations";
import type { RunRef } from "@domain/refs";
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { getRun, type RunRow } from "@db/queries/sync-runs/runs";
import { openProvider } from "~/features/connections/open-provider.server";
import { createVault } from "~/platform/vault.server";
import { beginRun } from "~/features/sync-execution/begin-run";
import { concludeRun } from "~/features/sync-execution/conclude";
import { executeRun } from "~/features/sync-execution/drive";
import { withHeartbeat } from "~/features/sync-engine/heartbeat";
import type { Durable, SyncDeps } from "~/platform/ports";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";
import { runStage } from "~/features/sync-execution/stages";

import { testDatabaseKind } from "../../support/database";
import { type SyncWorld } from "../../support/sync";
import { createMappedWorld } from "../../support/synced-world";

/** Without it a wait gives up after a second. */
const PATIENTLY = { timeout: 60_000 };

let world: SyncWorld;
beforeEach(async () => {
  world = await createMappedWorld({ devices: 30, seed: 3 });
});
afterEach(() => world.close());

/** A full sync that was requested and that nobody executes yet. */
async function queueFull(transport = world.deps.transport): Promise<RunRef> {
  const { tenantId, connectionId } = world;
  const deps = { ...world.deps, transport };
  const request = { tenantId, connectionId, type: "full", trigger: "manual", actor: "test" } as const;
  const outcome = await requestSync(deps, request);
  if (outcome.state !== "queued") throw new Error(outcome.state);
  return { tenantId, runId: outcome.run.id };
}

const read = async ({ tenantId, runId }: RunRef): Promise<RunRow> =>
  (await withTenant(world.database.db, tenantId, (tx) => getRun(tx, tenantId, runId)))!;

describe("a sync whose key was sealed under another secret of the installation", () => {
  it("fails at once, says which secret is missing, and does not blame the key", async () => {
    const vault = createVault("another-secret-for-tests-of-at-least-32-characters");
    const { db } = world.database;
    const ref = await queueFull();
    await runDirect(
      {
        ...world.deps,
        openProvider: (integration, stats) =>
          openProvider({ db, vault, baseUrl: world.simulator.url }, integration, stats),
      },
      ref,
    );
    expect(await read(ref)).toMatchObject({
      status: "failed",
      errorCode: "sealed_key",
      errorMessage: expect.stringContaining("APP_SECRET"),
      errorHint: expect.stringContaining("secrets rotate"),
    });
    const connections = await queryRows(db, sql`select status from rmm_integrations`);
    expect(connections).toEqual([{ status: "active" }]);
  });
});

describe("a sync that Level asks to wait repeatedly", () => {
  it("moves to a fresh execution after an hour of waiting, long before the limit of an execution", async () => {
    const ref = await queueFull();
    world.simulator.faults.add({ kind: "rate_limit", retryAfter: 1_500, times: 4 });
    const waits: number[][] = [];
    const durable: Durable = {
      step: (_id, work) => work(),
      isLastTry: () => false,
      sleep: (_id, ms) => Promise.resolve(void waits.at(-1)!.push(ms)),
      handOver: async (continuation) => void (await carryOn(continuation)),
    };
    const carryOn = (continuation: number) => {
      waits.push([]);
      return executeRun(world.deps, durable, ref, continuation);
    };
    await carryOn(0);
    expect((await read(ref)).status).toBe("completed");
    expect(waits.map((ofOne) => ofOne.length)).toEqual([3, 1]);
    expect(waits.flat().reduce((sum, ms) => sum + ms)).toBeGreaterThan(HOUR_MS);
  });
});

describe("a run that was handed over", () => {
  it("counts as waiting until it runs again", async () => {
    const ref = await queueFull();
    const seen = { handedOver: [] as unknown[], atWork: new Set<unknown>() };
    const deps: SyncDeps = {
      ...world.deps,
      openProvider: async (...account) => {
        seen.atWork.add((await read(ref)).waitingUntil);
        return world.deps.openProvider(...account);
      },
    };
    const durable: Durable = {
      step: (_id, work) => work(),
      isLastTry: () => false,
      sleep: () => Promise.resolve(),
      handOver: async (continuation) => {
        seen.handedOver.push((await read(ref)).waitingUntil);
        await executeRun(deps, durable, ref, continuation);
      },
    };
    await executeRun({ ...deps, stepsPerExecution: 2 }, durable, ref);
    expect((await read(ref)).status).toBe("completed");
    expect(seen).toEqual({ handedOver: [expect.any(Date)], atWork: new Set([null]) });
  });
});

describe("a run between its steps", () => {
  it("counts as waiting, so that a long queue closes none as dead", async () => {
    const ref = await queueFull("inngest");
    const seen = { between: [] as unknown[], atWork: new Set<unknown>() };
    const deps: SyncDeps = {
      ...world.deps,
      openProvider: async (...account) => {
        seen.atWork.add((await read(ref)).waitingUntil);
        return world.deps.openProvider(...account);
      },
    };
    const durable: Durable = {
      step: async (_id, work) => {
        const run = await read(ref);
        if (run.status === "running") seen.between.push(run.waitingUntil);
        return work();
      },
      isLastTry: () => false,
      sleep: () => Promise.resolve(),
      handOver: () => Promise.reject(new Error("nothing is handed over")),
    };
    await executeRun(deps, durable, ref);
    const date: unknown = expect.any(Date);
    expect(seen).toEqual({ between: [date, date, date], atWork: new Set([null]) });
    expect(await read(ref)).toMatchObject({ status: "completed", waitingUntil: null });
  });
});

describe("a run with a long call in a step", () => {
  it("shows a sign of life every half minute, and none after its end", async () => {
    const ref = await queueFull();
    await beginRun(world.deps, ref);
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const later = new Date(Date.now() + 3 * HOUR_MS);
      await withHeartbeat(world.deps, ref, async () => {
        world.setNow(later);
        vi.advanceTimersByTime(30_000);
        await vi.waitFor(async () => expect((await read(ref)).heartbeatAt).toEqual(later), PATIENTLY);
      });
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("a run that ends while it is concluded", () => {
  // The embedded database has one session, so nothing happens in between.
  it.runIf(testDatabaseKind() === "postgres")("leaves nothing of its conclusion", async () => {
    const { deps, tenantId } = world;
    await world.sync("full");
    for (const { id } of [...world.simulator.account.devices].slice(0, 2))
      world.simulator.account.removeDevice(id);
    const ref = await queueFull();
    await beginRun(deps, ref);
    for (const stage of ["groups", "devices", "updates"] as const) await runStage(deps, ref, stage);

    let concluded: Promise<unknown> | undefined;
    await withTenant(deps.db, tenantId, async (tx) => {
      await tx.execute(
        sql`update rmm_sync_runs set status = 'cancelled', ended_at = now() where id = ${ref.runId}`,
      );
      concluded = concludeRun(deps, ref);
      await vi.waitFor(async () => {
        const waiting = await queryRows(
          deps.db,
          sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        expect(waiting).not.toEqual([]);
      }, PATIENTLY);
    });
    expect(await concluded).toEqual({ state: "already_ended" });
    expect((await read(ref)).status).toBe("cancelled");
    expect((await world.deviceRows()).filter((row) => row["is_gone"])).toEqual([]);
  });
});
