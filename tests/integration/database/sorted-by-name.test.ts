import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { listAssetTags } from "@db/queries/assets/asset-choices";
import { listAssetUpdates } from "@db/queries/assets/asset-page";
import { listClientNames } from "@db/queries/clients/clients";
import { byName } from "@db/queries/shared/by-name";
import { assetDetails, rmmDeviceUpdates, tenantExternalEntityMappings } from "@db/schema";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";
import { createAsset, createClient, createIntegration, createTenant } from "@tests/support/factories";
import { assetSearch, readAssetBatch } from "~/features/assets/asset-list.page.server";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const names = [
  "acme 1",
  "Acme 2",
  "ACME 10",
  "Acme 10 b",
  "Acme 100",
  "Ärzte 2",
  "Arzte 10",
  "Zebra",
  "élan 3",
];
const inOrder = [
  "acme 1",
  "Acme 2",
  "ACME 10",
  "Acme 10 b",
  "Acme 100",
  "Ärzte 2",
  "Arzte 10",
  "élan 3",
  "Zebra",
];

describe("lists by name", () => {
  it("have Acme 2 before Acme 10, whatever the letters' case and accents", async () => {
    const { db } = database;
    const tenantId = (await createTenant(db)).id;
    for (const name of names) {
      await createClient(db, { tenantId, name });
      await createAsset(db, { tenantId, name });
    }
    const clients = await withTenant(db, tenantId, (tx) => listClientNames(tx, tenantId));
    expect(clients.map(({ name }) => name)).toEqual(inOrder);
    const everything = assetSearch(new URLSearchParams("state=all"));
    const rows = await readAssetBatch(db, tenantId, everything, 50, undefined);
    expect(rows.map(({ name }) => name)).toEqual(inOrder);
  });

  it("show the updates of a machine, and the tags to choose from, in the same order", async () => {
    const { db } = database;
    const tenantId = (await createTenant(db)).id;
    const { id: connectionId } = await createIntegration(db, { tenantId });
    const { id: assetId } = await createAsset(db, { tenantId });
    const of = { tenantId, connectionId, contentHash: "", observedAt: new Date() };
    await db
      .insert(tenantExternalEntityMappings)
      .values({ ...of, assetId, externalId: "d", integrationType: "levelio", displayName: "PC" });
    await db.insert(assetDetails).values({ tenantId, assetId, systemInfo: { tags: names } });
    await db
      .insert(rmmDeviceUpdates)
      .values(names.map((name) => ({ ...of, externalUpdateId: name, externalDeviceId: "d", name })));
    const read = await withTenant(db, tenantId, async (tx) => ({
      updates: (await listAssetUpdates(tx, tenantId, assetId, { limit: 50, offset: 0 })).map(
        ({ name }) => name,
      ),
      tags: await listAssetTags(tx, tenantId, 50),
    }));
    expect(read).toEqual({ updates: inOrder, tags: inOrder });
  });

  it("accept names of any length and names of only digits", async () => {
    const { db } = database;
    const tenantId = (await createTenant(db)).id;
    const long = ["1a".repeat(128), "9".repeat(256), "漢1".repeat(128), "ộ2".repeat(128), ""];
    for (const name of long) await createAsset(db, { tenantId, name });
    const found = await queryRows<{ longest: number }>(
      db,
      sql`select max(octet_length(${byName(sql`name`)}))::int as longest from assets where tenant_id = ${tenantId}`,
    );
    expect(found[0]!.longest).toBeLessThan(2_500);
  });

  it("read a page of assets from the index", async () => {
    const { db } = database;
    const tenantId = (await createTenant(db)).id;
    await db.execute(sql`
      insert into assets (id, tenant_id, asset_type, name)
      select gen_random_uuid(), ${tenantId}, 'server', 'PC-' || n from generate_series(1, 5000) n`);
    await db.execute(sql`analyze assets`);
    const plan = await queryRows<{ "QUERY PLAN": string }>(
      db,
      sql`explain select id from assets where tenant_id = ${tenantId} order by ${byName(sql`name`)}, id limit 50`,
    );
    expect(plan.map((line) => line["QUERY PLAN"]).join("\n")).toContain("assets_list_idx");
  });
});
