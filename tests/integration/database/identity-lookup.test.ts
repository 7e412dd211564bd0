import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { listMachinesByKeys, type WantedKeys } from "@db/queries/device-sync/identity";
import { createAsset, createClient, createTenant } from "@tests/support/factories";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";

describe("looking machines up by their identity keys", () => {
  let database: TestDatabase;
  let tenantId: string;
  let clientId: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    tenantId = (await createTenant(database.db)).id;
    clientId = (await createClient(database.db, { tenantId })).id;
  });
  afterAll(() => database.close());

  const look = async (keys: Partial<WantedKeys>) => {
    const wanted = { serialKeys: [], macKeys: [], hostnames: [], ...keys };
    return withTenant(database.db, tenantId, (tx) => listMachinesByKeys(tx, tenantId, wanted));
  };
  const idsFor = async (keys: Partial<WantedKeys>) => (await look(keys)).map((row) => row.assetId);

  it("finds one by its serial number, by any of its MAC addresses, and by its hostname within the client", async () => {
    const asset = await createAsset(database.db, {
      tenantId,
      clientId,
      serialKey: "7KQ2M13",
      macKeys: ["a4bb6d000001", "a4bb6d000002"],
      hostnameKey: "front-03",
    });
    await createAsset(database.db, { tenantId, clientId });
    const elsewhere = await createClient(database.db, { tenantId });

    expect(await idsFor({ serialKeys: ["7KQ2M13", "OTHER"] })).toEqual([asset.id]);
    expect(await idsFor({ macKeys: ["a4bb6d000002"] })).toEqual([asset.id]);
    expect(await idsFor({ hostnames: [{ clientId, hostnameKey: "front-03" }] })).toEqual([asset.id]);
    expect(await idsFor({ hostnames: [{ clientId: elsewhere.id, hostnameKey: "front-03" }] })).toEqual([]);
    expect(await look({ serialKeys: ["7KQ2M13"], macKeys: ["a4bb6d000001"] })).toEqual([
      {
        assetId: asset.id,
        clientId,
        serialKey: "7KQ2M13",
        macKeys: ["a4bb6d000001", "a4bb6d000002"],
        hostnameKey: "front-03",
        manufacturer: null,
        model: null,
        diskBytes: [],
        isLinked: false,
        isNamedByHand: true,
      },
    ]);
  });

  it("never finds another tenant's", async () => {
    const other = await createTenant(database.db);
    const theirs = await createClient(database.db, { tenantId: other.id });
    await createAsset(database.db, {
      tenantId: other.id,
      clientId: theirs.id,
      serialKey: "THEIRS",
      macKeys: ["a4bb6d0000ff"],
      hostnameKey: "theirs",
    });
    const keys = {
      serialKeys: ["THEIRS"],
      macKeys: ["a4bb6d0000ff"],
      hostnames: [{ clientId: theirs.id, hostnameKey: "theirs" }],
    };
    expect(await look(keys)).toEqual([]);
  });

  it("never scans all assets for it, even as the tenant role", async () => {
    await database.db.execute(sql`
      insert into assets (id, tenant_id, client_id, asset_type, name, mac_keys)
      select gen_random_uuid(), ${tenantId}, ${clientId}, 'workstation', 'PC ' || n, array['b00000' || lpad(n::text, 6, '0')]
      from generate_series(1, 5000) n`);
    await database.db.execute(sql`analyze`);
    const sequential = await withTenant(database.db, tenantId, async (tx) => {
      // A backend reports its counts at most once a second, so those of earlier statements may be included.
      const countScans = async (): Promise<number> => {
        const rows = await queryRows<{ n: number }>(
          tx,
          sql`select pg_stat_get_xact_numscans('assets'::regclass)::int as n`,
        );
        return rows[0]!.n;
      };
      const before = await countScans();
      await listMachinesByKeys(tx, tenantId, {
        serialKeys: ["S4711"],
        macKeys: ["b00000004711"],
        hostnames: [{ clientId, hostnameKey: "pc-4711" }],
      });
      return (await countScans()) - before;
    });
    expect(sequential).toBe(0);
  });
});
