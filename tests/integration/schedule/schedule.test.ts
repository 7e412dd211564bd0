import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import {
  getIntegration,
  lockIntegration,
  updateIntegration,
  type IntegrationRow,
} from "@db/queries/connections/connections";
import { changeSettings, resumeSchedule } from "~/features/connections/connection-settings.server";
import type { ScheduledKind } from "@domain/schedule-limits";
import { disconnect } from "~/features/connections/disconnect.server";
import { failRun } from "~/features/sync-execution/end-run";
import type { SyncDeps } from "~/platform/ports";
import { requestSync } from "~/features/sync-engine/request-sync";
import { startDueSyncs } from "~/features/connections/schedule";

import { createTestDatabase, testDatabaseKind, type TestDatabase } from "../../support/database";
import { createIntegration, createTenant } from "../../support/factories";
import { depsWithoutReading } from "../../support/schedule";
import { TEST_ACTOR } from "../../support/sync";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const start = new Date("2026-10-10T09:30:00Z");

let database: TestDatabase;
let now: Date;
let deps: SyncDeps;
let tenantId: string;
let warnings: string[];

beforeEach(async () => {
  database = await createTestDatabase();
  now = start;
  warnings = [];
  deps = depsWithoutReading({
    db: database.db,
    clock: () => now,
    log: {
      debug() {},
      info() {},
      warn: (_, message) => void warnings.push(message),
      error: (fields) => fail(fields),
    },
    startedAt: new Date(0),
  });
  tenantId = (await createTenant(database.db)).id;
});

afterEach(() => database.close());

function fail(fields: object): never {
  throw new Error(JSON.stringify(fields));
}

const connection = (row: Partial<IntegrationRow> = {}) =>
  createIntegration(database.db, { ...row, tenantId });

const read = async (id: string) =>
  (await withTenant(database.db, tenantId, (tx) => getIntegration(tx, tenantId, id)))!;

const set = (id: string, values: Partial<IntegrationRow>) =>
  withTenant(database.db, tenantId, (tx) => updateIntegration(tx, tenantId, id, values));

const endRuns = () =>
  database.db.execute(
    sql`update rmm_sync_runs set status = 'completed', ended_at = now() where status = 'queued'`,
  );

const countRuns = async () =>
  (
    await queryRows<{ type: string; n: number }>(
      database.db,
      sql`select type, count(*)::int as n from rmm_sync_runs group by type order by type`,
    )
  ).reduce<Record<string, number>>((all, { type, n }) => ({ ...all, [type]: n }), {});

it("starts nothing twice if two schedulers look at once", async () => {
  for (let n = 0; n < 8; n++) await connection();
  const [first, second] = await Promise.all([startDueSyncs(deps), startDueSyncs(deps)]);
  expect(first.length + second.length).toBe(16);
  expect(await countRuns()).toEqual({ alerts: 8, full: 8 });
  await endRuns();
  expect(await startDueSyncs(deps)).toEqual([]);
});

// The embedded database has one session, so nothing runs beside it.
it.runIf(testDatabaseKind() === "postgres")(
  "lets no busy connection delay the others, and starts it a minute later",
  { timeout: 20_000 },
  async () => {
    const busy = await connection({ nextFullSyncAt: new Date(0) });
    const idle = await connection();
    const startedMeanwhile = await withTenant(database.db, tenantId, async (tx) => {
      await lockIntegration(tx, tenantId, busy.id);
      await startDueSyncs(deps);
      return queryRows(database.db, sql`select distinct integration_id as id from rmm_sync_runs`);
    });
    expect(startedMeanwhile).toEqual([{ id: idle.id }]);
    now = new Date(start.getTime() + MINUTE);
    expect((await startDueSyncs(deps)).length).toBe(2);
    expect(await countRuns()).toEqual({ alerts: 2, full: 2 });
  },
);

it("counts an open run as the one that is due", async () => {
  const { id } = await connection({ alertsSyncIntervalMinutes: 60 });
  await startDueSyncs(deps);
  now = new Date(start.getTime() + HOUR);
  expect(await startDueSyncs(deps)).toEqual([]);
  expect((await read(id)).nextFullSyncAt!.getTime()).toBeGreaterThan(now.getTime());
});

it("corrects a next time that a wrong clock left in the far future, and starts nothing for it", async () => {
  const { id } = await connection({
    nextFullSyncAt: new Date(start.getTime() + 400 * 24 * HOUR),
    nextAlertsSyncAt: new Date(start.getTime() + MINUTE),
  });
  expect(await startDueSyncs(deps)).toEqual([]);
  expect((await read(id)).nextFullSyncAt!.getTime()).toBeLessThanOrEqual(start.getTime() + HOUR);
});

it("runs nothing for a connection that is disconnected, needs a key, or is paused", async () => {
  const { id } = await connection();
  await connection({ status: "needs_attention" });
  await connection({ pausedAt: start, alertsPausedAt: start });
  await disconnect(deps, { tenantId, connectionId: id, assets: "keep", actor: TEST_ACTOR });
  expect(await startDueSyncs(deps)).toEqual([]);
});

it("runs no full sync where it is switched off, and still compares alerts", async () => {
  await connection({ fullSyncEnabled: false });
  await startDueSyncs(deps);
  expect(await countRuns()).toEqual({ alerts: 1 });
});

/** The runs that the scheduler starts after this time; they run to their end. */
async function kindsDueIn(ms: number): Promise<string[]> {
  now = new Date(now.getTime() + ms);
  await startDueSyncs(deps);
  const rows = await queryRows<{ type: string }>(
    database.db,
    sql`select type from rmm_sync_runs where status = 'queued' order by type`,
  );
  await endRuns();
  return rows.map(({ type }) => type);
}

