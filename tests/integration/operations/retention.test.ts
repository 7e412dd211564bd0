import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { incidentEntries, incidents, rmmAlerts, rmmDeviceUpdates, rmmUpdateIntervals } from "@db/schema";
import { audit } from "@db/queries/audit/audit";
import { DEFAULT_RETENTION } from "@domain/retention";
import {
  pruneListedIds,
  pruneOldAudit,
  pruneOldIncidents,
  pruneOldUpdates,
} from "~/features/sync-runs/prune";

import { createTestDatabase, type TestDatabase } from "../../support/database";
import { createIntegration, createTenant } from "../../support/factories";
import { createMappedWorld } from "../../support/synced-world";
import { TEST_ACTOR } from "../../support/sync";

const DAY = 86_400_000;
const NOW = new Date("2026-11-23T04:00:00Z");
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY);

let database: TestDatabase;
let place: { tenantId: string; connectionId: string };
let deps: Parameters<typeof pruneOldIncidents>[0];

beforeAll(async () => {
  database = await createTestDatabase();
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  deps = { db: database.db, clock: () => NOW, log };
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.execute(sql`delete from tenants`);
  const { id: tenantId } = await createTenant(database.db);
  place = { tenantId, connectionId: (await createIntegration(database.db, { tenantId })).id };
});

let made = 0;

/** An incident with one alert, both resolved this many days ago. */
async function makeIncident(
  days: number,
  incident: Partial<typeof incidents.$inferInsert> = {},
  alert: Partial<typeof rmmAlerts.$inferInsert> = {},
): Promise<string> {
  const at = daysAgo(days);
  const name = `alert-${++made}`;
  const [row] = await database.db
    .insert(incidents)
    .values({
      ...{ ...place, name, state: "resolved", severity: "major", severityRank: 1 },
      ...{ openedAt: at, lastAlertAt: at, resolvedAt: at, ...incident },
    })
    .returning();
  await database.db.insert(rmmAlerts).values({
    ...{ ...place, name, externalAlertId: name, severity: "major", status: "resolved", startedAt: at },
    ...{ resolvedAt: at, contentHash: "", observedAt: at, observedVia: "webhook", groupingDue: 0 },
    ...{ incidentId: row!.id, ...alert },
  });
  return row!.id;
}

const incidentIds = async () => (await database.db.select().from(incidents)).map(({ id }) => id).sort();

describe("resolved alerts", () => {
  it("go with their incident after 400 days, unless a person worked on it", async () => {
    const gone = await makeIncident(401);
    const young = await makeIncident(399);
    const closedByHand = await makeIncident(401, { closedByPersonAt: daysAgo(401) });
    const alertClosedByHand = await makeIncident(401, {}, { observedVia: "person" });
    const commented = await makeIncident(401);
    await database.db.insert(incidentEntries).values({
      ...{
        tenantId: place.tenantId,
        incidentId: commented,
        kind: "comment",
        actor: "Ada",
        text: "Fan replaced",
      },
      at: daysAgo(401),
    });
    const notYetGrouped = await makeIncident(401, {}, { groupingDue: 1 });
    const stillActive = await makeIncident(401, {}, { status: "active", resolvedAt: null });
    expect(await pruneOldIncidents(deps)).toBe(1);
    const kept = [young, closedByHand, alertClosedByHand, commented, notYetGrouped, stillActive];
    expect(await incidentIds()).toEqual(kept.sort());
    expect(kept).not.toContain(gone);
    expect(await database.db.select().from(rmmAlerts)).toHaveLength(kept.length);
  });

  it("of a storm go before the storm, and are kept as long as the installation says", async () => {
    const storm = await makeIncident(30, { kind: "storm" });
    const part = await makeIncident(30, { stormId: storm });
    const shorter = { ...deps, retention: { ...DEFAULT_RETENTION, alerts: 20 } };
    expect(await pruneOldIncidents(deps)).toBe(0);
    expect(await pruneOldIncidents(shorter)).toBe(1);
    expect(await incidentIds()).toEqual([storm]);
    expect(await pruneOldIncidents(shorter)).toBe(1);
    expect([await incidentIds(), part]).toEqual([[], part]);
  });
});

it("installed updates go after 400 days, and so do former intervals of available ones", async () => {
  const makeUpdate = async (externalUpdateId: string, endedAt: Date | null) => {
    const [row] = await database.db
      .insert(rmmDeviceUpdates)
      .values({
        ...{ ...place, externalUpdateId, externalDeviceId: "device", name: "KB1", contentHash: "" },
        ...{ isAvailable: endedAt === null, endedAt, observedAt: NOW },
      })
      .returning();
    return row!.id;
  };
  await makeUpdate("installed-long-ago", daysAgo(401));
  await makeUpdate("installed", daysAgo(399));
  const updateId = await makeUpdate("available", null);
  const interval = { tenantId: place.tenantId, updateId, startedAt: daysAgo(500) };
  await database.db.insert(rmmUpdateIntervals).values([
    { ...interval, endedAt: daysAgo(401) },
    { ...interval, endedAt: daysAgo(10) },
  ]);
  expect(await pruneOldUpdates(deps)).toBe(2);
  const left = await database.db.select().from(rmmDeviceUpdates);
  expect(left.map((row) => row.externalUpdateId).sort()).toEqual(["available", "installed"]);
  expect(await database.db.select().from(rmmUpdateIntervals)).toMatchObject([{ endedAt: daysAgo(10) }]);
});

it("the audit log is kept for ever unless the installation says for how long", async () => {
  await withTenant(database.db, place.tenantId, (tx) =>
    audit(tx, place.tenantId, TEST_ACTOR, { action: "run.requested", targetType: "run", targetId: "x" }),
  );
  await database.db.execute(sql`update audit_log set created_at = ${daysAgo(1000).toISOString()}`);
  expect(await pruneOldAudit(deps)).toBe(0);
  expect(await pruneOldAudit({ ...deps, retention: { ...DEFAULT_RETENTION, audit: 365 } })).toBe(1);
});

describe("the ids that a sync listed", () => {
  it("go when it is concluded, and the next sync still starts from its cursors and notices who is gone", async () => {
    const world = await createMappedWorld({ devices: 900, updatesPerDevice: 0, alerts: 0, seed: 43 });
    try {
      const listed = () =>
        queryRows(
          world.database.db,
          sql`select count(*)::int as pages, sum(cardinality(ids_seen))::int as ids from rmm_sync_run_pages
              where resource = 'devices'`,
        );
      await world.sync("full");
      expect(await listed()).toEqual([{ pages: 9, ids: 0 }]);
      world.simulator.account.removeDevice(world.simulator.account.devices.ids()[450]!);
      expect(await world.sync("full")).toMatchObject({ status: "completed", itemsGone: 1 });
    } finally {
      await world.close();
    }
  });

  it("of a sync that was cancelled go a day later", async () => {
    await database.db.execute(sql`
      with run as (
        insert into rmm_sync_runs (id, tenant_id, integration_id, type, trigger, actor, key, transport, status, ended_at)
        values (gen_random_uuid(), ${place.tenantId}, ${place.connectionId}, 'full', 'manual', 'me', 'k', 'direct',
          'cancelled', ${daysAgo(2).toISOString()})
        returning id
      )
      insert into rmm_sync_run_pages (tenant_id, run_id, resource, walk, sequence, is_last, ids_seen, seen)
      select ${place.tenantId}, id, 'devices', 0, 0, false, '{a,b}', 2 from run`);
    expect(await pruneListedIds(deps)).toBe(1);
    expect(await pruneListedIds(deps)).toBe(0);
  });
});
