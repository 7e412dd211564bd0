import { eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { listDoubtfulAlerts, listNamedAlerts } from "@db/queries/alerts/alert-polls";
import type { RunRow } from "@db/queries/sync-runs/runs";
import {
  assets,
  notifications,
  outgoingSubscriptions,
  rmmAlerts,
  rmmSyncRuns,
  tenantExternalEntityMappings,
} from "@db/schema";
import { latestCredibleInstant } from "@domain/observation";
import type { AlertSnapshot } from "@domain/snapshots";
import { recordAlerts } from "~/features/alert-sync/record-alerts";
import type { SyncDeps } from "~/platform/ports";
import { followClockBack } from "~/features/operations/clock-rollback";
import { sweepSilentRuns } from "~/features/sync-execution/reaper";

import { createTestDatabase, type TestDatabase } from "../../support/database";
import { createAsset, createIntegration, createTenant } from "../../support/factories";
import { depsWithoutReading } from "../../support/schedule";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The clock after it was set back by nine hours. */
const NOW = new Date("2026-05-05T03:00:00Z");
const later = (ms: number) => new Date(NOW.getTime() + ms);

let database: TestDatabase;
let now: Date;
let deps: SyncDeps;
let tenantId: string;
let connectionId: string;

beforeEach(async () => {
  database = await createTestDatabase();
  now = NOW;
  deps = depsWithoutReading({ db: database.db, clock: () => now, startedAt: later(8 * HOUR) });
  tenantId = (await createTenant(database.db)).id;
  connectionId = (await createIntegration(database.db, { tenantId })).id;
});

afterEach(() => database.close());

async function openRun(row: Partial<RunRow>): Promise<string> {
  const base = { tenantId, connectionId, type: "full", trigger: "schedule", actor: "schedule" } as const;
  const [run] = await database.db
    .insert(rmmSyncRuns)
    .values({ ...base, key: "a run", transport: "inngest", ...row })
    .returning();
  return run!.id;
}

const read = async (id: string) =>
  (await database.db.select().from(rmmSyncRuns).where(eq(rmmSyncRuns.id, id)))[0]!;

/** What happens each minute. */
async function lookAt(at: Date): Promise<void> {
  now = at;
  await followClockBack(deps);
  await sweepSilentRuns(deps);
}

describe("After the clock was set back", () => {
  it("a run that died before is closed two minutes later, and not only when the clock has caught up", async () => {
    const at = later(9 * HOUR);
    const id = await openRun({ status: "running", requestedAt: at, startedAt: at, heartbeatAt: at });
    await lookAt(NOW);
    await lookAt(later(MINUTE));
    expect(await read(id)).toMatchObject({ status: "running", startedAt: NOW, heartbeatAt: NOW });
    await lookAt(later(2 * MINUTE + 1_000));
    expect(await read(id)).toMatchObject({ status: "failed", errorCode: "no_heartbeat" });
  });

  it("a run that waits for the RMM waits for the rest of its time", async () => {
    const heartbeatAt = later(9 * HOUR);
    const waitingUntil = later(9 * HOUR + 10 * MINUTE);
    const id = await openRun({ status: "running", requestedAt: heartbeatAt, heartbeatAt, waitingUntil });
    await lookAt(NOW);
    expect((await read(id)).waitingUntil).toEqual(later(10 * MINUTE));
    await lookAt(later(11 * MINUTE));
    expect((await read(id)).status).toBe("running");
    await lookAt(later(12 * MINUTE + 1_000));
    expect((await read(id)).status).toBe("failed");
  });

  it("a run that nobody picks up is closed after a quarter of an hour", async () => {
    const id = await openRun({ requestedAt: later(9 * HOUR) });
    await lookAt(NOW);
    await lookAt(later(14 * MINUTE));
    expect((await read(id)).status).toBe("queued");
    await lookAt(later(15 * MINUTE + 1_000));
    expect(await read(id)).toMatchObject({ status: "failed", errorCode: "not_started" });
  });

  it("an e-mail that was never tried is due, and one between two attempts keeps its wait", async () => {
    const letter = { tenantId, connectionId, kind: "failing" as const, recipients: [], body: "" };
    await database.db.insert(notifications).values([
      { ...letter, subject: "new", nextAttemptAt: later(9 * HOUR) },
      { ...letter, subject: "tried", attempts: 3, nextAttemptAt: later(HOUR) },
      { ...letter, subject: "tried, by a clock far ahead", attempts: 1, nextAttemptAt: later(999 * HOUR) },
    ]);
    await followClockBack(deps);
    const rows = await database.db.select().from(notifications);
    expect(Object.fromEntries(rows.map((row) => [row.subject, row.nextAttemptAt]))).toEqual({
      new: NOW,
      tried: later(HOUR),
      "tried, by a clock far ahead": NOW,
    });
  });
});

describe("After the clock was set back, times from a wrong clock start over:", () => {
  it("a receiver that rests longer than the longest rest is tried, and another keeps its rest", async () => {
    const receiver = { tenantId, eventNames: [] };
    await database.db.insert(outgoingSubscriptions).values([
      { ...receiver, url: "https://ahead.example", restsUntil: later(9 * HOUR) },
      { ...receiver, url: "https://away.example", restsUntil: later(15 * MINUTE) },
    ]);
    await followClockBack(deps);
    const rows = await database.db.select().from(outgoingSubscriptions);
    expect(Object.fromEntries(rows.map((row) => [row.url, row.restsUntil]))).toEqual({
      "https://ahead.example": NOW,
      "https://away.example": later(15 * MINUTE),
    });
  });

  it("an asset and its device that are gone since a future time are gone as of the present", async () => {
    const gone = { tenantId, status: "gone", goneAt: later(9 * HOUR) } as const;
    const { id: assetId } = await createAsset(database.db, gone);
    const before = later(-HOUR);
    const { id: earlier } = await createAsset(database.db, { ...gone, goneAt: before });
    const device = {
      tenantId,
      connectionId,
      integrationType: "levelio",
      contentHash: "",
      displayName: "PC",
    };
    await database.db
      .insert(tenantExternalEntityMappings)
      .values({ ...device, externalId: "device", assetId, observedAt: before, goneAt: gone.goneAt });
    await followClockBack(deps);
    const rows = await database.db.select().from(assets);
    expect(Object.fromEntries(rows.map((row) => [row.id, row.goneAt]))).toEqual({
      [assetId]: NOW,
      [earlier]: before,
    });
    expect(await database.db.select().from(tenantExternalEntityMappings)).toMatchObject([{ goneAt: NOW }]);
  });
});

describe("After the clock was set back, an alert that was reported before", () => {
  const alert: AlertSnapshot = {
    ...{ externalId: "alert-1", externalDeviceId: "device-1", deviceHostname: "HOST", name: "Disk" },
    ...{ description: "as it was", payload: null, severity: "major", providerSeverity: "critical" },
    ...{ status: "active", startedAt: later(-HOUR), resolvedAt: null },
  };
  const tell = (at: Date, more: Partial<AlertSnapshot> = {}, observedAt = at) =>
    withTenant(database.db, tenantId, (tx) =>
      recordAlerts(tx, { tenantId, connectionId, now: at }, [
        { alert: { ...alert, ...more }, observedAt, observedVia: "webhook" },
      ]),
    );
  const alerts = () => database.db.select().from(rmmAlerts);

  it("is closed by the next report of its end, and takes its text", async () => {
    await tell(later(9 * HOUR), { description: null });
    await tell(later(9 * HOUR), {}, later(8 * HOUR));
    const [told] = await tell(NOW, { status: "resolved", resolvedAt: NOW, description: "by now" });
    expect(told).toMatchObject({ outcome: "changed", status: "resolved" });
    expect(await alerts()).toMatchObject([{ status: "resolved", description: "by now", observedAt: NOW }]);
  });

  it("is checked by the next comparison, not only once the clock has caught up", async () => {
    await tell(later(9 * HOUR));
    await tell(later(9 * HOUR), { externalId: "automation:1" });
    const run = { id: await openRun({ type: "alerts" }), tenantId, connectionId };
    const told = { before: NOW, credibleUntil: latestCredibleInstant(NOW) };
    const [doubtful, named] = await withTenant(database.db, tenantId, async (tx) => [
      await listDoubtfulAlerts(tx, run, told, "", 10),
      await listNamedAlerts(tx, run, told, "", 10),
    ]);
    expect(doubtful).toMatchObject([{ externalId: "alert-1" }]);
    expect(named).toMatchObject([{ externalId: "automation:1" }]);
  });
});

it("is left alone if a right clock wrote it, or another process whose clock is some seconds ahead", async () => {
  const heartbeatAt = later(5_000);
  const run = { requestedAt: later(-HOUR), startedAt: later(-HOUR), heartbeatAt, waitingUntil: later(HOUR) };
  const id = await openRun({ status: "running", ...run });
  expect(await followClockBack(deps)).toBe(0);
  expect(await read(id)).toMatchObject(run);
});
