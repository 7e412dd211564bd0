import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Db } from "@db/client";
import { clientOrder, readClients } from "~/features/clients/clients.page.server";
import { coverageSearch, readCoverage } from "~/features/coverage/coverage.page.server";
import { readOverview } from "~/features/overview/overview.page.server";

import { seedFleet } from "../../bench/list-fleet";
import { planStatements } from "../../bench/list-statements";
import { createTestDatabase, type TestDatabase } from "../../support/database";

const now = new Date();
let database: TestDatabase;
let tenantId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ tenantId } = await seedFleet(database.db, { assets: 4000, updates: 8000, alerts: 8000, clients: 100 }));
});
afterAll(() => database.close());

/** The tables that a page reads from end to end, each as often as it does. */
async function wholeTables(read: (db: Db) => Promise<unknown>): Promise<string[]> {
  const statements = await planStatements(database.db, tenantId, () => read(database.db));
  const scanned = statements.flatMap(({ plan }) => [...plan.matchAll(/Seq Scan on (\w+) .*actual/g)]);
  const large = [
    "asset_list",
    "assets",
    "rmm_alerts",
    "rmm_device_updates",
    "tenant_external_entity_mappings",
  ];
  return scanned.map(([, table]) => table!).filter((table) => large.includes(table));
}

describe("of a large fleet", () => {
  it("the overview reads the list of assets once, and no alert that is over", async () => {
    expect(await wholeTables((db) => readOverview(db, tenantId, now))).toEqual(["asset_list"]);
  });

  it("the list of clients reads the list of assets once, and no alert that is over", async () => {
    const read = (db: Db) =>
      readClients(
        db,
        tenantId,
        { text: undefined, archived: false },
        clientOrder(new URLSearchParams()),
        1,
        now,
      );
    expect(await wholeTables(read)).toEqual(["asset_list"]);
  });

  it.each(["assets", "devices", "clients", "groups"])("the gaps of %s are found by index", async (kind) => {
    const search = coverageSearch(new URLSearchParams({ kind }));
    expect(await wholeTables((db) => readCoverage(db, tenantId, search))).toEqual([]);
  });
});
