import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { assetSorts } from "@db/queries/assets/asset-order";
import { assetSearch, readAssetList } from "~/features/assets/asset-list.page.server";

import { createAsset, createClient, createIntegration } from "../../support/factories";
import { createWebWorld, type WebWorld } from "../../support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;

/** Pages have 50 rows, so the last of three is not full. */
const ASSETS = 123;

/** Values repeat, and every sixth asset has none, so that ties and blanks meet at the edges of pages. */
beforeAll(async () => {
  web = await createWebWorld();
  tenant = await web.tenant();
  const { db } = web.database;
  const tenantId = tenant.id;
  const connection = await createIntegration(db, { tenantId });
  const clients = [await createClient(db, { tenantId }), await createClient(db, { tenantId })];
  for (let i = 0; i < ASSETS; i++) {
    const asset = await createAsset(db, {
      tenantId,
      name: `pc ${i % 40}`,
      clientId: clients[i % 3]?.id ?? null,
      assetType: i % 4 === 0 ? "server" : "workstation",
      serialNumber: i % 7 === 0 ? null : `SN-${i % 11}`,
    });
    if (i % 6 === 0) continue;
    const info = { manufacturer: "Dell", model: i % 5 === 0 ? null : `M${i % 9}`, securityScore: i % 10 };
    await db.execute(sql`
      insert into asset_details (asset_id, tenant_id, os_type, os_version, lan_ip, last_logged_in_user, disks,
        system_info, pending_os_patches)
      values (${asset.id}, ${tenantId}, 'Windows', ${`11.${i % 12}`}, ${`10.0.${i % 3}.${i}`}, ${`user ${i % 8}`},
        ${JSON.stringify([{ utilizationPercent: i % 100 }])}::text::jsonb, ${JSON.stringify(info)}::text::jsonb, ${i % 5})`);
    await db.execute(sql`
      insert into tenant_external_entity_mappings (id, tenant_id, integration_id, integration_type, external_id,
        asset_id, display_name, content_hash, agent_status, last_seen_at, observed_at)
      values (gen_random_uuid(), ${tenantId}, ${connection.id}, 'levelio', ${String(i)}, ${asset.id}, '', '',
        ${i % 2 === 0 ? "online" : "offline"}, now() - make_interval(hours => ${i % 30}::int), now())`);
  }
  // Without statistics the plan of a page takes 140 ms, with them 7 ms; these tests read 300 pages.
  await db.execute(sql`analyze`);
});
afterAll(() => web.close());

const page = (query: string) =>
  readAssetList(web.database.db, tenant.id, assetSearch(new URLSearchParams(query)));

const idsOf = ({ rows }: { rows: { id: string }[] }) => rows.map(({ id }) => id);

describe("the pages of the asset list", () => {
  const orders = assetSorts.flatMap((sort) => [`sort=${sort}`, `sort=${sort}&order=reverse`]);

  it.each(orders)("lead from the first to the last and back, each asset once, by %s", async (order) => {
    const start = await page(order);
    const pages = [start];
    for (let at = start; at.next !== undefined;) pages.push((at = await page(`${order}&after=${at.next}`)));
    const walked = pages.flatMap(idsOf);
    expect(pages.map(({ first }) => first)).toEqual([0, 50, 100]);
    expect(new Set(walked).size).toBe(ASSETS);
    expect(walked).toHaveLength(ASSETS);

    const last = await page(`${order}&page=last`);
    expect(idsOf(last)).toEqual(walked.slice(100));
    expect(last.next).toBeUndefined();
    const before = await page(`${order}&before=${last.previous}`);
    expect([before.first, ...idsOf(before)]).toEqual([50, ...walked.slice(50, 100)]);
    expect(idsOf(await page(`${order}&before=${before.previous}`))).toEqual(walked.slice(0, 50));
    for (const n of [1, 2, 3]) expect(idsOf(await page(`${order}&page=${n}`))).toEqual(idsOf(pages[n - 1]!));
  });

  it("continue after a row that is gone meanwhile", async () => {
    const first = await page("sort=name");
    const lost = first.rows.at(-1)!;
    const rest = idsOf(await page(`sort=name&after=${first.next}`));
    await web.database.db.execute(sql`update assets set status = 'gone' where id = ${lost.id}`);
    const after = await page(`sort=name&after=${first.next}`);
    expect(idsOf(after)).toEqual(rest);
    expect([after.first, after.total]).toEqual([49, ASSETS - 1]);
    await web.database.db.execute(sql`update assets set status = 'active' where id = ${lost.id}`);
  });

  it("start at the beginning for an invalid place, or one in another order", async () => {
    const start = idsOf(await page("sort=name"));
    const { next } = await page("sort=patches");
    const long = Buffer.from(JSON.stringify(["assets:name", "\u0000", start[0]])).toString("base64url");
    for (const after of [next!, "x", "", "W10", long, "A".repeat(9000)])
      expect.soft(idsOf(await page(`sort=name&after=${after}`)), after).toEqual(start);
    expect(idsOf(await page("sort=name&before=nonsense&page=-3"))).toEqual(start);
  });

  it("start at the beginning after the last row, and end with the last page for a number beyond it", async () => {
    const beyond = Buffer.from(
      JSON.stringify(["assets:name", "zzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"]),
    ).toString("base64url");
    const end = await page(`after=${beyond}`);
    expect([end.first, end.rows.length]).toEqual([100, 23]);
    const far = await tenant.as.viewer.get("/assets?page=9999&q=pc");
    expect(far.status).toBe(302);
    expect(far.headers.get("Location")).toBe("/assets?page=3&q=pc");
  });

  it("keep the page size that was last chosen", async () => {
    const chosen = await tenant.as.viewer.get("/assets?size=100");
    expect((await chosen.text()).replaceAll("<!-- -->", "")).toContain("1–100 of 123 assets");
    const cookie = chosen.headers.get("Set-Cookie")!.split(";")[0]!;
    expect(cookie).toMatch(/^page_size=/);
    const { pageSize } = assetSearch(new URLSearchParams("size=7"), 200);
    expect(pageSize).toBe(200);
  });

  it("are all in the file, in their order", async () => {
    const csv = await (await tenant.as.viewer.get("/assets.csv?sort=patches")).text();
    const ids = csv
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",")[0]);
    expect(ids).toHaveLength(ASSETS);
    expect(ids.slice(0, 50)).toEqual(idsOf(await page("sort=patches")));
  });
});
