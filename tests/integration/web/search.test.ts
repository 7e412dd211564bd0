import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { assets } from "@db/schema";
import type { SearchHit, SearchResult } from "~/features/search/search-result";

import { createAsset, createClient, createGroup, createIntegration } from "../../support/factories";
import { countStatements } from "../../support/statements";
import { createWebWorld, type WebWorld } from "../../support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;

beforeAll(async () => {
  web = await createWebWorld();
  tenant = await web.tenant();
  const { db } = web.database;
  const tenantId = tenant.id;
  const client = await createClient(db, { tenantId, name: "Müller Dental" });
  const connection = await createIntegration(db, { tenantId, label: "Level West" });
  await createGroup(db, {
    tenantId,
    connectionId: connection.id,
    name: "Müller Praxis",
    clientId: client.id,
  });
  const asset = await createAsset(db, {
    tenantId,
    clientId: client.id,
    name: "RECEPTION-1",
    serialNumber: "SN-4711",
    macKeys: ["0a1b2c3d4e5f"],
  });
  await db.execute(sql`
    insert into asset_details (asset_id, tenant_id, lan_ip, last_logged_in_user, system_info)
    values (${asset.id}, ${tenantId}, '10.20.30.40', 'MUELLER\\anna', '{"hostname": "recep-host"}'::jsonb)`);
  await db.execute(sql`
    insert into rmm_alerts (id, tenant_id, integration_id, external_alert_id, name, device_hostname, asset_id, severity,
      status, started_at, content_hash, observed_at, observed_via)
    values (gen_random_uuid(), ${tenantId}, ${connection.id}, 'a1', 'Backup failed', 'recep-host', ${asset.id}, 'major',
      'active', now(), '', now(), 'sweep')`);
  await db.execute(sql`
    insert into rmm_sync_runs (id, tenant_id, integration_id, type, target_external_id, key, transport, trigger, actor, status,
      requested_at)
    values (gen_random_uuid(), ${tenantId}, ${connection.id}, 'full', '', 'levelio:full', 'direct', 'manual', 'Anna', 'failed',
      '2026-03-04T05:06:07Z')`);
  const other = await web.tenant();
  await createClient(db, { tenantId: other.id, name: "Müller elsewhere" });
  for (let n = 10; n < 40; n += 1) await createAsset(db, { tenantId, name: `TILL-${n}` });
  await createAsset(db, { tenantId, name: "TILL" });
});
afterAll(() => web.close());

async function found(text: string, role: "admin" | "viewer" = "admin"): Promise<SearchResult> {
  const response = await tenant.as[role].get(`/search?q=${encodeURIComponent(text)}`);
  expect(response.status).toBe(200);
  return (await response.json()) as SearchResult;
}

const titles = (hits: SearchHit[]) => hits.map(({ title }) => title);

describe("search everywhere", () => {
  it("finds clients, groups and other records by their letters, whatever the case and form, and no other tenant's", async () => {
    const hits = await found("MU\u0308LLER");
    expect(titles(hits.clients)).toEqual(["Müller Dental"]);
    expect(titles(hits.groups)).toEqual(["Müller Praxis"]);
    expect(hits.groups[0]!.to).toMatch(
      /^\/settings\/integrations\/levelio\/[\w-]+\/mapping\?q=M%C3%BCller%20Praxis$/,
    );
  });

  it.each([
    ["name", "reception"],
    ["hostname", "RECEP-HOST"],
    ["serial number", "sn-47"],
    ["IP address", "10.20.30"],
    ["user", "anna"],
    ["MAC address", "0A:1B:2C:3D:4E:5F"],
  ])("finds an asset by its %s", async (_, text) => {
    const { assets } = await found(text);
    expect(titles(assets)).toEqual(["RECEPTION-1"]);
    expect(assets[0]!.detail).toContain("Müller Dental");
  });

  it("finds an alert by its asset's present name, and by no former one", async () => {
    const { db } = web.database;
    const rename = (from: string, name: string) =>
      db.update(assets).set({ name }).where(eq(assets.name, from));
    await rename("RECEPTION-1", "FRONT");
    expect(titles((await found("front")).alerts)).toEqual(["Backup failed"]);
    expect((await found("reception")).alerts).toEqual([]);
    await rename("FRONT", "RECEPTION-1");
    expect(titles((await found("reception")).alerts)).toEqual(["Backup failed"]);
  });

  it("finds an alert by its name and by its device, and shows its state", async () => {
    for (const text of ["backup", "recep-host"]) {
      const { alerts } = await found(text);
      expect(titles(alerts)).toEqual(["Backup failed"]);
      expect(alerts[0]!.detail).toBe("Major · RECEPTION-1 · Active");
    }
  });

  it("finds runs by kind, outcome, connection, person and day", async () => {
    for (const text of ["full", "failed", "level west", "anna", "2026-03-04"])
      expect(titles((await found(text)).runs), text).toEqual(["Full sync, failed"]);
  });

  it("shows a few of each kind, the exact name first, in a constant number of statements", async () => {
    const { assets } = await found("till");
    expect(titles(assets)).toEqual(["TILL", "TILL-10", "TILL-11", "TILL-12", "TILL-13"]);
    const many = await countStatements(web, tenant.as.admin, "/search?q=till");
    expect(await countStatements(web, tenant.as.admin, "/search?q=reception-1")).toBe(many);
  });

  it("matches letters with a meaning in patterns literally, and finds nothing for an empty search", async () => {
    for (const text of ["100%", "_", "%", " ", "a"]) {
      const hits = await found(text);
      expect(Object.values(hits).flat(), text).toEqual([]);
    }
  });

  it("is open to a viewer, and closed to visitors who are not signed in", async () => {
    expect(titles((await found("reception", "viewer")).assets)).toEqual(["RECEPTION-1"]);
    const response = await web.anonymous().get("/search?q=reception", { Accept: "application/json" });
    expect(response.status).toBe(401);
  });
});
