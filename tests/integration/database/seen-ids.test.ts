import { sql, type SQL } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { queryRows, withTenant, type TenantDb } from "@db/client";
import { listDoubtfulAlerts } from "@db/queries/alerts/alert-polls";
import { holdAbsentDevices, markAbsentDevicesGone, withdrawRemovals } from "@db/queries/device-sync/gone";
import { countAbsentGroups, markAbsentGroupsGone } from "@db/queries/device-sync/groups";
import { sumSweep } from "@db/queries/device-sync/sweep-sums";
import { closeAbsentUpdates, countAbsentUpdates } from "@db/queries/device-sync/updates";
import { createIntegration, createTenant } from "@tests/support/factories";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";

const RECORDS = 5_000;
const PER_PAGE = 100;

describe("what a complete sweep did not list", () => {
  let database: TestDatabase;
  let tenantId: string;
  let connectionId: string;
  let runId: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    tenantId = (await createTenant(database.db)).id;
    connectionId = (await createIntegration(database.db, { tenantId })).id;
    runId = await fillAccount(database, { tenantId, connectionId });
  });
  afterAll(() => database.close());

  const scope = () => ({ tenantId, connectionId });
  const now = new Date();
  const sweep = () => ({ ...scope(), runId, now, credibleUntil: new Date(now.getTime() + 60_000) });

  const told = () => ({ before: now, credibleUntil: sweep().credibleUntil });

  it.each<[string, (tx: TenantDb) => Promise<unknown>]>([
    ["devices, to count them", (tx) => sumSweep(tx, sweep())],
    ["devices, to mark them as gone", (tx) => markAbsentDevicesGone(tx, sweep())],
    ["devices, to hold them", (tx) => holdAbsentDevices(tx, sweep(), "held")],
    ["devices held that it did list", (tx) => withdrawRemovals(tx, sweep())],
    ["updates, to count them", (tx) => countAbsentUpdates(tx, sweep())],
    ["updates, to close them", (tx) => closeAbsentUpdates(tx, sweep())],
    ["groups, to count them", (tx) => countAbsentGroups(tx, tenantId, connectionId, runId)],
    ["groups, to mark them as gone", (tx) => markAbsentGroupsGone(tx, tenantId, connectionId, runId, now)],
    ["alerts", (tx) => listDoubtfulAlerts(tx, { ...scope(), id: runId }, told(), "", 100)],
  ])("is found without comparing each record with each id: %s", async (_, query) => {
    const plans = await plansOf(database, tenantId, query);
    expect(plans).toHaveLength(1);
    for (const plan of plans) {
      expect(plan).toContain("Join");
      // An InitPlan runs once; a SubPlan may run for each row.
      expect(plan).not.toContain("SubPlan");
    }
  });

  it("is what no page lists, in every resource", async () => {
    const found = await withTenant(database.db, tenantId, async (tx) => ({
      devices: await sumSweep(tx, sweep()),
      groups: await countAbsentGroups(tx, tenantId, connectionId, runId),
      missing: await countAbsentUpdates(tx, sweep()),
      updates: await closeAbsentUpdates(tx, sweep()),
      gone: (await markAbsentDevicesGone(tx, sweep())).length,
      alerts: await listDoubtfulAlerts(tx, { ...scope(), id: runId }, told(), "", 100),
    }));
    expect(found).toMatchObject({
      devices: { known: RECORDS, absent: PER_PAGE, unnamed: 1, listedInGroups: RECORDS - PER_PAGE + 3 },
      groups: { known: RECORDS, absent: PER_PAGE },
      missing: { known: RECORDS, absent: PER_PAGE },
      updates: PER_PAGE,
      gone: PER_PAGE / 2,
    });
    expect(found.alerts).toHaveLength(PER_PAGE);
  });
});

