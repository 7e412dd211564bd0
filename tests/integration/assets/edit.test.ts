import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createAsset, createClient, createIntegration } from "@tests/support/factories";
import { createWebWorld, type Browser, type WebWorld } from "@tests/support/web";
import { assets, auditLog, clientContacts, clientSites, tenantExternalEntityMappings } from "@db/schema";

const PAGE = "_data=routes%2F_app.assets.%24assetId";
const ROUTE = "_data=routes%2F_app.assets.%24assetId_.edit";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let acme: string;
let beta: string;
let assetId: string;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());

beforeEach(async () => {
  tenant = await web.tenant();
  const of = { tenantId: tenant.id };
  acme = (await createClient(web.database.db, { ...of, name: "Acme" })).id;
  beta = (await createClient(web.database.db, { ...of, name: "Beta" })).id;
  assetId = (await createAsset(web.database.db, { ...of, name: "PC-1", clientId: acme, location: "Bern" }))
    .id;
});

const stored = async (id = assetId) =>
  (await web.database.db.select().from(assets).where(eq(assets.id, id)))[0]!;

const audited = (id = assetId) =>
  web.database.db
    .select({ action: auditLog.action, details: auditLog.details })
    .from(auditLog)
    .where(eq(auditLog.targetId, id))
    .orderBy(auditLog.id);

async function version(): Promise<string> {
  const response = await tenant.as.admin.get(`/assets/${assetId}/edit?${ROUTE}`);
  return ((await response.json()) as { version: string }).version;
}

/** Sends the form as the page shows it, with the given changes. */
async function edit(fields: Record<string, string>, seen?: string) {
  const response = await tenant.as.admin.post(`/assets/${assetId}/edit?${ROUTE}`, {
    intent: "edit",
    version: seen ?? (await version()),
    name: "PC-1",
    type: "workstation",
    location: "Bern",
    client: acme,
    notes: "",
    ...fields,
  });
  const isJson = response.headers.get("Content-Type")?.includes("json") === true;
  const body = isJson ? ((await response.json()) as { errors?: Record<string, string> }) : {};
  return { status: response.status, errors: body.errors };
}

const SAVED = { status: 204, errors: undefined };

