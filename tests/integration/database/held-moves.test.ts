import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";

import { queryRows, withTenant, type TenantDb } from "@db/client";
import { applyMoves } from "@db/queries/review/held";
import { rmmSyncRuns } from "@db/schema";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";
import { createClient, createIntegration, createTenant } from "@tests/support/factories";

const MOVES = 500;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** Number of assets of a tenant, all of one client. */
async function createAssets(tenantId: string, n: number): Promise<void> {
  const { id: clientId } = await createClient(database.db, { tenantId });
  await database.db.execute(sql`
    insert into assets (id, tenant_id, client_id, asset_type, name)
    select gen_random_uuid(), ${tenantId}, ${clientId}, 'workstation', 'PC ' || n from generate_series(1, ${n}::int) n`);
}

/** How many index and sequential scans of the assets the transaction has made. */
async function countScans(tx: TenantDb): Promise<number> {
  const [row] = await queryRows<{ n: number }>(
    tx,
    sql`select sum(pg_stat_get_xact_numscans(oid))::int as n
        from (select 'assets'::regclass::oid as oid
              union all select indexrelid from pg_index where indrelid = 'assets'::regclass) scanned`,
  );
  return row!.n;
}

it("moves of a tenant without planner statistics do not scan its assets for each of them", async () => {
  const { db } = database;
  await createAssets((await createTenant(db)).id, 5_000);
  await db.execute(sql`analyze`);
  const { id: tenantId } = await createTenant(db);
  const { id: connectionId } = await createIntegration(db, { tenantId });
  const { id: toClientId } = await createClient(db, { tenantId });
  const [run] = await db
    .insert(rmmSyncRuns)
    .values({
      tenantId,
      connectionId,
      type: "full",
      trigger: "manual",
      actor: "test",
      key: "k",
      transport: "direct",
    })
    .returning();
  await createAssets(tenantId, MOVES);
  await db.execute(sql`
    insert into rmm_held_changes (id, tenant_id, integration_id, run_id, external_id, asset_id, kind, state, name,
      from_value, to_value)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, ${run!.id}, name, id, 'move', 'staged', name, client_id,
      ${toClientId} from assets where tenant_id = ${tenantId}`);

  const { moved, scans } = await withTenant(db, tenantId, async (tx) => {
    const before = await countScans(tx);
    const moves = await applyMoves(tx, tenantId, { stagedBy: run! }, new Date());
    return { moved: moves.length, scans: (await countScans(tx)) - before };
  });

  expect(moved).toBe(MOVES);
  expect(scans).toBeLessThan(10);
});