/** An account of which a run listed all but a page of each resource. Returns the run. */
async function fillAccount(
  { db }: TestDatabase,
  { tenantId, connectionId }: { tenantId: string; connectionId: string },
): Promise<string> {
  const [run] = await queryRows<{ id: string }>(
    db,
    sql`insert into rmm_sync_runs (id, tenant_id, integration_id, type, status, trigger, actor, key, transport,
          requested_at, started_at)
        values (gen_random_uuid(), ${tenantId}, ${connectionId}, 'full', 'running', 'manual', 'test', 'levelio:full',
          'direct', now(), now() - interval '1 minute') returning id`,
  );
  const n = sql`generate_series(1, ${RECORDS}::int) n`;
  const before = sql`now() - interval '1 hour'`;
  await db.execute(sql`
    insert into tenant_external_entity_mappings (id, tenant_id, integration_id, integration_type, external_type,
      external_id, external_group_id, display_name, content_hash, observed_at, created_at)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, 'levelio', 'device', 'id-' || n, 'group', 'PC ' || n, '',
      ${before}, ${before} from ${n}`);
  await db.execute(sql`
    insert into rmm_device_updates (id, tenant_id, integration_id, external_update_id, external_device_id, name,
      is_available, content_hash, observed_at, created_at)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, 'id-' || n, 'id-' || n, 'KB', true, '', ${before}, ${before}
    from ${n}`);
  await db.execute(sql`
    insert into rmm_organization_mappings (id, tenant_id, integration_id, external_id, name, path)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, 'id-' || n, 'G', 'G' from ${n}`);
  await db.execute(sql`
    insert into rmm_alerts (id, tenant_id, integration_id, external_alert_id, name, severity, status, started_at,
      observed_at, observed_via, content_hash)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, 'id-' || n, 'Disk', 'minor', 'active', ${before},
      ${before}, 'sweep', '' from ${n}`);
  // Held removals: of half of the unlisted page, and of all the others.
  await db.execute(sql`
    insert into rmm_held_changes (id, tenant_id, integration_id, run_id, external_id, kind, state, name, reason)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, ${run!.id}, 'id-' || n, 'removal', 'held', 'PC', ''
    from ${n} where n > ${PER_PAGE / 2}::int`);
  // Unreadable records: known devices, each of two pages, three unknown devices, and a record of another resource.
  await db.execute(sql`
    insert into rmm_sync_run_errors (id, tenant_id, run_id, resource, severity, external_id, reason)
    select gen_random_uuid(), ${tenantId}, ${run!.id}, resource, 'record', id, 'odd'
    from (select 'devices' as resource, 'id-' || n as id from ${n}
          union all select 'devices', 'new-' || n from generate_series(1, 3) n, generate_series(1, 2)
          union all select 'devices', null
          union all select 'updates', 'update-' || n from generate_series(1, 50) n) odd`);
  await db.execute(sql`
    insert into rmm_sync_run_pages (tenant_id, run_id, resource, walk, sequence, is_last, ids_seen, seen, created,
      updated, unchanged, skipped, failed, committed_at)
    select ${tenantId}, ${run!.id}, resource, 0, page, false,
      array(select 'id-' || (page * ${PER_PAGE}::int + i) from generate_series(1, ${PER_PAGE}::int) i),
      ${PER_PAGE}::int, 0, 0, ${PER_PAGE}::int, 0, 0, now()
    from unnest(array['groups', 'devices', 'updates', 'alerts']) resource,
      generate_series(1, ${RECORDS / PER_PAGE - 1}::int) page`);
  await db.execute(sql`analyze`);
  return run!.id;
}

/** The plans of a query's statements that read the ids of pages. Nothing is stored. */
async function plansOf(
  { db }: TestDatabase,
  tenantId: string,
  query: (tx: TenantDb) => Promise<unknown>,
): Promise<string[]> {
  const rollback = new Error("only looked at");
  const plans: string[] = [];
  await withTenant(db, tenantId, async (tx) => {
    const prepared = vi.spyOn(tx._.session, "prepareQuery");
    await query(tx);
    const statements = prepared.mock.calls.map(([statement]) => statement);
    prepared.mockRestore();
    for (const statement of statements.filter(({ sql: text }) => text.includes("ids_seen"))) {
      const rows = await queryRows<{ "QUERY PLAN": string }>(tx, sql`explain ${toSql(statement)}`);
      plans.push(rows.map((row) => row["QUERY PLAN"]).join("\n"));
    }
    throw rollback;
  }).catch((error: unknown) => {
    if (error !== rollback) throw error;
  });
  return plans;
}

const toSql = ({ sql: text, params }: { sql: string; params: unknown[] }): SQL =>
  sql.join(
    text.split(/\$(\d+)/).map((part, i) => (i % 2 === 0 ? sql.raw(part) : sql`${params[Number(part) - 1]}`)),
  );
