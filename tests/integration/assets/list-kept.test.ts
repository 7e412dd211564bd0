import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { listAssetTags } from "@db/queries/assets/asset-choices";
import { assetSearch, readAssetList } from "~/features/assets/asset-list.page.server";

import { createTestDatabase, type TestDatabase } from "../../support/database";
import { createAsset, createClient, createIntegration, createTenant } from "../../support/factories";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** Number of list rows that differ from what they should be, and of assets without one. */
async function strays(): Promise<unknown[]> {
  return queryRows(
    database.db,
    // The table of texts repeats what a search of nothing but a text needs.
    sql`select coalesce(l.asset_id, r.asset_id) as id, kept, to_jsonb(r) as due
        from (
          select l.asset_id, case when (x.tenant_id, x.is_current, x.name_key, x.search_text)
            is not distinct from (l.tenant_id, l.status = 'active', l.name_key, l.search_text) then to_jsonb(l) end as kept
          from asset_list l full join asset_texts x on x.asset_id = l.asset_id
        ) l full join asset_list_rows(array(select id from assets)) r on r.asset_id = l.asset_id
        where kept is distinct from to_jsonb(r)`,
  );
}

const tagsByHand = sql`select d.asset_id, tag from asset_details d, jsonb_array_elements_text(d.system_info -> 'tags') tag
  where jsonb_typeof(d.system_info -> 'tags') = 'array'`;

