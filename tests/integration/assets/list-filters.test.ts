import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { assetSearch, readAssetList } from "~/features/assets/asset-list.page.server";

import { createAsset, createClient, createGroup, createIntegration } from "../../support/factories";
import { createWebWorld, type WebWorld } from "../../support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let connection: { id: string };
const groups: Record<string, string> = {};

const info = (more: object) => JSON.stringify(more);

interface Machine {
  group?: string;
  system?: [string, string];
  patches?: number;
  oldestDays?: number;
  disk?: number;
  alert?: "critical" | "minor" | "acknowledged" | "resolved";
  isExempt?: boolean;
}

async function add(name: string, machine: Machine): Promise<void> {
  const { db } = web.database;
  const tenantId = tenant.id;
  const { group, system = ["Windows", "10.0.19045"], patches = 0, oldestDays, disk = 10, alert } = machine;
  const asset = await createAsset(db, { tenantId, name, needsNoAgent: machine.isExempt ?? false });
  await db.execute(sql`
    insert into asset_details (asset_id, tenant_id, os_type, os_version, disks, pending_os_patches, pending_since)
    values (${asset.id}, ${tenantId}, ${system[0]}, ${system[1]},
      ${info([{ utilizationPercent: 5 }, { utilizationPercent: disk }])}::text::jsonb, ${patches},
      now() - make_interval(days => ${oldestDays ?? null}::int))`);
  await db.execute(sql`
    insert into tenant_external_entity_mappings (id, tenant_id, integration_id, integration_type, external_id, asset_id,
      external_group_id, display_name, content_hash, agent_status, observed_at)
    values (gen_random_uuid(), ${tenantId}, ${connection.id}, 'levelio', ${name}, ${asset.id}, ${group ?? null}, '', '',
      'online', now())`);
  if (alert === undefined) return;
  await db.execute(sql`
    insert into rmm_alerts (id, tenant_id, integration_id, external_alert_id, asset_id, name, severity, status,
      content_hash, observed_at, observed_via, acknowledged_at)
    values (gen_random_uuid(), ${tenantId}, ${connection.id}, ${name}, ${asset.id}, 'CPU',
      ${alert === "minor" ? "minor" : "critical"}, ${alert === "resolved" ? "resolved" : "active"}, '', now(), 'sweep',
      case when ${alert} = 'acknowledged' then now() end)`);
}

beforeAll(async () => {
  web = await createWebWorld();
  tenant = await web.tenant();
  const { db } = web.database;
  const tenantId = tenant.id;
  connection = await createIntegration(db, { tenantId });
  const client = await createClient(db, { tenantId, name: "Acme" });
  const group = async (
    externalId: string,
    parentExternalId: string | null,
    path: string,
    clientId?: string,
  ) => {
    const row = { tenantId, connectionId: connection.id, externalId, parentExternalId, name: path, path };
    groups[externalId] = (await createGroup(db, clientId === undefined ? row : { ...row, clientId })).id;
  };
  await group("acme", "shop", "Acme", client.id);
  // Level's tree may be wrong: a group that is its own ancestor.
  await group("shop", "acme", "Acme / Shop");
  await group("other", null, "Other");
  await add("TILL", {
    group: "shop",
    system: ["Windows", "11.2"],
    patches: 3,
    oldestDays: 40,
    alert: "critical",
  });
  await add("BOSS", { group: "acme", patches: 12, oldestDays: 8, disk: 96, alert: "minor" });
  await add("MAC", { group: "other", system: ["macOS", "14.6"], disk: 85, alert: "acknowledged" });
  await add("SAW", { isExempt: true, patches: 60, oldestDays: 120, alert: "resolved" });
});
afterAll(() => web.close());

const page = (query: string) =>
  readAssetList(web.database.db, tenant.id, assetSearch(new URLSearchParams(query)));
const found = async (query: string) => (await page(query)).rows.map(({ name }) => name);

describe("the filters of the asset list", () => {
  it.each([
    ["updates=1", ["BOSS", "SAW", "TILL"]],
    ["updates=10", ["BOSS", "SAW"]],
    ["updates=7d", ["BOSS", "SAW", "TILL"]],
    ["updates=30d", ["SAW", "TILL"]],
    ["updates=90d", ["SAW"]],
    ["alerts=open", ["BOSS", "TILL"]],
    ["alerts=major", ["TILL"]],
    ["alerts=critical&updates=1", ["TILL"]],
    ["disk=80", ["BOSS", "MAC"]],
    ["disk=95", ["BOSS"]],
    ["special=exempt", ["SAW"]],
    ["system=windows 10.0.19045", ["BOSS", "SAW"]],
    ["system=Windows", ["BOSS", "SAW", "TILL"]],
    ["system=10.0.190", []],
    ["updates=x&alerts=x&disk=7&group=x", ["BOSS", "MAC", "SAW", "TILL"]],
  ])("find by %s", async (query, names) => {
    expect(await found(query)).toEqual(names);
  });

  it("find the assets of a group and of all groups below it", async () => {
    expect(await found(`group=${groups["acme"]}`)).toEqual(["BOSS", "TILL"]);
    expect(await found(`group=${groups["other"]}`)).toEqual(["MAC"]);
    expect(await found(`group=${crypto.randomUUID()}`)).toEqual([]);
  });

  it("offer the operating systems in use, and the groups of the chosen client", async () => {
    const { systems, groups: offered, rows } = await page("");
    expect(systems).toEqual(["macOS 14.6", "Windows 10.0.19045", "Windows 11.2"]);
    expect(offered.map(({ path }) => path)).toEqual(["Acme", "Acme / Shop", "Other"]);
    const clientId = (await page("")).clients[0]!.id;
    const ofClient = (await page(`client=${clientId}`)).groups.map(({ path }) => path);
    expect(ofClient).toEqual(["Acme", "Acme / Shop"]);
    expect(rows).toHaveLength(4);
  });

  it("say how many assets each of them finds on its own", async () => {
    const { counts, total } = await page("updates=10&disk=80&q=boss");
    expect(total).toBe(1);
    expect(counts).toMatchObject({ updates: 2, diskPercent: 2, text: 1 });
    expect((await page("updates=10")).counts).toEqual({});
    for (const [query, rows] of [
      ["q=b&updates=10&disk=80&state=all", ["BOSS"]],
      ["q=b&updates=10&state=retired", []],
    ] as const) {
      const search = await page(query);
      expect(search.rows.map(({ name }) => name)).toEqual(rows);
      expect(search.total).toBe(rows.length);
      // The same by a list that nothing else narrows.
      expect(search.counts).toMatchObject({ updates: 2, text: (await page("q=b&state=all")).total });
    }
    const html = await (await tenant.as.viewer.get("/assets?updates=10&disk=80")).text();
    expect(html.replaceAll("<!-- -->", "")).toMatch(/10 or more updates<\/span><span[^>]*>2<\/span>/);
  });

  it("filter the file as they filter the page", async () => {
    const csv = await (await tenant.as.viewer.get("/assets.csv?updates=30d")).text();
    expect(
      csv
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split(",")[1]),
    ).toEqual(["SAW", "TILL"]);
  });
});
