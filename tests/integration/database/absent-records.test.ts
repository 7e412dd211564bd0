import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { withTenant, type TenantDb } from "@db/client";
import { listDoubtfulAlerts } from "@db/queries/alerts/alert-polls";
import { listClientLosses } from "@db/queries/device-sync/client-losses";
import {
  holdAbsentDevices,
  markAbsentDevicesGone,
  planAbsentDevices,
  withdrawRemovals,
} from "@db/queries/device-sync/gone";
import { countAbsentGroups, markAbsentGroupsGone } from "@db/queries/device-sync/groups";
import { listAssetsListedBy } from "@db/queries/device-sync/identity";
import { sumSweep } from "@db/queries/device-sync/sweep-sums";
import { closeAbsentUpdates, countAbsentUpdates } from "@db/queries/device-sync/updates";

import { seedFleet } from "../../bench/list-fleet";
import { planStatements } from "../../bench/list-statements";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { makeEndedRun } from "../../support/ended-run";
import { createIntegration, createTenant } from "../../support/factories";

const RECORDS = 600;
const LISTED = RECORDS - 1;
const AN_HOUR_AGO = "now() - interval '1 hour'";

describe("what a complete sweep did not list, of a tenant that shares its tables with another", () => {
  let database: TestDatabase;
  let sweep: Parameters<typeof sumSweep>[1];
  let assetIds: string[];

  beforeAll(async () => {
    database = await createTestDatabase();
    const { db } = database;
    await seedFleet(db, { assets: RECORDS, updates: RECORDS, alerts: RECORDS, clients: 10 });
    await db.execute(sql`analyze`);

    // By the statistics this tenant has no row.
    const { id: tenantId } = await createTenant(db);
    const { id: connectionId } = await createIntegration(db, { tenantId });
    const now = new Date();
    const runId = await makeEndedRun(db, { tenantId, connectionId, now }, { endedDaysAgo: 0, durationS: 60 });
    const records = sql`generate_series(1, ${RECORDS}::int) n`;
    const ago = sql.raw(AN_HOUR_AGO);
    const assets = await db.execute(sql`
      insert into assets (id, tenant_id, asset_type, name) select gen_random_uuid(), ${tenantId}, 'server', 'Asset ' || n
      from ${records} returning id`);
    assetIds = Array.from(assets as Iterable<{ id: string }>, ({ id }) => id);
    await db.execute(sql`
      insert into tenant_external_entity_mappings (id, tenant_id, integration_id, integration_type, external_id, asset_id,
        display_name, content_hash, observed_at, created_at)
      select gen_random_uuid(), ${tenantId}, ${connectionId}, 'levelio', 'devices-' || n, a.id, a.name, '', ${ago}, ${ago}
      from (select id, name, row_number() over () as n from assets where tenant_id = ${tenantId}) a`);
    await db.execute(sql`
      insert into rmm_device_updates (id, tenant_id, integration_id, external_update_id, external_device_id, name,
        is_available, content_hash, available_since, observed_at, created_at)
      select gen_random_uuid(), ${tenantId}, ${connectionId}, 'updates-' || n, 'devices-' || n, 'Update', true, '', ${ago},
        ${ago}, ${ago}
      from ${records}`);
    await db.execute(sql`
      insert into rmm_organization_mappings (id, tenant_id, integration_id, external_id, name, path, state)
      select gen_random_uuid(), ${tenantId}, ${connectionId}, 'groups-' || n, 'Group ' || n, 'Group ' || n, 'inherit'
      from ${records}`);
    await db.execute(sql`
      insert into rmm_held_changes (id, tenant_id, integration_id, run_id, external_id, kind, state, name)
      select gen_random_uuid(), ${tenantId}, ${connectionId}, ${runId}, 'devices-' || n, 'removal', 'held', ''
      from ${records}`);
    await db.execute(sql`
      insert into rmm_alerts (id, tenant_id, integration_id, external_alert_id, external_device_id, name, severity,
        status, started_at, content_hash, observed_at, observed_via)
      select gen_random_uuid(), ${tenantId}, ${connectionId}, 'alerts-' || n, 'devices-' || n, 'Alert', 'major', 'active',
        ${ago}, '', ${ago}, 'sweep'
      from ${records}`);
    await db.execute(sql`
      insert into rmm_sync_run_pages (tenant_id, run_id, resource, walk, sequence, is_last, ids_seen, seen)
      select ${tenantId}, ${runId}, resource, 0, 1 + n / 100, false, array_agg(resource || '-' || n), count(*)
      from unnest(array['devices', 'updates', 'groups', 'alerts']) resource, generate_series(1, ${LISTED}::int) n
      group by resource, n / 100`);
    sweep = { tenantId, connectionId, runId, now, credibleUntil: now };
  }, 120_000);
  afterAll(() => database.close());

  const within = <T>(work: (tx: TenantDb) => Promise<T>): Promise<T> =>
    withTenant(database.db, sweep.tenantId, work);

  const works: Record<string, (tx: TenantDb) => Promise<unknown>> = {
    "devices, summed up": (tx) => sumSweep(tx, sweep),
    "devices, by client": (tx) =>
      listClientLosses(tx, { ...sweep, isDryRun: false, isSweep: true, since: sweep.now }),
    "devices, planned": (tx) =>
      planAbsentDevices(tx, sweep, { all: null, ofClients: { clientIds: [], reason: "" } }),
    "devices, held": (tx) => holdAbsentDevices(tx, sweep, "a reason"),
    "devices, withdrawn": (tx) => withdrawRemovals(tx, sweep),
    "devices, marked as gone": (tx) => markAbsentDevicesGone(tx, sweep),
    "assets of listed devices": (tx) => listAssetsListedBy(tx, sweep, assetIds),
    "groups, counted": (tx) => countAbsentGroups(tx, sweep.tenantId, sweep.connectionId, sweep.runId),
    "groups, marked as gone": (tx) =>
      markAbsentGroupsGone(tx, sweep.tenantId, sweep.connectionId, sweep.runId, sweep.now),
    "updates, counted": (tx) => countAbsentUpdates(tx, sweep),
    "updates, closed": (tx) => closeAbsentUpdates(tx, sweep),
    alerts: (tx) =>
      listDoubtfulAlerts(
        tx,
        { ...sweep, id: sweep.runId },
        { before: sweep.now, credibleUntil: sweep.now },
        "",
        RECORDS,
      ),
  };

  it.each(Object.entries(works))("is found without comparing each record with each: %s", async (_, work) => {
    const plans = await planStatements(database.db, sweep.tenantId, () => within(work));
    expect(plans.length).toBeGreaterThan(0);
    for (const { plan } of plans) {
      const compared = [...plan.matchAll(/Rows Removed by (?:Join )?Filter: (\d+)/g)].map(([, n]) =>
        Number(n),
      );
      expect(Math.max(0, ...compared), plan).toBeLessThanOrEqual(2 * RECORDS);
    }
  });
});