describe("the row that lists an asset", () => {
  it("is right after any writes to asset, details and devices", async () => {
    const { db } = database;
    const tenant = await createTenant(db);
    const tenantId = tenant.id;
    const connection = await createIntegration(db, { tenantId });
    const client = await createClient(db, { tenantId });
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) ids.push((await createAsset(db, { tenantId, name: `PC ${i}` })).id);

    const asset = fc.nat({ max: 3 }).map((i) => ids[i]!);
    const other = asset;
    const tags = fc.subarray(["kiosk", "till", "vip"]);
    const info = fc.record({
      tags,
      manufacturer: fc.constantFrom("Dell", "HP"),
      hostname: fc.constantFrom("a", "B"),
    });
    const writes = fc.oneof(
      fc.tuple(asset, fc.constantFrom("active", "gone"), fc.boolean()).map(
        ([id, status, isExempt]) =>
          sql`update assets set status = ${status}, needs_no_agent = ${isExempt}, client_id = ${isExempt ? client.id : null},
            name = name || 'x' where id = ${id}`,
      ),
      fc.tuple(asset, info, fc.nat({ max: 9 })).map(
        ([id, more, n]) => sql`
          insert into asset_details (asset_id, tenant_id, system_info, pending_os_patches, lan_ip)
          values (${id}, ${tenantId}, ${JSON.stringify(more)}::text::jsonb, ${n}, ${`10.0.0.${n}`})
          on conflict (asset_id) do update set system_info = excluded.system_info, pending_os_patches = ${n}`,
      ),
      asset.map((id) => sql`delete from asset_details where asset_id = ${id}`),
      fc.tuple(asset, other).map(
        ([from, to]) => sql`update asset_details set asset_id = ${to} where asset_id = ${from}
          and not exists (select from asset_details where asset_id = ${to})`,
      ),
      fc
        .tuple(
          asset,
          fc.constantFrom("a", "b", "c"),
          fc.constantFrom("online", "offline"),
          fc.nat({ max: 9 }),
        )
        .map(
          ([id, device, status, hours]) => sql`
          insert into tenant_external_entity_mappings (id, tenant_id, integration_id, integration_type, external_id,
            asset_id, display_name, content_hash, agent_status, last_seen_at, observed_at, external_group_id)
          values (gen_random_uuid(), ${tenantId}, ${connection.id}, 'levelio', ${device}, ${id}, '', '', ${status},
            now() - make_interval(hours => ${hours}::int), now(), ${device})
          on conflict (tenant_id, integration_id, external_type, external_id) do update set
            asset_id = excluded.asset_id, agent_status = excluded.agent_status, last_seen_at = excluded.last_seen_at,
            gone_at = case when ${hours} > 5 then now() end`,
        ),
      fc
        .constantFrom("a", "b")
        .map((device) => sql`delete from tenant_external_entity_mappings where external_id = ${device}`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(writes, { minLength: 1, maxLength: 12 }), async (statements) => {
        await withTenant(db, tenantId, async (tx) => {
          for (const statement of statements) await tx.execute(statement);
        });
        expect(await strays()).toEqual([]);
        const stray = await queryRows(
          db,
          sql`(select asset_id, tag from asset_tags except ${tagsByHand}) union all (${tagsByHand} except select asset_id, tag from asset_tags)`,
        );
        expect(stray).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it("is deleted with its asset, and tags are offered as long as an asset has them", async () => {
    const { db } = database;
    const { id: tenantId } = await createTenant(db);
    const asset = await createAsset(db, { tenantId });
    await db.execute(sql`
      insert into asset_details (asset_id, tenant_id, system_info)
      values (${asset.id}, ${tenantId}, '{"tags": ["b", "a", "a"]}')`);
    const tags = () => withTenant(db, tenantId, (tx) => listAssetTags(tx, tenantId, 10));
    expect(await tags()).toEqual(["a", "b"]);
    await db.execute(sql`delete from assets where id = ${asset.id}`);
    expect(await tags()).toEqual([]);
    expect(await queryRows(db, sql`select from asset_list where asset_id = ${asset.id}`)).toEqual([]);
    expect(await queryRows(db, sql`select from asset_texts where asset_id = ${asset.id}`)).toEqual([]);
  });
});

describe("a search in the asset list", () => {
  it("finds a machine by any of its facts", async () => {
    const { db } = database;
    const { id: tenantId } = await createTenant(db);
    await createAsset(db, { tenantId, name: "Another" });
    const asset = await createAsset(db, {
      tenantId,
      name: "Süd-Kasse 3",
      serialNumber: "5CG9-4471",
      macKeys: ["aabbccddeeff"],
    });
    const info = {
      hostname: "kasse3.laden.example",
      manufacturer: "Hewlett-Packard",
      model: "ProDesk 400 G6",
      tags: ["Filiale Süd"],
      networkInterfaces: [{ macAddress: "00:1A:2b:33:44:55", addresses: ["192.168.178.20", "fe80::1"] }],
    };
    await db.execute(sql`
      insert into asset_details (asset_id, tenant_id, os_type, os_version, lan_ip, last_logged_in_user, system_info)
      values (${asset.id}, ${tenantId}, 'Windows', '10.0.19045', '10.20.30.40', 'LADEN\\uwe', ${JSON.stringify(info)}::text::jsonb)`);
    const found = async (text: string) => {
      const list = await readAssetList(db, tenantId, assetSearch(new URLSearchParams({ q: text })));
      return list.rows.map(({ name }) => name);
    };
    const words = [
      "süd-kasse",
      "SU\u0308D-KASSE",
      "5cg9",
      "kasse3.LADEN",
      "hewlett-packard prodesk",
      "g6",
      "filiale SÜD",
    ];
    const addresses = [
      "10.20.30.40",
      "192.168.178",
      "FE80::1",
      "AA:BB:CC:DD:EE:FF",
      "aa-bb-cc",
      "aabb.ccdd.eeff",
      "168.178.20",
      "001a2b33",
      "2B:33:44",
    ];
    for (const text of [...words, ...addresses, "laden\\uwe", "windows 10.0.19045"])
      expect.soft(await found(text), text).toEqual(["Süd-Kasse 3"]);
    // Nor a text that only two addresses of an interface would form, run together.
    for (const text of ["%", "kasse_3", "3 5cg9", "nothing", "178.20fe80"])
      expect.soft(await found(text), text).toEqual([]);
  });
});
