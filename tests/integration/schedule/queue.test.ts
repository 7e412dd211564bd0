import { eq, sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { rmmSyncRuns } from "@db/schema";
import type { RunRow } from "@db/queries/sync-runs/runs";
import type { SyncDeps } from "~/platform/ports";
import { sweepSilentRuns } from "~/features/sync-execution/reaper";

import { createTestDatabase, type TestDatabase } from "../../support/database";
import { createIntegration, createTenant } from "../../support/factories";
import { depsWithoutReading } from "../../support/schedule";
import { countAllStatements } from "../../support/statements";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = new Date("2026-05-05T03:00:00Z");
const later = (ms: number) => new Date(START.getTime() + ms);

let database: TestDatabase;
let now: Date;
let deps: SyncDeps;

beforeEach(async () => {
  database = await createTestDatabase();
  now = START;
  deps = depsWithoutReading({ db: database.db, clock: () => now, startedAt: later(-HOUR) });
});

afterEach(() => database.close());

/** A full sync of an account of its own, in a tenant of its own. */
async function fullSync(row: Partial<RunRow>): Promise<string> {
  const { id: tenantId } = await createTenant(database.db);
  const { id: connectionId } = await createIntegration(database.db, { tenantId });
  const base = { tenantId, connectionId, type: "full", trigger: "schedule", actor: "schedule" } as const;
  const [run] = await database.db
    .insert(rmmSyncRuns)
    .values({ ...base, key: connectionId, transport: "inngest", requestedAt: START, ...row })
    .returning();
  return run!.id;
}

const set = (id: string, values: Partial<RunRow>) =>
  database.db.update(rmmSyncRuns).set(values).where(eq(rmmSyncRuns.id, id));

const read = async (id: string) =>
  (await database.db.select().from(rmmSyncRuns).where(eq(rmmSyncRuns.id, id)))[0]!;

async function sweepAt(at: Date): Promise<void> {
  now = at;
  await sweepSilentRuns(deps);
}

it("lets a run wait for as long as others are running, and closes it once none is", async () => {
  const waiting = await fullSync({});
  const busy = await fullSync({ status: "running", startedAt: START, heartbeatAt: later(40 * MINUTE) });
  await sweepAt(later(40 * MINUTE));
  expect((await read(waiting)).status).toBe("queued");
  // Between the end of one run and the start of the next.
  await set(busy, { status: "completed", endedAt: now });
  await sweepAt(later(41 * MINUTE));
  expect((await read(waiting)).status).toBe("queued");
  await sweepAt(later(43 * MINUTE));
  expect(await read(waiting)).toMatchObject({ status: "failed", errorCode: "not_started" });
});

it("counts a run that sleeps for its RMM as running", async () => {
  const waiting = await fullSync({});
  await fullSync({
    status: "running",
    startedAt: START,
    heartbeatAt: START,
    waitingUntil: later(50 * MINUTE),
  });
  await sweepAt(later(40 * MINUTE));
  expect((await read(waiting)).status).toBe("queued");
});

it("lets a run that has slept for its RMM wait again, and closes it once no run is running", async () => {
  const slept = { startedAt: START, heartbeatAt: START, waitingUntil: later(MINUTE) };
  const woken = await fullSync({ status: "running", ...slept });
  const busy = await fullSync({ status: "running", startedAt: START, heartbeatAt: later(40 * MINUTE) });
  await sweepAt(later(40 * MINUTE));
  expect((await read(woken)).status).toBe("running");
  await set(busy, { status: "completed", endedAt: now });
  await sweepAt(later(43 * MINUTE));
  expect(await read(woken)).toMatchObject({ status: "failed", errorCode: "no_heartbeat" });
});

it("closes a running run that fell silent after two minutes, however busy the others are", async () => {
  const dead = await fullSync({ status: "running", startedAt: START, heartbeatAt: START });
  const at = later(2 * MINUTE + 1_000);
  await fullSync({ status: "running", startedAt: at, heartbeatAt: at });
  await sweepAt(at);
  expect(await read(dead)).toMatchObject({ status: "failed", errorCode: "no_heartbeat" });
});

it("closes a run that was passed over for a day, however busy the others are", async () => {
  const passedOver = await fullSync({});
  const slept = await fullSync({
    status: "running",
    startedAt: START,
    heartbeatAt: START,
    waitingUntil: START,
  });
  const at = later(24 * HOUR);
  await fullSync({ status: "running", startedAt: at, heartbeatAt: at });
  await sweepAt(at);
  expect(await read(passedOver)).toMatchObject({ status: "failed", errorCode: "not_started" });
  expect(await read(slept)).toMatchObject({ status: "failed", errorCode: "no_heartbeat" });
});

/** Waiting runs of single devices of one account, each with its event relayed. */
async function waitInLine(count: number): Promise<void> {
  const { id: tenantId } = await createTenant(database.db);
  const { id: connectionId } = await createIntegration(database.db, { tenantId });
  await database.db.execute(sql`
    insert into rmm_sync_runs (id, tenant_id, integration_id, type, trigger, actor, key, transport, target_external_id,
      requested_at)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, 'device', 'webhook', 'webhook', ${connectionId} || n, 'inngest',
      'device-' || n, ${later(-MINUTE).toISOString()}
    from generate_series(1, ${count}::int) n`);
  await database.db.execute(sql`
    insert into rmm_events (id, tenant_id, integration_id, name, event_key, data, occurred_at, relayed_at)
    select gen_random_uuid(), tenant_id, integration_id, 'rmm/sync.requested', key, '{}', requested_at, requested_at
    from rmm_sync_runs where tenant_id = ${tenantId}`);
}

it("closes a running run that fell silent, however many have waited longer", async () => {
  await waitInLine(600);
  const dead = await fullSync({ status: "running", startedAt: START, heartbeatAt: START });
  const at = later(2 * MINUTE + 1_000);
  await fullSync({ status: "running", startedAt: at, heartbeatAt: at });
  await sweepAt(at);
  expect(await read(dead)).toMatchObject({ status: "failed", errorCode: "no_heartbeat" });
});

it("requests all waiting runs again, with as many statements as for one", async () => {
  const sweep = () => countAllStatements(database.db, () => sweepAt(later(MINUTE)));
  const relayed = () =>
    queryRows<{ n: number }>(
      database.db,
      sql`select count(*)::int as n from rmm_events where relayed_at is not null`,
    );
  await waitInLine(1);
  const forOne = await sweep();
  expect(await relayed()).toEqual([{ n: 0 }]);
  await waitInLine(40);
  expect(await sweep()).toBe(forOne);
  expect(await relayed()).toEqual([{ n: 0 }]);
});
