import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { findPairs } from "@db/queries/device-sync/asset-pairs";

import { seedFleet } from "../../bench/list-fleet";
import { planStatements } from "../../bench/list-statements";
import { createTestDatabase, type TestDatabase } from "../../support/database";

const ASSETS = 2000;

describe("assets that may be one machine", () => {
  let database: TestDatabase;
  let tenantId: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    ({ tenantId } = await seedFleet(database.db, { assets: ASSETS, updates: 100, alerts: 100, clients: 10 }));
    await database.db.execute(sql`
      insert into asset_pairs (id, tenant_id, former_asset_id, current_asset_id, state)
      select gen_random_uuid(), tenant_id, id, lead(id, 1, id) over (order by id), 'distinct' from assets`);
    await database.db.execute(sql`analyze`);
  });
  afterAll(() => database.close());

  it("are found by their keys, without comparing each asset with each other", async () => {
    const plans = await planStatements(database.db, tenantId, () =>
      withTenant(database.db, tenantId, (tx) => findPairs(tx, tenantId, new Date())),
    );
    expect(plans).toHaveLength(1);
    // From 100,000 assets on, the planner compared two scans of it pair by pair.
    expect(plans[0]!.plan.match(/CTE Scan on heard/g)).toHaveLength(1);
    const compared = [...plans[0]!.plan.matchAll(/Rows Removed by (?:Join )?Filter: (\d+)/g)].map(([, n]) =>
      Number(n),
    );
    expect(Math.max(0, ...compared), plans[0]!.plan).toBeLessThanOrEqual(10 * ASSETS);
  });
});