const FAULT = { code: "unreachable", message: "Level cannot be reached.", hint: "Wait." } as const;

async function failRuns(
  id: string,
  kind: ScheduledKind,
  times: number,
  fault: Parameters<typeof failRun>[2],
): Promise<void> {
  for (let n = 0; n < times; n++) {
    now = new Date(now.getTime() + HOUR);
    const started = await startDueSyncs(deps);
    const rows = await queryRows<{ id: string; type: string }>(
      database.db,
      sql`select id, type from rmm_sync_runs where status = 'queued' and integration_id = ${id}`,
    );
    expect(started.length).toBe(rows.length);
    const run = rows.find(({ type }) => type === kind);
    if (run !== undefined) await failRun(deps, { tenantId, runId: run.id }, fault);
    await endRuns();
  }
}

it("warns at the third failure in a row, pauses at the fifth, and continues when resumed", async () => {
  const { id } = await connection();
  await failRuns(id, "full", 2, FAULT);
  expect(warnings).toEqual([]);
  await failRuns(id, "full", 2, FAULT);
  expect(warnings.length).toBe(2);
  expect((await read(id)).pausedAt).toBeNull();
  await failRuns(id, "full", 1, FAULT);
  expect(await read(id)).toMatchObject({
    consecutiveFailures: 5,
    pausedReason: expect.stringContaining("5 full"),
  });
  expect(await kindsDueIn(24 * HOUR)).toEqual(["alerts"]);

  const ref = { tenantId, connectionId: id };
  expect(await resumeSchedule(deps, ref, TEST_ACTOR)).toEqual({ state: "resumed" });
  expect(await resumeSchedule(deps, ref, TEST_ACTOR)).toEqual({ state: "not_paused" });
  expect(await kindsDueIn(0)).toEqual(["full"]);
  expect(await read(id)).toMatchObject({ consecutiveFailures: 0, pausedAt: null, pausedReason: null });
});

it("does the same for comparing alerts, whose failures pause only that", async () => {
  const { id } = await connection();
  await failRuns(id, "alerts", 3, FAULT);
  expect(warnings.length).toBe(1);
  await failRuns(id, "alerts", 2, FAULT);
  expect(await read(id)).toMatchObject({
    alertsFailures: 5,
    alertsPausedReason: expect.stringContaining("5 comparisons of alerts"),
    consecutiveFailures: 0,
    pausedAt: null,
  });
  expect(await kindsDueIn(24 * HOUR)).toEqual(["full"]);

  await resumeSchedule(deps, { tenantId, connectionId: id }, TEST_ACTOR);
  expect(await kindsDueIn(0)).toEqual(["alerts"]);
  expect(await read(id)).toMatchObject({ alertsFailures: 0, alertsPausedAt: null, alertsPausedReason: null });
});

it("does not pause an account for runs that nobody executed", async () => {
  const { id } = await connection();
  await failRuns(id, "full", 6, { code: "not_started", message: "Nothing picked it up.", hint: "Look." });
  expect(await read(id)).toMatchObject({ consecutiveFailures: 0, pausedAt: null });
});

it("pauses no full syncs that are switched off, however many requested ones fail", async () => {
  const { id } = await connection({ fullSyncEnabled: false });
  for (let n = 0; n < 6; n++) {
    now = new Date(now.getTime() + HOUR);
    const asked = { tenantId, connectionId: id, type: "full", trigger: "manual", actor: "test" } as const;
    const outcome = await requestSync(deps, asked);
    if (outcome.state !== "queued") throw new Error(outcome.state);
    await failRun(deps, { tenantId, runId: outcome.run.id }, FAULT);
  }
  expect(await read(id)).toMatchObject({ consecutiveFailures: 6, pausedAt: null, pausedReason: null });
  expect(warnings).toEqual([]);
});

it.each([
  ["off", true],
  ["on", false],
])("clears the pause and the failures of full syncs that are switched %s, and no others", async (_, was) => {
  const paused = { pausedAt: start, pausedReason: "5 failed.", consecutiveFailures: 5 };
  const alertsPaused = { alertsPausedAt: start, alertsFailures: 5 };
  const { id } = await connection({ fullSyncEnabled: was, ...paused, ...alertsPaused });
  const ref = { tenantId, connectionId: id };
  await changeSettings(deps, ref, { fullSyncEnabled: was, fullSyncIntervalMinutes: 120 }, TEST_ACTOR);
  expect(await read(id)).toMatchObject(paused);
  await changeSettings(deps, ref, { fullSyncEnabled: !was }, TEST_ACTOR);
  expect(await read(id)).toMatchObject({
    ...{ pausedAt: null, pausedReason: null, consecutiveFailures: 0 },
    ...alertsPaused,
  });
});

it("moves only the schedule whose interval changed, to within its new interval", async () => {
  const { id } = await connection();
  const ref = { tenantId, connectionId: id };
  await set(id, { nextFullSyncAt: new Date(start.getTime() + HOUR), nextAlertsSyncAt: start });
  const outcome = await changeSettings(deps, ref, { fullSyncIntervalMinutes: 15 }, TEST_ACTOR);
  expect(outcome).toEqual({ state: "saved", changed: ["fullSyncIntervalMinutes"] });
  const after = await read(id);
  expect(after.nextFullSyncAt!.getTime() - start.getTime()).toBeLessThanOrEqual(15 * MINUTE);
  expect(after.nextAlertsSyncAt).toEqual(start);
  expect(await changeSettings(deps, ref, { alertsSyncIntervalMinutes: 90 }, TEST_ACTOR)).toEqual({
    state: "interval_out_of_range",
  });
});
