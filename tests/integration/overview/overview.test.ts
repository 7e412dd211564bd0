import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { assetSearch, readAssetList } from "~/features/assets/asset-list.page.server";
import { readOverview } from "~/features/overview/overview.page.server";

import { createAsset, createClient, createIntegration } from "../../support/factories";
import { countAllStatements } from "../../support/statements";
import { createWebWorld, type WebWorld } from "../../support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let connection: { id: string };

beforeAll(async () => {
  web = await createWebWorld();
  tenant = await web.tenant();
  const { db } = web.database;
  connection = await createIntegration(db, { tenantId: tenant.id, label: "Level" });
  const acme = await createClient(db, { tenantId: tenant.id, name: "Acme" });
  const small = await createClient(db, { tenantId: tenant.id, name: "Small" });
  await machine("SRV-1", {
    clientId: acme.id,
    assetType: "server",
    isOnline: true,
    patches: 9,
    pendingDays: 100,
  });
  await machine("PC-1", { clientId: acme.id, isOnline: true, patches: 2, pendingDays: 40 });
  await machine("PC-2", { clientId: acme.id, patches: 1, pendingDays: 7 });
  await machine("PC-3", { clientId: small.id });
  await alert("new", 0, "critical");
  await alert("week", 5, "major");
  await alert("old", 45, "major");
  await alert("over", 90, "minor", "resolved");
  await db.execute(sql`
    insert into tenant_external_entity_mappings (id, tenant_id, integration_id, integration_type, external_id,
      display_name, content_hash, observed_at, skip_reason)
    values (gen_random_uuid(), ${tenant.id}, ${connection.id}, 'levelio', 'stray', 'STRAY', '', now(), 'unmapped')`);
});
afterAll(() => web.close());

interface Machine {
  clientId: string;
  assetType?: "server";
  isOnline?: boolean;
  patches?: number;
  pendingDays?: number;
}

async function machine(name: string, { isOnline = false, patches = 0, pendingDays = 0, ...row }: Machine) {
  const { db } = web.database;
  const { id } = await createAsset(db, { tenantId: tenant.id, name, ...row });
  await db.execute(sql`
    insert into asset_details (asset_id, tenant_id, os_type, pending_os_patches, pending_since)
    values (${id}, ${tenant.id}, 'Windows', ${patches},
      case when ${patches} > 0 then now() - make_interval(days => ${pendingDays}::int) end)`);
  await db.execute(sql`
    insert into tenant_external_entity_mappings (id, tenant_id, integration_id, integration_type, external_id, asset_id,
      display_name, content_hash, agent_status, last_seen_at, observed_at)
    values (gen_random_uuid(), ${tenant.id}, ${connection.id}, 'levelio', ${name}, ${id}, ${name}, '',
      ${isOnline ? "online" : "offline"}, now(), now())`);
}

const alert = (name: string, daysAgo: number, severity: string, status = "active") =>
  web.database.db.execute(sql`
    insert into rmm_alerts (id, tenant_id, integration_id, external_alert_id, name, severity, status, started_at,
      content_hash, observed_at, observed_via)
    values (gen_random_uuid(), ${tenant.id}, ${connection.id}, ${name}, ${name}, ${severity}, ${status},
      now() - make_interval(days => ${daysAgo}::int), '', now(), 'sweep')`);

const overview = () => readOverview(web.database.db, tenant.id, new Date());

describe("the overview", () => {
  it("counts servers and workstations, online and offline, clients by devices, and devices without a client", async () => {
    const { condition, fleet, clients } = await overview();
    expect(condition.types).toEqual({
      server: { online: 1, offline: 0 },
      workstation: { online: 1, offline: 2 },
    });
    expect(clients.map(({ name, assets }) => [name, assets])).toEqual([
      ["Acme", 3],
      ["Small", 1],
    ]);
    expect(fleet).toMatchObject({
      assets: 4,
      servers: 1,
      online: 2,
      withPatches: 3,
      patches: 12,
      withoutClient: 1,
    });
  });

  it("counts assets by how long an update has been pending, as the list does, and names those that have waited longest", async () => {
    const { condition, worstPatched } = await overview();
    expect(condition.pending).toEqual({ 7: 3, 30: 2, 90: 1 });
    for (const [days, total] of Object.entries(condition.pending)) {
      const search = assetSearch(new URLSearchParams(`updates=${days}d`));
      expect((await readAssetList(web.database.db, tenant.id, search)).total, days).toBe(total);
    }
    expect(worstPatched.map(({ name, client, patches }) => [name, client, patches])).toEqual([
      ["SRV-1", "Acme", 9],
      ["PC-1", "Acme", 2],
      ["PC-2", "Acme", 1],
    ]);
  });

  it("counts active alerts by severity and by age, with the same numbers as the lists behind them", async () => {
    const { alerts, activeAlerts } = await overview();
    expect(activeAlerts).toBe(3);
    expect(alerts.severities).toEqual({ critical: 1, major: 2 });
    expect(alerts.times).toEqual({ day: 1, week: 2, month: 2, older: 1 });
    for (const [time, total] of Object.entries(alerts.times)) {
      const page = await (await tenant.as.viewer.get(`/alerts/list?state=active&time=${time}`)).text();
      expect(page.match(/href="\/alerts\/[0-9a-f-]{36}"/g)?.length, time).toBeGreaterThanOrEqual(total);
      expect(page.includes(">old<"), time).toBe(time === "older");
    }
  });

  it("links each number and bar to a list, shows one run as a line, and uses as many statements for any fleet", async () => {
    const page = await (await tenant.as.viewer.get("/")).text();
    const { integrations } = await overview();
    for (const to of [
      "/assets?type=server&amp;state=online",
      "/assets?type=workstation&amp;state=offline",
      "/assets?updates=90d",
      "/alerts/list?state=active&amp;time=older",
      "/alerts/list?state=active&amp;severity=major",
      `/settings/integrations/levelio/${integrations[0]!.id}/devices`,
    ])
      expect(page).toContain(`href="${to}"`);
    const many = await countAllStatements(web.database.db, overview);
    const empty = await web.tenant();
    expect(
      await countAllStatements(web.database.db, () => readOverview(web.database.db, empty.id, new Date())),
    ).toBe(many);
  });
});

it("reads its counts at most twice for twenty tabs that ask at the same time", async () => {
  const once = await countAllStatements(web.database.db, overview);
  const together = await countAllStatements(web.database.db, () =>
    Promise.all(Array.from({ length: 20 }, overview)),
  );
  expect(together).toBeLessThanOrEqual(2 * once);
});
