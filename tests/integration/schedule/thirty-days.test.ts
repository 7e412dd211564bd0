import { randomUUID } from "node:crypto";

import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { offsetMinutes } from "@domain/schedule";
import { createSchedulerFunction } from "@inngest/functions/scheduler";

import { createTestDatabase, type TestDatabase } from "../../support/database";
import { createIntegration, createTenant } from "../../support/factories";
import { caughtUp, openApp } from "../../conformance/in-process-runner";
import { depsWithoutReading, promisedNights, promisedRuns } from "../../support/schedule";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = new Date("2026-10-10T09:30:00Z");
const LOOK_EACH = HOUR;

const INTERVALS = { fullSyncIntervalMinutes: 360, alertsSyncIntervalMinutes: 60 };

let database: TestDatabase;
/** The time that the machine's clock shows. */
let now: Date;
let nights: number;
let app: ReturnType<typeof openApp> | undefined;
const zone = process.env["TZ"];

beforeEach(async () => {
  process.env["TZ"] = "Europe/Berlin";
  database = await createTestDatabase();
  now = START;
  nights = 0;
});

afterEach(async () => {
  await app?.runner.stop();
  await database.close();
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

/** A process with the scheduler, and with a nightly function at an hour that daylight saving affects. */
async function start(): Promise<void> {
  const deps = depsWithoutReading({
    db: database.db,
    clock: () => now,
    log: { debug() {}, info() {}, warn() {}, error: (fields) => fail(fields) },
    startedAt: now,
  });
  app = openApp(
    database.db,
    (client) => [
      createSchedulerFunction(client, deps),
      client.createFunction(
        { id: "nightly", triggers: [{ cron: "TZ=Europe/Berlin 30 2 * * *" }] },
        () => void nights++,
      ),
    ],
    // A test machine may pause for longer than a lease lasts; another test covers what that costs.
    { now: () => now, pollMs: 5, leaseMs: 30 * MINUTE },
  );
  await app.runner.start();
}

async function stop(): Promise<void> {
  await app?.runner.stop();
  app = undefined;
}

function fail(fields: object): never {
  throw new Error(JSON.stringify(fields));
}

/** Sets the clock and does what is due by then. Returns whether anything was. */
async function clockShows(at: number): Promise<boolean> {
  const { runner } = app!;
  const before = runner.stats().runs;
  now = new Date(at);
  await caughtUp(runner);
  return runner.stats().runs > before;
}

/** Ends open runs as if they had been executed, so that the next ones may start. */
const endRuns = () =>
  database.db.execute(
    sql`update rmm_sync_runs set status = 'completed', ended_at = now() where status = 'queued'`,
  );

/** An id whose alerts are compared at this minute of each hour. */
function idWithAlertsAtMinute(minute: number): string {
  for (;;) {
    const connectionId = randomUUID();
    if (offsetMinutes({ kind: "alerts", connectionId, intervalMinutes: 60 }) === minute) return connectionId;
  }
}

const isDown = (elapsed: number) =>
  (elapsed >= 4 * DAY && elapsed < 4 * DAY + 5 * HOUR) || (elapsed >= 21 * DAY && elapsed < 22 * DAY);

/** The error of the machine's clock, by elapsed time. It is corrected once while nothing runs. */
const clockOff = (elapsed: number) =>
  (elapsed >= 2 * DAY ? 3 * HOUR + 7_003 : 0) +
  (elapsed >= 7 * DAY ? -2 * HOUR - 3_011 : 0) +
  (elapsed >= 12 * DAY && elapsed < 13 * DAY ? 40 * DAY : 0) +
  (elapsed >= 17 * DAY ? -9 * HOUR - 11_017 : 0) +
  (elapsed >= 20 * DAY && elapsed < 21.5 * DAY ? 40 * DAY : 0);

it("runs each kind as often as promised, give or take one, over 30 days with restarts, downtime, a clock that jumps both ways, and the end of daylight saving", async () => {
  const { id: tenantId } = await createTenant(database.db);
  // The clock is looked at, and put back, within these minutes of the hour.
  const connections = [29, 30, 31].map(idWithAlertsAtMinute);
  for (const id of connections) await createIntegration(database.db, { ...INTERVALS, id, tenantId });
  expect(new Date(START.getTime() + 30 * DAY).getTimezoneOffset()).not.toBe(START.getTimezoneOffset());
  /** The instants at which the runner, and the scheduler that it runs each minute, looked. */
  const looked: number[] = [];
  const scheduled: number[] = [];
  for (let elapsed = 0; elapsed < 30 * DAY; elapsed += LOOK_EACH) {
    if (isDown(elapsed) || elapsed % (2 * DAY) === 0) await stop();
    if (isDown(elapsed)) continue;
    const at = START.getTime() + elapsed + clockOff(elapsed);
    if (app === undefined) {
      now = new Date(at);
      await start();
    }
    looked.push(at);
    // After a clock was set back, or is new, it has not reached the scheduler's next minute yet.
    if (await clockShows(at)) scheduled.push(at);
    else {
      looked.push(at + MINUTE);
      scheduled.push(at + MINUTE);
      await clockShows(at + MINUTE);
    }
    await endRuns();
  }
  const rows = await queryRows<{ id: string; type: string; n: number }>(
    database.db,
    sql`select integration_id as id, type, count(*)::int as n from rmm_sync_runs group by 1, 2`,
  );
  for (const id of connections) {
    for (const [kind, intervalMinutes] of [
      ["full", INTERVALS.fullSyncIntervalMinutes],
      ["alerts", INTERVALS.alertsSyncIntervalMinutes],
    ] as const) {
      const ran = rows.find((row) => row.id === id && row.type === kind)!.n;
      const promised = promisedRuns({ kind, connectionId: id, intervalMinutes }, scheduled);
      expect(promised).toBeGreaterThan(100);
      // A new connection is due at once, outside the grid.
      expect(Math.abs(ran - 1 - promised), `${kind}: ${ran} of ${promised}`).toBeLessThanOrEqual(1);
    }
  }
  const promised = promisedNights({ hour: 2, minute: 30 }, looked);
  expect(promised).toBeGreaterThan(28);
  expect(Math.abs(nights - promised), `nights: ${nights} of ${promised}`).toBeLessThanOrEqual(1);
}, 600_000);
