import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readOverview } from "~/features/overview/overview.page.server";
import { assetSearch, readAssetBatch, readAssetList } from "~/features/assets/asset-list.page.server";

import { createAsset, createIntegration } from "../../support/factories";
import { createWebWorld, type WebWorld } from "../../support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;

const details = (assetId: string, more: Record<string, unknown>) => {
  const { osType = "Windows", disks = [], systemInfo = {}, patches = 0 } = more;
  return web.database.db.execute(sql`
    insert into asset_details (asset_id, tenant_id, os_type, os_version, disks, system_info, pending_os_patches)
    values (${assetId}, ${tenant.id}, ${osType}, ${more["osVersion"] ?? "11"}, ${JSON.stringify(disks)}::text::jsonb,
      ${JSON.stringify(systemInfo)}::text::jsonb, ${patches})`);
};

beforeAll(async () => {
  web = await createWebWorld();
  tenant = await web.tenant();
  const make = async (name: string, more: Record<string, unknown> = {}) =>
    details((await createAsset(web.database.db, { tenantId: tenant.id, name })).id, more);
  await make("OLD-PC", { systemInfo: { osEndOfLife: true, securityRisk: "High", tags: ["kiosk", "till"] } });
  await make("OPEN-SRV", { osType: "Linux", systemInfo: { firewallEnabled: false }, patches: 12 });
  await make("FULL-PC", { disks: [{ name: "C:", totalBytes: 10, freeBytes: 1, utilizationPercent: 90 }] });
  await make("AV-PC", { systemInfo: { antivirusStatus: "out of date", primaryPartitionEncrypted: false } });
  await make("GOOD-MAC", {
    osType: "macOS",
    systemInfo: {
      antivirusStatus: "Up to date",
      firewallEnabled: true,
      maintenanceMode: true,
      hostname: "mac.local",
    },
    patches: 3,
  });
  await seen("OLD-PC", 40);
});
afterAll(() => web.close());

/** A device of the asset that was last seen this many days ago. */
async function seen(name: string, days: number): Promise<void> {
  const { db } = web.database;
  const connection = await createIntegration(db, { tenantId: tenant.id });
  await db.execute(sql`
    insert into tenant_external_entity_mappings (id, tenant_id, integration_id, integration_type, external_id, asset_id,
      display_name, content_hash, agent_status, last_seen_at, observed_at)
    select gen_random_uuid(), ${tenant.id}, ${connection.id}, 'levelio', ${name}, id, name, '', 'offline',
      now() - make_interval(days => ${days}::int), now()
    from assets where tenant_id = ${tenant.id} and name = ${name}`);
}

const found = async (query: string) => {
  const search = assetSearch(new URLSearchParams(query));
  const { rows } = await readAssetList(web.database.db, tenant.id, search);
  return rows.map(({ name }) => name);
};

describe("the asset list", () => {
  it.each([
    ["finding=endOfLife", ["OLD-PC"]],
    ["finding=highRisk", ["OLD-PC"]],
    ["finding=firewallOff", ["OPEN-SRV"]],
    ["finding=diskFull", ["FULL-PC"]],
    ["finding=antivirus", ["AV-PC"]],
    ["finding=notEncrypted", ["AV-PC"]],
    ["finding=maintenance", ["GOOD-MAC"]],
    ["platform=macos", ["GOOD-MAC"]],
    ["platform=linux", ["OPEN-SRV"]],
    ["platform=windows", ["AV-PC", "FULL-PC", "OLD-PC"]],
    ["tag=till", ["OLD-PC"]],
    ["q=mac.LOCAL", ["GOOD-MAC"]],
    ["q=kiosk", ["OLD-PC"]],
    ["special=unmanaged&platform=linux", ["OPEN-SRV"]],
    ["special=overridden", []],
    ["unseen=30", ["OLD-PC"]],
    ["unseen=90", []],
    ["sort=patches", ["OPEN-SRV", "GOOD-MAC", "AV-PC", "FULL-PC", "OLD-PC"]],
    ["sort=name&order=reverse", ["OPEN-SRV", "OLD-PC", "GOOD-MAC", "FULL-PC", "AV-PC"]],
    [
      "sort=nonsense&finding=nonsense&platform=x&order=y&size=-1",
      ["AV-PC", "FULL-PC", "GOOD-MAC", "OLD-PC", "OPEN-SRV"],
    ],
  ])("finds by %s", async (query, names) => {
    expect(await found(query)).toEqual(names);
  });

  it("follows the machine's facts: a finding goes when its cause goes", async () => {
    const asset = await createAsset(web.database.db, { tenantId: tenant.id, name: "MENDED" });
    await details(asset.id, { systemInfo: { firewallEnabled: false } });
    expect(await found("finding=firewallOff")).toEqual(["MENDED", "OPEN-SRV"]);
    await web.database.db.execute(
      sql`update asset_details set system_info = system_info || '{"firewallEnabled": true}' where asset_id = ${asset.id}`,
    );
    expect(await found("finding=firewallOff")).toEqual(["OPEN-SRV"]);
    await web.database.db.execute(sql`delete from assets where id = ${asset.id}`);
  });

  it("finds as many as the overview counts", async () => {
    const { condition } = await readOverview(web.database.db, tenant.id, new Date());
    for (const [finding, n] of Object.entries(condition.findings))
      expect.soft(await found(`finding=${finding}`), finding).toHaveLength(n);
    for (const [platform, n] of Object.entries(condition.platforms))
      expect.soft(await found(`platform=${platform}`), platform).toHaveLength(n);
    for (const [days, n] of Object.entries(condition.unseen))
      expect.soft(await found(`unseen=${days}`), days).toHaveLength(n);
    expect(condition.findings.endOfLife).toBe(1);
    expect(condition.unseen[30]).toBe(1);
    expect(condition.unseen[90]).toBe(0);
  });

  it("is downloaded with the filters and the order of the page, batch by batch", async () => {
    const csv = await tenant.as.viewer.get("/assets.csv?platform=windows&sort=name&order=reverse");
    const lines = (await csv.text()).trim().split("\n");
    expect(lines.map((line) => line.split(",")[1])).toEqual(["name", "OLD-PC", "FULL-PC", "AV-PC"]);
    expect(lines[1]).toContain("End-of-life system; High security risk");
    const search = assetSearch(new URLSearchParams());
    const first = await readAssetBatch(web.database.db, tenant.id, search, 4, undefined);
    const second = await readAssetBatch(web.database.db, tenant.id, search, 2, first.at(-1)!.keys);
    expect(second.map(({ name }) => name)).toEqual(["OPEN-SRV"]);
  });

  it("has a removable chip for each filter", async () => {
    const page = await (await tenant.as.viewer.get("/assets?platform=linux&finding=firewallOff")).text();
    expect(page).toContain("Remove the filter");
    expect(page).toContain("Remove all");
  });
});
