import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Db } from "@db/client";
import { clientSearch, readClients } from "~/features/clients/clients.page.server";
import { coverageSearch, readCoverage } from "~/features/coverage/coverage.page.server";
import { alertFilterOf, listAlerts } from "~/features/alerts/alerts.page.server";
import { readOverview } from "~/features/overview/overview.page.server";
import {
  patchDeviceSearch,
  patchSearch,
  readPatchDevices,
  readPatches,
} from "~/features/patches/patches.page.server";
import { searchEverywhere } from "~/features/search/search.page.server";

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

/** The tables that a page scans sequentially, once per scan. */
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
  it("the overview scans the asset list once, and reads no resolved alert", async () => {
    expect(await wholeTables((db) => readOverview(db, tenantId, now))).toEqual(["asset_list"]);
  });

  it.each(["name", "devices", "fresh"])("clients by %s read no resolved alert", async (sort) => {
    const read = (db: Db) =>
      readClients(
        db,
        tenantId,
        { text: undefined, archived: false },
        clientSearch(new URLSearchParams({ sort })),
        now,
      );
    const tables = await wholeTables(read);
    expect(tables.filter((table) => table !== "asset_list")).toEqual([]);
  });

  it.each(["", "category=Security", "age=30", "category=Security&age=30"])(
    "no list of patches reads every update: %s",
    async (address) => {
      const params = new URLSearchParams(address);
      const read = async (db: Db) => {
        await readPatches(db, tenantId, patchSearch(params), now);
        await readPatchDevices(db, tenantId, patchDeviceSearch(params), now);
      };
      expect(await wholeTables(read)).not.toContain("rmm_device_updates");
    },
  );

  it("a search of alerts computes no text, and the search everywhere reads each asset's text once", async () => {
    const { filter, order, after } = alertFilterOf(new URLSearchParams({ q: "nothing like it" }));
    const plansOf = async (read: (db: Db) => Promise<unknown>) =>
      (await planStatements(database.db, tenantId, () => read(database.db)))
        .map(({ plan }) => plan)
        .join("\n");
    expect(await plansOf((db) => listAlerts(db, tenantId, filter, order, after, now))).not.toMatch(
      /fold_text\(\w+\.|Scan on assets/,
    );
    const everywhere = await plansOf((db) => searchEverywhere(db, tenantId, "admin", "nothing like it"));
    const scans = [...everywhere.matchAll(/Seq Scan on (asset_texts|asset_list|assets) /g)];
    expect(scans.map(([, table]) => table)).toEqual(["asset_texts"]);
  });

  it.each(["assets", "devices", "clients", "groups"])("the gaps of %s are found by index", async (kind) => {
    const search = coverageSearch(new URLSearchParams({ kind }));
    expect(await wholeTables((db) => readCoverage(db, tenantId, search))).toEqual([]);
  });
});
