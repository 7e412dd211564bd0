import { and, eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { RunRow } from "@db/queries/sync-runs/runs";
import { rmmIntegrations, rmmSyncRuns } from "@db/schema";
import { refreshAccount } from "~/features/webhooks/refresh-account";
import { runRefresh } from "~/features/webhooks/run-refresh";
import { refreshGroup } from "~/features/webhooks/refresh-group";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";
import { createSyncWorld, type SyncWorld } from "@tests/support/sync";

/** How long a run may still last after a refresh request, as when Level slows it down. */
const HOURS = 3 * 60 * 60_000;
const MINUTE = 60_000;

let database: TestDatabase;
let world: SyncWorld;
let now: number;
/** Events at times from the start, as the request's sleeps pass them. */
let plan: { afterMs: number; happens: () => Promise<unknown> }[];
let sleptMs: number;
let steps: number;

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  world = await createSyncWorld({ database, devices: 5 });
  now = Date.parse("2026-11-25T10:00:00Z");
  world.setNow(new Date(now));
  [plan, sleptMs, steps] = [[], 0, 0];
});
afterEach(() => world.simulator.close());
afterAll(() => database.close());

/** Steps as in a durable function; a sleep moves the clock to its end. */
const durable = {
  step: <T>(_id: string, work: () => Promise<T>) => {
    steps++;
    return work();
  },
  sleep: async (_id: string, ms: number) => {
    steps++;
    sleptMs += ms;
    now += ms;
    world.setNow(new Date(now));
    for (const { happens } of plan.filter(({ afterMs }) => afterMs <= sleptMs)) await happens();
    plan = plan.filter(({ afterMs }) => afterMs > sleptMs);
  },
};
const hint = () => ({
  tenantId: world.tenantId,
  connectionId: world.connectionId,
  reason: "device_updated",
});

async function underWay(run: Pick<RunRow, "type"> & Partial<RunRow>) {
  const { tenantId, connectionId } = world;
  const base = {
    tenantId,
    connectionId,
    trigger: "schedule",
    actor: "schedule",
    transport: "direct",
  } as const;
  const at = new Date(now);
  await database.db.insert(rmmSyncRuns).values({
    ...{ ...base, key: `levelio:${run.type}:${connectionId}:${now}`, status: "running" },
    ...{ requestedAt: at, startedAt: at, ...run },
  });
}
async function endsAfter(afterMs: number, status: "completed" | "failed") {
  const { connectionId } = world;
  const end = async () => {
    const isIt = and(eq(rmmSyncRuns.connectionId, connectionId), eq(rmmSyncRuns.status, "running"));
    await database.db
      .update(rmmSyncRuns)
      .set({ status, endedAt: new Date(now) })
      .where(isIt);
    if (status === "failed") return;
    const isOf = eq(rmmIntegrations.id, connectionId);
    await database.db
      .update(rmmIntegrations)
      .set({ lastFullSyncAt: new Date(now) })
      .where(isOf);
  };
  plan.push({ afterMs, happens: end });
}
const runsByHints = async () =>
  (await database.db.select().from(rmmSyncRuns)).filter(
    (run) => run.connectionId === world.connectionId && run.trigger === "webhook",
  );

describe("refresh requests for many devices", () => {
  const follow = () => refreshAccount(world.deps, durable, hint(), new Date(now));

  it("made early in a long full sync lead to another once that has ended", async () => {
    await underWay({ type: "full", startedAt: new Date(now - MINUTE) });
    await endsAfter(HOURS, "completed");
    expect(await follow()).toEqual({ state: "queued" });
    expect(await runsByHints()).toMatchObject([{ type: "full", status: "completed" }]);
    expect(sleptMs).toBeGreaterThan(HOURS);
    expect(steps).toBeLessThan(900);
  });

  it("are done by a full sync that began since, once it has read everything", async () => {
    await underWay({ type: "full", startedAt: new Date(now + 1) });
    await endsAfter(20 * MINUTE, "completed");
    expect(await follow()).toEqual({ state: "seen" });
    expect(await runsByHints()).toEqual([]);
  });

  it("lead to another if that one has failed", async () => {
    await underWay({ type: "full", startedAt: new Date(now + 1) });
    await endsAfter(20 * MINUTE, "failed");
    expect(await follow()).toEqual({ state: "queued" });
    expect(await runsByHints()).toMatchObject([{ type: "full", status: "completed" }]);
  });
});

it("a refresh request for a device is done after its run that Level told to wait for hours", async () => {
  const externalDeviceId = [...world.simulator.account.devices][0]!.id;
  await underWay({ type: "device", targetExternalId: externalDeviceId });
  await endsAfter(HOURS, "completed");
  const outcome = await runRefresh(world.deps, durable, hint(), { type: "device", externalDeviceId });
  expect(outcome).toEqual({ state: "queued" });
  expect(await runsByHints()).toMatchObject([{ type: "device", targetExternalId: externalDeviceId }]);
});

it("a refresh request for a group is done after hours of a run that reads the groups", async () => {
  const externalGroupId = [...world.simulator.account.groups][0]!.id;
  await underWay({ type: "full", stage: "groups" });
  await endsAfter(HOURS, "completed");
  expect(await refreshGroup(world.deps, durable, { ...hint(), externalGroupId })).toEqual({
    state: "written",
  });
});
