import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createAsset, createClient, createGroup, createIntegration } from "@tests/support/factories";
import { createWebWorld, type WebWorld } from "@tests/support/web";
import { assets, auditLog, clients, rmmAlerts, rmmIntegrations, rmmOrganizationMappings } from "@db/schema";

interface ImportAnswer {
  state?: string;
  plan?: { version: string; counts: Record<string, number> };
  problems?: { row: number; column: string; message: string }[];
  errors?: { file?: string };
}

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());
beforeEach(async () => {
  tenant = await web.tenant();
});

const list = "/clients?index&_data=routes%2F_app.clients._index";
const data = "_data=routes%2F_app.clients.%24clientId";

const row = async (id: string) => (await web.database.db.select().from(clients).where(eq(clients.id, id)))[0];
const log = async (action: string) =>
  web.database.db
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.tenantId, tenant.id), eq(auditLog.action, action)));

const importCsv = async (content: BlobPart, into = tenant) => {
  const file = new File([content], "clients.csv", { type: "text/csv" });
  const send = async (fields: Record<string, string>) => {
    const address = "/clients/import?_data=routes%2F_app.clients.import";
    const answer = await into.as.admin.post(address, { kind: "client", file, ...fields });
    return { status: answer.status, body: (await answer.json()) as ImportAnswer };
  };
  const looked = await send({ intent: "preview" });
  const version = looked.body.plan?.version;
  return version === undefined ? looked : send({ intent: "import", version });
};

