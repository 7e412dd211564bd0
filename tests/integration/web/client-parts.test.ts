import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import {
  assetChanges,
  assetList,
  assets,
  auditLog,
  clientContacts,
  clientSites,
  rmmOrganizationMappings,
} from "@db/schema";
import { apiCallerOf } from "@tests/support/api";
import { createAsset, createClient, createGroup, createIntegration } from "@tests/support/factories";
import { createWebWorld, type WebWorld } from "@tests/support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let client: { id: string };
beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());
beforeEach(async () => {
  tenant = await web.tenant();
  client = await createClient(web.database.db, { tenantId: tenant.id, name: "Acme" });
});

const data = "_data=routes%2F_app.clients.%24clientId";
const send = (intent: string, fields: Record<string, string>, clientId = client.id) =>
  tenant.as.admin.post(`/clients/${clientId}?${data}`, { intent, ...fields });

interface Shown {
  id: string;
  name: string;
  version: string;
  address?: string | null;
  email?: string | null;
  phone?: string | null;
}
const shown = async (clientId = client.id) =>
  (await (await tenant.as.viewer.get(`/clients/${clientId}?${data}`)).json()) as {
    sites: Shown[];
    contacts: Shown[];
  };

describe("the sites and contacts of a client", () => {
  it("are added, changed and removed on its page, whatever their names, and the audit log says so", async () => {
    const name = '=HQ / "Söhne" 🦊';
    expect((await send("add-site", { name, address: "1 Main St\nBerlin" })).status).toBe(204);
    await send("add-contact", { name: "Ann", email: "ann@acme.test", phone: "+49 (30) 12-34" });
    const { sites, contacts } = await shown();
    expect(sites).toMatchObject([{ name, address: "1 Main St\nBerlin" }]);
    expect(contacts).toMatchObject([{ name: "Ann", email: "ann@acme.test", phone: "+49 (30) 12-34" }]);
    const [site] = sites;
    await send("change-site", { id: site!.id, version: site!.version, name: "HQ", address: "" });
    expect((await shown()).sites).toMatchObject([{ name: "HQ", address: null }]);
    await send("remove-contact", { id: contacts[0]!.id });
    expect((await shown()).contacts).toEqual([]);
    const actions = await web.database.db
      .select({ action: auditLog.action })
      .from(auditLog)
      .where(eq(auditLog.targetId, client.id));
    expect(actions.map(({ action }) => action).sort()).toEqual([
      "contact.added",
      "contact.removed",
      "site.added",
      "site.changed",
    ]);
  });

  it("say which field is invalid, and have each name once per client", async () => {
    await send("add-site", { name: "Berlin" });
    const refused = async (intent: string, fields: Record<string, string>) => {
      const answer = await send(intent, fields);
      expect(answer.status).toBe(422);
      return Object.keys(((await answer.json()) as { errors: object }).errors);
    };
    expect(await refused("add-site", { name: "BERLIN" })).toEqual(["name"]);
    expect(await refused("add-site", { name: " " })).toEqual(["name"]);
    expect(await refused("add-contact", { name: "Ann", email: "nobody" })).toEqual(["email"]);
    expect(await refused("add-contact", { name: "Ann", phone: "call me" })).toEqual(["phone"]);
    const other = await createClient(web.database.db, { tenantId: tenant.id, name: "Other" });
    expect((await send("add-site", { name: "Berlin" }, other.id)).status).toBe(204);
    const [site] = (await shown()).sites;
    expect((await send("change-site", { id: site!.id, name: "Taken" }, other.id)).status).toBe(404);
  });

  it("keep what somebody else saved meanwhile", async () => {
    await send("add-site", { name: "Berlin", address: "Old" });
    const [seen] = (await shown()).sites;
    await send("change-site", { id: seen!.id, version: seen!.version, name: "Berlin", address: "Theirs" });
    const late = await send("change-site", {
      id: seen!.id,
      version: seen!.version,
      name: "Berlin",
      address: "Ours",
    });
    expect(late.status).toBe(409);
    expect((await shown()).sites).toMatchObject([{ address: "Theirs" }]);
  });

  it("are removed from the assets and groups that had them, with entries in the list and history of these", async () => {
    const { db } = web.database;
    await send("add-site", { name: "Berlin" });
    const [site] = (await shown()).sites;
    const of = { tenantId: tenant.id, clientId: client.id };
    const asset = await createAsset(db, of);
    const connection = await createIntegration(db, { tenantId: tenant.id });
    const group = await createGroup(db, { ...of, connectionId: connection.id });
    const siteId = site!.id;
    await db.update(assets).set({ siteId }).where(eq(assets.id, asset.id));
    await db.update(rmmOrganizationMappings).set({ siteId }).where(eq(rmmOrganizationMappings.id, group.id));
    const listed = async () =>
      (await db.select().from(assetList).where(eq(assetList.assetId, asset.id)))[0]?.siteId;
    expect(await listed()).toBe(siteId);
    await send("remove-site", { id: siteId });
    expect(await listed()).toBeNull();
    expect(await db.select().from(clientSites).where(eq(clientSites.id, siteId))).toEqual([]);
    const changes = await db.select().from(assetChanges).where(eq(assetChanges.assetId, asset.id));
    expect(changes).toMatchObject([
      { field: "site", before: null, after: siteId },
      { field: "site", before: siteId, after: null, actor: tenant.users.admin.email },
    ]);
  });

  it("are dropped by an asset that moves to another client, whoever moves it", async () => {
    const { db } = web.database;
    const other = await createClient(db, { tenantId: tenant.id, name: "Other" });
    const of = { tenantId: tenant.id, clientId: client.id };
    const [site] = await db
      .insert(clientSites)
      .values({ ...of, name: "Berlin" })
      .returning();
    const [contact] = await db
      .insert(clientContacts)
      .values({ ...of, name: "Ann" })
      .returning();
    const asset = await createAsset(db, of);
    const row = async () => (await db.select().from(assets).where(eq(assets.id, asset.id)))[0];
    const held = { siteId: site!.id, contactId: contact!.id, overriddenFields: ["name", "site"] };
    await db.update(assets).set(held).where(eq(assets.id, asset.id));
    await db.update(assets).set({ clientId: client.id, name: "Renamed" }).where(eq(assets.id, asset.id));
    expect(await row()).toMatchObject(held);
    await db.update(assets).set({ clientId: other.id }).where(eq(assets.id, asset.id));
    expect(await row()).toMatchObject({ siteId: null, contactId: null, overriddenFields: ["name"] });
  });

  it("are read and changed over the API, under a version, and another tenant's do not exist", async () => {
    const api = await apiCallerOf(web, tenant);
    const made = await api.call("POST", "/sites", { body: { clientId: client.id, name: "Berlin" } });
    expect(made).toMatchObject({ status: 201, body: { name: "Berlin", client: { name: "Acme" } } });
    const { id } = made.body as unknown as { id: string };
    const tag = (await api.call("GET", `/sites/${id}`)).headers.get("ETag")!;
    const change = (address: string) =>
      api.call("PATCH", `/sites/${id}`, { body: { address }, headers: { "If-Match": tag } });
    expect((await change("1 Main St")).status).toBe(200);
    expect((await change("2 Main St")).status).toBe(412);
    expect((await api.call("GET", "/sites")).body).toMatchObject({ data: [{ address: "1 Main St" }] });
    const others = await apiCallerOf(web, await web.tenant());
    expect((await others.call("GET", "/sites")).body).toMatchObject({ data: [] });
    expect((await others.call("DELETE", `/sites/${id}`)).status).toBe(404);
    const foreign = { body: { clientId: client.id, name: "Paris" } };
    expect((await others.call("POST", "/sites", foreign)).status).toBe(404);
    expect((await api.call("DELETE", `/sites/${id}`, { headers: { "If-Match": tag } })).status).toBe(412);
    expect((await api.call("DELETE", `/sites/${id}`)).status).toBe(200);
    expect((await api.call("GET", `/sites/${id}`)).status).toBe(404);
  });

  it("are shown with an asset and in its history, filter the list and its file, and are in the API", async () => {
    const { db } = web.database;
    const of = { tenantId: tenant.id, clientId: client.id };
    const [site] = await db
      .insert(clientSites)
      .values({ ...of, name: "=Berlin 🦊", address: "1 Main St" })
      .returning();
    const [contact] = await db
      .insert(clientContacts)
      .values({ ...of, name: "Ann", email: "ann@acme.test" })
      .returning();
    const asset = await createAsset(db, { ...of, name: "Placed" });
    await createAsset(db, { ...of, name: "Elsewhere" });
    await db.update(assets).set({ siteId: site!.id, contactId: contact!.id }).where(eq(assets.id, asset.id));
    const page = await (await tenant.as.viewer.get(`/assets/${asset.id}`)).text();
    for (const text of ["1 Main St", "ann@acme.test"]) expect(page).toContain(text);
    const history = await (await tenant.as.viewer.get(`/assets/${asset.id}/history`)).text();
    expect(history).toContain("=Berlin 🦊");
    for (const query of [`site=${site!.id}`, `contact=${contact!.id}`]) {
      const list = await (await tenant.as.viewer.get(`/assets?${query}`)).text();
      expect(list).toContain("Placed");
      expect(list).not.toContain("Elsewhere");
      const csv = (await (await tenant.as.viewer.get(`/assets.csv?${query}`)).text()).trim().split("\n");
      expect(csv).toHaveLength(2);
      expect(csv[1]).toContain("'=Berlin 🦊,Ann");
    }
    const api = await apiCallerOf(web, tenant);
    expect((await api.get(`/assets?site=${site!.id}`)).body.data).toMatchObject([
      { name: "Placed", site: { name: "=Berlin 🦊" }, contact: { id: contact!.id } },
    ]);
    expect((await api.get(`/assets/${asset.id}`)).body).toMatchObject({ site: { id: site!.id } });
    const others = await apiCallerOf(web, await web.tenant());
    expect((await others.get(`/assets?site=${site!.id}`)).body.data).toEqual([]);
  });
});