describe("editing an asset", () => {
  it.each<[string, Record<string, string>, object, object]>([
    ["name", { name: "  Front \n desk " }, { name: "Front desk" }, { from: "PC-1", to: "Front desk" }],
    ["type", { type: "server" }, { assetType: "server" }, { from: "workstation", to: "server" }],
    ["location", { location: "" }, { location: null }, { from: "Bern", to: null }],
    ["notes", { notes: "Loud\r\nfan" }, { notes: "Loud\nfan" }, { from: null, to: "Loud\nfan" }],
  ])("sets the %s, overrides it, and records the former value", async (field, fields, row, change) => {
    expect(await edit(fields)).toEqual(SAVED);
    expect(await stored()).toMatchObject({ ...row, overriddenFields: [field] });
    expect(await audited()).toEqual([
      { action: "asset.edited", details: { asset: "PC-1", [field]: change } },
    ]);
  });

  it("removes an asset that was added by hand for good, and records that", async () => {
    const { db } = web.database;
    const remove = (browser: Browser, id = assetId) =>
      browser.post(`/assets/${id}?${PAGE}`, { intent: "remove" });
    expect((await remove(tenant.as.technician)).status).toBe(403);
    expect((await remove((await web.tenant()).as.admin)).status).toBe(404);
    const page = await (await tenant.as.admin.get(`/assets/${assetId}`)).text();
    expect(page).toContain(">Remove</span></button>");

    const answer = await remove(tenant.as.admin);
    expect(answer.headers.get("X-Remix-Redirect")).toBe("/assets");
    expect(await db.select().from(assets).where(eq(assets.id, assetId))).toEqual([]);
    expect(await audited()).toEqual([{ action: "asset.removed", details: { name: "PC-1" } }]);
  });

  it("does not remove one that an RMM knows or has known", async () => {
    const { db } = web.database;
    const integration = await createIntegration(db, { tenantId: tenant.id });
    await db.insert(tenantExternalEntityMappings).values({
      tenantId: tenant.id,
      connectionId: integration.id,
      integrationType: "levelio",
      externalType: "device",
      externalId: "gone",
      displayName: "PC-1",
      contentHash: "x",
      assetId,
      goneAt: new Date(),
      observedAt: new Date(),
    });
    const page = await (await tenant.as.admin.get(`/assets/${assetId}`)).text();
    expect(page).not.toContain("Remove the asset");
    const answer = await tenant.as.admin.post(`/assets/${assetId}?${PAGE}`, { intent: "remove" });
    expect(answer.status).toBe(409);
    expect(await stored()).toMatchObject({ name: "PC-1" });
  });

  it("gives it to another client, and publishes that as a move too", async () => {
    expect(await edit({ client: beta })).toEqual(SAVED);
    expect(await stored()).toMatchObject({ clientId: beta, overriddenFields: ["client"] });
    expect(await audited()).toEqual([
      { action: "asset.edited", details: { asset: "PC-1", client: { from: "Acme", to: "Beta" } } },
      {
        action: "asset.moved",
        details: { name: "PC-1", from: "Acme", to: "Beta", fromClientId: acme, toClientId: beta },
      },
    ]);
  });

  it("overrides each field once, however often it is edited", async () => {
    await edit({ name: "A" });
    await edit({ name: "B", location: "Thun" });
    expect((await stored()).overriddenFields).toEqual(["name", "location"]);
  });

  it("overrides and writes nothing if nothing is different", async () => {
    const before = await stored();
    expect(await edit({})).toEqual(SAVED);
    expect(await stored()).toEqual(before);
    expect(await audited()).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    ["an empty name", { name: " \u0007 " }, "name"],
    ["an endless name", { name: "x".repeat(201) }, "name"],
    ["no such type", { type: "toaster" }, "type"],
    ["a client that is no id", { client: "Acme" }, "client"],
    ["endless notes", { notes: "x".repeat(4001) }, "notes"],
  ])("refuses %s beside the field, and changes nothing", async (_what, fields, field) => {
    const before = await stored();
    const { status, errors } = await edit({ location: "Thun", ...fields });
    expect([status, Object.keys(errors!)]).toEqual([422, [field]]);
    expect(await stored()).toEqual(before);
  });

  it("refuses an archived client beside the field, unless the asset has it already", async () => {
    const { id: archived } = await createClient(web.database.db, {
      tenantId: tenant.id,
      archivedAt: new Date(),
    });
    const { status, errors } = await edit({ client: archived });
    expect(status).toBe(422);
    expect(errors!["client"]).toContain("archived");
    await web.database.db.update(assets).set({ clientId: archived }).where(eq(assets.id, assetId));
    expect(await edit({ client: archived, name: "Renamed" })).toEqual(SAVED);
    expect(await stored()).toMatchObject({ name: "Renamed", clientId: archived, overriddenFields: ["name"] });
  });

  it("answers 404 for a client and for an asset of another tenant, and changes nothing", async () => {
    const other = await web.tenant();
    const foreign = await createClient(web.database.db, { tenantId: other.id });
    const theirs = await createAsset(web.database.db, { tenantId: other.id });
    const before = [await stored(), await stored(theirs.id)];
    expect((await edit({ client: foreign.id })).status).toBe(404);
    expect((await edit({ client: crypto.randomUUID() })).status).toBe(404);
    const answer = await tenant.as.admin.post(`/assets/${theirs.id}/edit`, {
      intent: "edit",
      version: await version(),
      name: "Accepted",
      type: "server",
      client: "",
    });
    expect(answer.status).toBe(404);
    expect([await stored(), await stored(theirs.id)]).toEqual(before);
  });

  it("tells a stale tab so, and overwrites nothing", async () => {
    const seen = await version();
    await edit({ name: "By somebody else" });
    const { status, errors } = await edit({ name: "By me" }, seen);
    expect(status).toBe(409);
    expect(errors!["form"]).toContain("meanwhile");
    expect((await stored()).name).toBe("By somebody else");
    // The refusal showed the stored values: saving again is deliberate.
    expect(await edit({ name: "By me" })).toEqual(SAVED);
  });

  it("accepts one of two that are sent at once", async () => {
    const seen = await version();
    const answers = await Promise.all([edit({ name: "One" }, seen), edit({ name: "Two" }, seen)]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([204, 409]);
  });

  it("is for administrators; others see who overrode what", async () => {
    await edit({ name: "Held" });
    for (const browser of [tenant.as.technician, tenant.as.viewer]) {
      const page = await (await browser.get(`/assets/${assetId}`)).text();
      expect(page).toContain("Set by a person");
      expect(page).not.toContain(`/assets/${assetId}/edit`);
      expect((await browser.get(`/assets/${assetId}/edit`)).status).toBe(403);
      const answer = await browser.post(`/assets/${assetId}/edit`, { intent: "edit", name: "Mine" });
      expect(answer.status).toBe(403);
    }
    expect((await stored()).name).toBe("Held");
  });
});

describe("an asset that is added by hand", () => {
  const NEW = "/assets/new?_data=routes%2F_app.assets.new";

  async function add(fields: Record<string, string>) {
    const response = await tenant.as.admin.post(NEW, {
      intent: "add",
      name: "Spare",
      type: "workstation",
      client: acme,
      ...fields,
    });
    const id = /\/assets\/([0-9a-f-]{36})/.exec(response.headers.get("X-Remix-Redirect") ?? "")?.[1];
    const body = id === undefined ? ((await response.json()) as { errors: Record<string, string> }) : null;
    return { status: response.status, id, errors: body?.errors };
  }

  it("has what was entered, and can be matched by it", async () => {
    const { id } = await add({
      name: "FRONT-01.acme.example",
      serialNumber: "pf-3x 9k2",
      location: "Cellar",
    });
    expect(await stored(id)).toMatchObject({
      name: "FRONT-01.acme.example",
      clientId: acme,
      status: "active",
      serialNumber: "pf-3x 9k2",
      serialKey: "PF3X9K2",
      hostnameKey: "front-01",
      overriddenFields: ["name", "location", "client"],
    });
    expect(await audited(id)).toMatchObject([{ action: "asset.added", details: { client: "Acme" } }]);
    const page = await (await tenant.as.viewer.get(`/assets/${id}`)).text();
    expect(page).toContain("Added by hand");
  });

  it("is matched by its new name after it is renamed", async () => {
    const { id } = await add({});
    assetId = id!;
    await edit({ name: "FRONT-02", location: "" });
    expect(await stored(id)).toMatchObject({ hostnameKey: "front-02" });
  });

  it.each<[string, Record<string, string>, string]>([
    ["no name", { name: " " }, "name"],
    ["no client", { client: "" }, "client"],
    ["no such type", { type: "" }, "type"],
  ])("is refused with %s beside the field", async (_what, fields, field) => {
    const { status, errors } = await add(fields);
    expect([status, Object.keys(errors!)]).toEqual([422, [field]]);
  });

  it("is refused with a serial number that the client already has, however it is written", async () => {
    await add({ name: "First", serialNumber: "PF3X9K2" });
    const again = await add({ serialNumber: "pf3x-9k2" });
    expect(again.status).toBe(409);
    expect(again.errors!["serialNumber"]).toContain("First");
    expect((await add({ serialNumber: "PF3X9K2", client: beta })).id).toBeDefined();
    // A placeholder that firmware reports belongs to nobody.
    expect((await add({ serialNumber: "Default string" })).id).toBeDefined();
    expect((await add({ serialNumber: "Default string" })).id).toBeDefined();
  });

  it("is refused with an archived client, and answers 404 for another tenant's", async () => {
    const other = await web.tenant();
    const foreign = await createClient(web.database.db, { tenantId: other.id });
    const archived = await createClient(web.database.db, { tenantId: tenant.id, archivedAt: new Date() });
    expect((await add({ client: archived.id })).errors!["client"]).toContain("archived");
    const answer = await tenant.as.admin.post("/assets/new", {
      intent: "add",
      name: "Spare",
      type: "workstation",
      client: foreign.id,
    });
    expect(answer.status).toBe(404);
  });
});

describe("the site and default contact of an asset that no RMM knows", () => {
  const partsOf = async (clientId: string) => {
    const { db } = web.database;
    const of = { tenantId: tenant.id, clientId };
    const [site] = await db
      .insert(clientSites)
      .values({ ...of, name: "Berlin" })
      .returning();
    const [contact] = await db
      .insert(clientContacts)
      .values({ ...of, name: "Ann" })
      .returning();
    return { site: site!.id, contact: contact!.id };
  };

  it("are chosen on its Edit page, kept as overrides and audited by name", async () => {
    const place = await partsOf(acme);
    const page = await (await tenant.as.admin.get(`/assets/${assetId}/edit`)).text();
    for (const text of ["Default contact", "No site", "Berlin", "Ann"]) expect(page).toContain(text);
    expect(page).not.toContain("As the mapping says");
    expect(await edit(place)).toEqual(SAVED);
    expect(await stored()).toMatchObject({
      siteId: place.site,
      contactId: place.contact,
      overriddenFields: ["site", "contact"],
    });
    expect((await audited()).at(-1)).toMatchObject({
      action: "asset.edited",
      details: { site: { from: null, to: "Berlin" }, contact: { from: null, to: "Ann" } },
    });
    expect(await edit({ ...place, site: "" })).toEqual(SAVED);
    expect(await stored()).toMatchObject({ siteId: null, contactId: place.contact });
    expect((await audited()).at(-1)?.details).toMatchObject({ site: { from: "Berlin", to: null } });
  });

  it("are refused if they belong to another client, and nothing is saved", async () => {
    const { site } = await partsOf(beta);
    const refused = await edit({ site, name: "PC-2" });
    expect(refused).toEqual({ status: 422, errors: { site: "The client does not have it (any more)." } });
    expect(await stored()).toMatchObject({ name: "PC-1", siteId: null });
  });

  it("are dropped if the same form gives it to another client", async () => {
    const place = await partsOf(acme);
    await edit(place);
    expect(await edit({ ...place, client: beta })).toEqual(SAVED);
    expect(await stored()).toMatchObject({
      clientId: beta,
      siteId: null,
      contactId: null,
      overriddenFields: ["client"],
    });
  });

  it("make the form stale if somebody else chose another meanwhile", async () => {
    const place = await partsOf(acme);
    await edit(place);
    const seen = await version();
    await edit({ ...place, site: "" });
    expect((await edit({ ...place, contact: "" }, seen)).status).toBe(409);
  });
});