describe("a client", () => {
  it("is created and renamed, with each name once whatever its case", async () => {
    const create = (name: string) => tenant.as.admin.post(list, { intent: "create", name, notes: "" });
    const created = await create("  Acme \t Corp ");
    expect(created.headers.get("X-Remix-Redirect")).toMatch(/^\/clients\//);
    const id = created.headers.get("X-Remix-Redirect")!.split("/").at(-1)!;
    expect(await row(id)).toMatchObject({ name: "Acme Corp", notes: null });
    expect((await create("ACME CORP")).status).toBe(422);
    expect((await create(" \u0000 ")).status).toBe(422);

    const other = await createClient(web.database.db, { tenantId: tenant.id, name: "Other" });
    const rename = (name: string) =>
      tenant.as.admin.post(`/clients/${other.id}?${data}`, { intent: "change", name, notes: "n" });
    expect((await rename("acme corp")).status).toBe(422);
    expect((await rename("OTHER")).headers.get("X-Remix-Redirect")).toBe(`/clients/${other.id}`);
    expect(await row(other.id)).toMatchObject({ name: "OTHER", notes: "n" });
    expect(await log("client.renamed")).toHaveLength(1);
  });

  it("gives everything to the client it is merged into, and open mapping pages are refused", async () => {
    const { db } = web.database;
    const tenantId = tenant.id;
    const from = await createClient(db, { tenantId, name: "From" });
    const into = await createClient(db, { tenantId, name: "Into" });
    const asset = await createAsset(db, { tenantId, clientId: from.id });
    const integration = await createIntegration(db, { tenantId });
    const untouched = await createIntegration(db, { tenantId });
    const group = await createGroup(db, { tenantId, connectionId: integration.id, clientId: from.id });

    await tenant.as.admin.post(`/clients/${from.id}`, { intent: "merge", into: into.id });
    expect((await db.select().from(assets).where(eq(assets.id, asset.id)))[0]).toMatchObject({
      clientId: into.id,
    });
    const [mapping] = await db
      .select()
      .from(rmmOrganizationMappings)
      .where(eq(rmmOrganizationMappings.id, group.id));
    expect(mapping).toMatchObject({ clientId: into.id, state: "mapped" });
    expect((await row(from.id))?.archivedAt).not.toBeNull();
    const versions = await db.select().from(rmmIntegrations).where(eq(rmmIntegrations.tenantId, tenantId));
    expect(versions.find((one) => one.id === integration.id)?.mappingVersion).toBe(1);
    expect(versions.find((one) => one.id === untouched.id)?.mappingVersion).toBe(0);
    expect((await log("client.merged"))[0]?.details).toMatchObject({
      from: "From",
      into: "Into",
      assets: 1,
      groups: 1,
    });
    const moved = { name: asset.name, from: "From", to: "Into", fromClientId: from.id, toClientId: into.id };
    expect(await log("asset.moved")).toMatchObject([
      { targetId: asset.id, actorUserId: expect.any(String) as string, details: moved },
    ]);
  });

  it("shows how many alerts are active, and links to exactly these from its page and from the list", async () => {
    const { db } = web.database;
    const client = await createClient(db, { tenantId: tenant.id, name: "Acme" });
    const asset = await createAsset(db, { tenantId: tenant.id, clientId: client.id, name: "SRV-1" });
    const { id: connectionId } = await createIntegration(db, { tenantId: tenant.id });
    const alert = (name: string, of: Partial<typeof rmmAlerts.$inferInsert>) => ({
      tenantId: tenant.id,
      connectionId,
      externalAlertId: name,
      name,
      severity: "major" as const,
      status: "active" as const,
      startedAt: new Date(),
      observedAt: new Date(),
      observedVia: "sweep" as const,
      contentHash: "",
      ...of,
    });
    await db
      .insert(rmmAlerts)
      .values([
        alert("one", { assetId: asset.id }),
        alert("two", { assetId: asset.id }),
        alert("over", { assetId: asset.id, status: "resolved" }),
        alert("elsewhere", {}),
      ]);
    for (const page of [`/clients/${client.id}`, "/clients"]) {
      const text = await (await tenant.as.viewer.get(page)).text();
      const [, to] = /href="(\/alerts[^"]*client=[^"]*)"/.exec(text)!;
      const behind = await (await tenant.as.viewer.get(to!.replaceAll("&amp;", "&"))).text();
      const alerts = new Set(behind.match(/href="\/alerts\/[0-9a-f-]{36}"/g));
      expect(alerts.size, page).toBe(2);
    }
  });

  it("cannot be merged into itself", async () => {
    const one = await createClient(web.database.db, { tenantId: tenant.id });
    const answer = await tenant.as.admin.post(`/clients/${one.id}?${data}`, {
      intent: "merge",
      into: one.id,
    });
    expect(answer.status).toBe(422);
    expect((await row(one.id))?.archivedAt).toBeNull();
  });

  it("is archived only if no group maps to it, and comes back unless its name was taken", async () => {
    const { db } = web.database;
    const tenantId = tenant.id;
    const client = await createClient(db, { tenantId, name: "Client" });
    const integration = await createIntegration(db, { tenantId });
    const group = await createGroup(db, { tenantId, connectionId: integration.id, clientId: client.id });
    const post = (intent: string) => tenant.as.admin.post(`/clients/${client.id}?${data}`, { intent });

    expect((await post("archive")).status).toBe(409);
    await db
      .update(rmmOrganizationMappings)
      .set({ state: "inherit", clientId: null })
      .where(eq(rmmOrganizationMappings.id, group.id));
    await post("archive");
    expect((await row(client.id))?.archivedAt).not.toBeNull();

    const taken = await createClient(db, { tenantId, name: "CLIENT" });
    expect((await post("restore")).status).toBe(409);
    await db.delete(clients).where(eq(clients.id, taken.id));
    await post("restore");
    expect((await row(client.id))?.archivedAt).toBeNull();
  });

  it("that is archived gets no devices of a group that comes back to the RMM", async () => {
    const { db } = web.database;
    const tenantId = tenant.id;
    const client = await createClient(db, { tenantId, name: "Client" });
    const integration = await createIntegration(db, { tenantId });
    const gone = { tenantId, connectionId: integration.id, clientId: client.id, goneAt: new Date() };
    const group = await createGroup(db, { ...gone, name: "Vanished" });

    await tenant.as.admin.post(`/clients/${client.id}?${data}`, { intent: "archive" });
    expect((await row(client.id))?.archivedAt).not.toBeNull();
    const [mapping] = await db
      .select()
      .from(rmmOrganizationMappings)
      .where(eq(rmmOrganizationMappings.id, group.id));
    expect(mapping).toMatchObject({ state: "inherit", clientId: null });
    const [after] = await db.select().from(rmmIntegrations).where(eq(rmmIntegrations.id, integration.id));
    expect(after?.mappingVersion).toBe(1);
    expect((await log("mapping.changed"))[0]).toMatchObject({
      targetId: integration.id,
      details: { changes: [{ externalId: group.externalId, state: "inherit", path: "Vanished" }] },
    });
  });
});

describe("a CSV file", () => {
  it("makes new clients, and changes the notes of existing ones", async () => {
    await createClient(web.database.db, { tenantId: tenant.id, name: "Known Ltd" });
    const text = `\uFEFFName;Notes\r\nNew One;"first; note"\r\nknown ltd;called\r\nNew Two;\r\n`;
    const { status, body } = await importCsv(text);
    expect(status).toBe(200);
    expect(body.plan?.counts).toEqual({ new: 2, changed: 1, unchanged: 0, error: 0 });
    const rows = await web.database.db.select().from(clients).where(eq(clients.tenantId, tenant.id));
    expect(rows.find(({ name }) => name === "New One")?.notes).toBe("first; note");
    expect(rows.find(({ name }) => name === "Known Ltd")?.notes).toBe("called");
    // The same file again changes nothing, and a column that it lacks stays.
    expect((await importCsv("name\nNew One\nNew Two\n")).body.plan?.counts).toMatchObject({ unchanged: 2 });
  });

  it("that is not valid is refused, and nothing is made", async () => {
    for (const text of ["", "name\n", "company\nAcme\n", 'name\n"open quote\n']) {
      const { status, body } = await importCsv(text);
      expect(status, JSON.stringify(text)).toBe(422);
      const said = body.errors?.file ?? body.problems?.[0]?.message;
      expect(said, JSON.stringify(text)).toBeTypeOf("string");
    }
    expect(await web.database.db.select().from(clients).where(eq(clients.tenantId, tenant.id))).toHaveLength(
      0,
    );
  });

  it("can be imported again after export, and contains nothing that a spreadsheet would run", async () => {
    const names = ['=HYPERLINK("http://evil")', "+1 Support", "Comma, Inc", 'Quote "Q"', "Ünïcode 株式会社"];
    for (const name of names) await createClient(web.database.db, { tenantId: tenant.id, name });
    const response = await tenant.as.viewer.get("/clients.csv");
    expect(response.headers.get("Content-Disposition")).toContain("clients.csv");
    const text = await response.text();
    expect(text).toContain(`"'=HYPERLINK(`);
    expect(text).not.toMatch(/(^|\n|,)"?=HYPERLINK/);
    const { body } = await importCsv(text);
    expect(body.plan?.counts).toEqual({ new: 0, changed: 0, unchanged: names.length, error: 0 });
  });

  it("means in another company's account what it means here", async () => {
    const known = [
      { name: "Smith; Jones Ltd", notes: "- call first" },
      { name: "Comma, Inc", notes: 'a "quoted"; note,\non two lines' },
      { name: "@Home", notes: "a\ttab" },
      { name: "Without notes", notes: null },
    ];
    for (const client of known) await createClient(web.database.db, { tenantId: tenant.id, ...client });
    const text = await (await tenant.as.viewer.get("/clients.csv")).text();
    const other = await web.tenant();
    expect((await importCsv(text, other)).body.plan?.counts).toMatchObject({ new: 4, error: 0 });
    const { name, notes } = clients;
    const there = web.database.db.select({ name, notes }).from(clients).where(eq(clients.tenantId, other.id));
    expect(new Set(await there)).toEqual(new Set(known));
  });

  it.each([
    ["semicolons", "name;notes\nComma, Inc;x\n", "Comma, Inc"],
    ["tabs", "notes\tname\nx\tComma, Inc; Ltd\n", "Comma, Inc; Ltd"],
    ["commas", "name,notes\nSmith; Jones,x\n", "Smith; Jones"],
  ])("is split at its %s only, if its first line has them", async (_, text, name) => {
    await importCsv(text);
    const rows = await web.database.db.select().from(clients).where(eq(clients.tenantId, tenant.id));
    expect(rows).toMatchObject([{ name, notes: "x" }]);
  });

  it.each([
    ["UTF-8", Buffer.from("name\nMüller\n")],
    ["the Windows code page", Buffer.from("name\nMüller\n", "latin1")],
    ["UTF-16", Buffer.from("\uFEFFname\nMüller\n", "utf16le")],
    ["UTF-16, the other way round", Buffer.from("\uFEFFname\nMüller\n", "utf16le").swap16()],
  ])("is read as it was written: in %s", async (_, bytes) => {
    await importCsv(bytes);
    const rows = await web.database.db.select().from(clients).where(eq(clients.tenantId, tenant.id));
    expect(rows.map(({ name }) => name)).toEqual(["Müller"]);
  });

  it("from Excel on Windows keeps its quotes, dashes and euro signs", async () => {
    await importCsv(Buffer.from("name\nO\x92Brien \x96 5 \x80\n", "latin1"));
    const rows = await web.database.db.select().from(clients).where(eq(clients.tenantId, tenant.id));
    expect(rows.map(({ name }) => name)).toEqual(["O’Brien – 5 €"]);
  });

  it("of 5,000 lines is imported at once", async () => {
    const text = `name,notes\n${Array.from({ length: 5000 }, (_, i) => `Client ${i},Note ${i}`).join("\n")}\n`;
    expect((await importCsv(text)).body.plan?.counts).toMatchObject({ new: 5000 });
    const page = await (await tenant.as.viewer.get(list)).json();
    expect(page).toMatchObject({ total: 5000 });
  });
});

describe("the list of clients", () => {
  interface Page {
    rows: { name: string; assets: number; online: number }[];
    total: number;
    next: string | null;
  }

  it("continues after the last client of a page, in each order and direction, and shows each client once", async () => {
    const { db } = web.database;
    const tenantId = tenant.id;
    const names = Array.from({ length: 103 }, (_, n) => `Client ${n}`);
    const made = await db
      .insert(clients)
      .values(names.map((name) => ({ tenantId, name })))
      .returning({ id: clients.id });
    await db.insert(assets).values(
      made.flatMap(({ id }, n) =>
        Array.from({ length: n % 3 }, (_, k) => ({
          tenantId,
          clientId: id,
          name: `PC-${k}`,
          assetType: "workstation" as const,
        })),
      ),
    );
    const walk = async (order: string) => {
      const pages: Page[] = [];
      for (let next: string | null = ""; next !== null; next = pages.at(-1)!.next)
        pages.push(
          (await (
            await tenant.as.viewer.get(`/clients?${order}&after=${next}&_data=routes%2F_app.clients._index`)
          ).json()) as Page,
        );
      expect(pages.map(({ rows, total }) => [rows.length, total])).toEqual([
        [50, 103],
        [50, 103],
        [3, 103],
      ]);
      return pages.flatMap(({ rows }) => rows);
    };
    for (const sort of ["name", "devices", "online", "patches", "alerts", "fresh", "synced"])
      for (const order of [`sort=${sort}`, `sort=${sort}&order=reverse`]) {
        const found = await walk(order);
        expect(new Set(found.map(({ name }) => name)).size, order).toBe(103);
      }
    const mostFirst = (await walk("sort=devices")).map((row) => row.assets);
    expect(mostFirst).toEqual([...mostFirst].sort((a, b) => b - a));
    expect(mostFirst[0]).toBe(2);
    expect((await walk("sort=name")).map(({ name }) => name)).toEqual(names);
  });
});
