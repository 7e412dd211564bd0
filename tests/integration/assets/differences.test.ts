import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createAsset, createClient, createIntegration } from "@tests/support/factories";
import { countStatements } from "@tests/support/statements";
import { createWebWorld, type Browser, type WebWorld } from "@tests/support/web";
import { queryRows } from "@db/client";
import { assets, auditLog, tenantExternalEntityMappings, type ReportedFields } from "@db/schema";

const ROUTE = "_data=routes%2F_app.assets.differences";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let acme: string;
let beta: string;
let connectionId: string;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());

beforeEach(async () => {
  tenant = await web.tenant();
  const of = { tenantId: tenant.id };
  acme = (await createClient(web.database.db, { ...of, name: "Acme" })).id;
  beta = (await createClient(web.database.db, { ...of, name: "Beta" })).id;
  connectionId = (await createIntegration(web.database.db, of)).id;
});

interface Wanted {
  name: string;
  held: string[];
  reported: Partial<ReportedFields> | null;
  ours?: Partial<typeof assets.$inferInsert>;
  device?: Partial<typeof tenantExternalEntityMappings.$inferInsert>;
}

/** An asset that has these values, with a device that reports others. */
async function add({ name, held, reported, ours = {}, device = {} }: Wanted, tenantId = tenant.id) {
  const asset = await createAsset(web.database.db, {
    tenantId,
    name,
    clientId: acme,
    overriddenFields: held,
    ...ours,
  });
  const { assetType, location, clientId } = asset;
  await web.database.db.insert(tenantExternalEntityMappings).values({
    tenantId,
    connectionId,
    integrationType: "levelio",
    externalId: `device of ${asset.id}`,
    assetId: asset.id,
    displayName: name,
    contentHash: "x",
    observedAt: new Date(),
    reported: reported === null ? null : { name, assetType, location, clientId, ...reported },
    ...device,
  });
  return asset.id;
}

interface Row {
  assetId: string;
  asset: string;
  field: string;
  ours: string | null;
  theirs: string | null;
  theirValue: string | null;
  obstacle: string | null;
}

async function list(query = "", browser: Browser = tenant.as.viewer) {
  const response = await browser.get(`/assets/differences?${ROUTE}&${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as {
    rows: Row[];
    next: string | null;
    total: number;
    mark: string;
    all: number;
  };
}

const keyOf = (row: Pick<Row, "assetId" | "field" | "theirValue">) =>
  JSON.stringify([row.assetId, row.field, row.theirValue]);

const resolve = (intent: "theirs" | "ours", fields: Record<string, string>, query = "") =>
  tenant.as.admin.post(`/assets/differences?${query}`, { intent, ...fields });

/** Everything that matches, as the page shows it. */
const resolveAll = async (intent: "theirs" | "ours", query = "") =>
  resolve(intent, { all: "on", mark: (await list(query)).mark }, query);

async function stored(assetId: string) {
  const rows = await web.database.db
    .select()
    .from(assets)
    .where(sql`${assets.id} = ${assetId}`);
  return rows[0]!;
}

const audited = async (assetId: string) => {
  const rows = await web.database.db
    .select({ action: auditLog.action, details: auditLog.details, actor: auditLog.actor })
    .from(auditLog)
    .where(sql`${auditLog.targetId} = ${assetId}`)
    .orderBy(auditLog.id);
  return rows;
};

describe("a difference to Level", () => {
  it.each<[string, Omit<Wanted, "name">, string[]]>([
    ["a name that is held", { held: ["name"], reported: { name: "Level's" } }, ["name"]],
    ["a type that is held", { held: ["type"], reported: { assetType: "server" } }, ["type"]],
    ["a location that is held", { held: ["location"], reported: { location: "Bern" } }, ["location"]],
    [
      "several",
      { held: ["name", "location"], reported: { name: "Y", location: "Bern" } },
      ["location", "name"],
    ],
    ["none where a name is not held", { held: ["type"], reported: { name: "Level's" } }, []],
    ["none where Level says the same", { held: ["name", "type", "location", "client"], reported: {} }, []],
    [
      "none where Level is blank",
      { held: ["location"], reported: {}, ours: { location: "Cellar" }, device: {} },
      [],
    ],
    ["none while it is not known what Level says", { held: ["name"], reported: null }, []],
    ["none of notes", { held: ["notes"], reported: { name: "Level's" } }, []],
    [
      "none of an asset that is gone",
      { held: ["name"], reported: { name: "Level's" }, ours: { status: "gone" } },
      [],
    ],
    [
      "none that is kept",
      { held: ["name"], reported: { name: "Level's" }, ours: { dismissedValues: { name: "Level's" } } },
      [],
    ],
    [
      "one that was kept when Level said something else",
      { held: ["name"], reported: { name: "Level's" }, ours: { dismissedValues: { name: "former" } } },
      ["name"],
    ],
  ])("is %s", async (_what, wanted, fields) => {
    const reported =
      wanted.ours?.location === undefined ? wanted.reported : { ...wanted.reported, location: null };
    await add({ ...wanted, reported, name: "Ours" });
    const { rows, total, all } = await list();
    expect(rows.map((row) => row.field)).toEqual(fields);
    expect([total, all]).toEqual([fields.length, fields.length]);
  });

  it("of the client shows the names, and a group without a client", async () => {
    await add({ name: "Moved", held: ["client"], reported: { clientId: beta } });
    await add({
      name: "Nowhere",
      held: ["client"],
      reported: { clientId: null },
      device: { skipReason: "unmapped" },
    });
    const archived = await createClient(web.database.db, {
      tenantId: tenant.id,
      name: "Former",
      archivedAt: new Date(),
    });
    await add({ name: "Archived", held: ["client"], reported: { clientId: archived.id } });
    const { rows } = await list();
    expect(rows.map(({ asset, ours, theirs, obstacle }) => [asset, ours, theirs, obstacle])).toEqual([
      ["Archived", "Acme", "Former", "archived"],
      ["Moved", "Acme", "Beta", null],
      ["Nowhere", "Acme", null, "no_client"],
    ]);
  });

  it("is what the listed device reports, whatever a gone one reported", async () => {
    const assetId = await add({ name: "Two", held: ["name"], reported: { name: "Live" } });
    await web.database.db.insert(tenantExternalEntityMappings).values({
      tenantId: tenant.id,
      connectionId,
      integrationType: "levelio",
      externalId: "former device",
      assetId,
      displayName: "Two",
      contentHash: "x",
      observedAt: new Date(Date.now() + 60_000),
      goneAt: new Date(),
      reported: { name: "Gone", assetType: "server", location: null, clientId: beta },
    });
    expect((await list()).rows.map((row) => row.theirs)).toEqual(["Live"]);
  });
});

describe("the list of differences", () => {
  beforeEach(async () => {
    await add({ name: "A-1", held: ["name", "location"], reported: { name: "L-1", location: "Bern" } });
    await add({ name: "B-1", held: ["client"], reported: { clientId: beta }, ours: { clientId: null } });
    await add({ name: "C-%1", held: ["type"], reported: { assetType: "server" }, ours: { clientId: beta } });
  });

  it.each([
    ["", ["A-1 location", "A-1 name", "B-1 client", "C-%1 type"]],
    ["field=name", ["A-1 name"]],
    ["field=nonsense", ["A-1 location", "A-1 name", "B-1 client", "C-%1 type"]],
    ["client=none", ["B-1 client"]],
    ["q=bern", ["A-1 location"]],
    ["q=beta", ["B-1 client"]],
    ["q=%25", ["C-%1 type"]],
    ["q=nothing", []],
  ])("finds with “%s” %j", async (query, found) => {
    const { rows, total, all } = await list(query);
    expect(rows.map((row) => `${row.asset} ${row.field}`)).toEqual(found);
    expect(total).toBe(found.length);
    expect(all).toBe(4);
  });

  it("finds those of a client", async () => {
    expect((await list(`client=${beta}`)).rows.map((row) => row.asset)).toEqual(["C-%1"]);
  });

  it("has each difference once over its pages", async () => {
    for (let i = 0; i < 60; i++) await add({ name: `P-${i}`, held: ["name"], reported: { name: "Same" } });
    const first = await list();
    // Rows added meanwhile before the place shift nothing after it.
    await add({ name: "A-0", held: ["name"], reported: { name: "Same" } });
    const pages = [first, await list(`after=${first.next}`)];
    expect(pages[1]!.next).toBeNull();
    expect(pages.map((page) => page.rows.length)).toEqual([50, 14]);
    expect(new Set(pages.flatMap((page) => page.rows.map(keyOf))).size).toBe(64);
  });

  it("is counted on the asset list", async () => {
    const response = await tenant.as.viewer.get("/assets?index&_data=routes%2F_app.assets._index");
    expect(await response.json()).toMatchObject({ differences: 4 });
  });
});

describe("using Level's", () => {
  it("sets the value, removes the override and records it", async () => {
    const assetId = await add({ name: "Ours", held: ["name", "notes"], reported: { name: "Level's" } });
    const [row] = (await list()).rows;
    const answer = await resolve("theirs", { row: keyOf(row!) }, "q=ours");
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/assets/differences?q=ours"]);
    expect(await stored(assetId)).toMatchObject({ name: "Level's", overriddenFields: ["notes"] });
    expect(await audited(assetId)).toEqual([
      {
        action: "asset.hold_released",
        actor: tenant.users.admin.email,
        details: { asset: "Level's", name: { from: "Ours", to: "Level's" } },
      },
    ]);
    expect((await list()).total).toBe(0);
  });

  it("moves to the client of Level's group, and publishes that the asset moved", async () => {
    const assetId = await add({
      name: "Both",
      held: ["client", "type"],
      reported: { clientId: beta, assetType: "server" },
    });
    await resolveAll("theirs");
    expect(await stored(assetId)).toMatchObject({
      clientId: beta,
      assetType: "server",
      overriddenFields: [],
    });
    expect(await audited(assetId)).toMatchObject([
      {
        action: "asset.hold_released",
        details: {
          client: { from: "Acme", to: "Beta" },
          type: { from: "workstation", to: "server" },
        },
      },
      { action: "asset.moved", details: { name: "Both", fromClientId: acme, toClientId: beta } },
    ]);
  });

  it("leaves a client if the group leads to none, or to an archived one", async () => {
    const nowhere = await add({
      name: "Nowhere",
      held: ["client"],
      reported: { clientId: null },
      device: { skipReason: "unmapped" },
    });
    const { id: archived } = await createClient(web.database.db, {
      tenantId: tenant.id,
      name: "Former",
      archivedAt: new Date(),
    });
    const former = await add({ name: "Former", held: ["client"], reported: { clientId: archived } });
    await resolveAll("theirs");
    for (const id of [nowhere, former]) {
      expect(await stored(id)).toMatchObject({ clientId: acme, overriddenFields: ["client"] });
      expect(await audited(id)).toEqual([]);
    }
  });

  it("applies what the person saw, and nothing else", async () => {
    const assetId = await add({ name: "Ours", held: ["name"], reported: { name: "Seen" } });
    const [row] = (await list()).rows;
    await queryRows(
      web.database.db,
      sql`update tenant_external_entity_mappings set reported = reported || '{"name":"Newer"}'
          where asset_id = ${assetId}`,
    );
    await resolve("theirs", { row: keyOf(row!) });
    expect(await stored(assetId)).toMatchObject({ name: "Ours", overriddenFields: ["name"] });
    expect(await audited(assetId)).toEqual([]);
  });

  it.each([
    ["a value of Level's is another", `set reported = reported || '{"name":"Newer"}'`],
    ["one went and another came", `set reported = reported - 'name' || '{"location":"Bern"}'`],
  ])("resolves none of all matches when %s than what the page showed", async (_, change) => {
    const assetId = await add({ name: "Ours", held: ["name", "location"], reported: { name: "Seen" } });
    const { mark, total } = await list();
    await queryRows(
      web.database.db,
      sql`update tenant_external_entity_mappings ${sql.raw(change)} where asset_id = ${assetId}`,
    );
    expect((await list()).total).toBe(total);
    await resolve("theirs", { all: "on", mark });
    await resolve("ours", { all: "on" });
    expect(await stored(assetId)).toMatchObject({ name: "Ours", dismissedValues: {} });
    expect(await audited(assetId)).toEqual([]);
    await resolveAll("theirs");
    expect((await list()).total).toBe(0);
  });

  it("for all matches applies only to those of the filter", async () => {
    for (let i = 0; i < 120; i++) {
      await add({
        name: `N-${i}`,
        held: ["name", "location"],
        reported: { name: `L-${i}`, location: "Bern" },
      });
    }
    await resolveAll("theirs", "field=location");
    const { rows, total } = await list();
    expect(total).toBe(120);
    expect(new Set(rows.map((row) => row.field))).toEqual(new Set(["name"]));
    expect(
      await queryRows(
        web.database.db,
        sql`select count(*)::int as n from assets where tenant_id = ${tenant.id} and location = 'Bern'
            and held_fields = '{name}' and name like 'N-%'`,
      ),
    ).toEqual([{ n: 120 }]);
  });

  it("of one field on the asset's page works even if nothing differs or Level's value is blank", async () => {
    const assetId = await add({
      name: "Same",
      held: ["name", "location"],
      reported: { location: null },
      ours: { location: "Cellar" },
    });
    for (const [field, theirValue] of [
      ["name", "Same"],
      ["location", null],
    ] as const) {
      const answer = await tenant.as.admin.post(`/assets/${assetId}`, {
        intent: "follow",
        row: keyOf({ assetId, field, theirValue }),
      });
      expect(answer.status).toBe(303);
    }
    expect(await stored(assetId)).toMatchObject({ name: "Same", location: "Cellar", overriddenFields: [] });
  });
});

describe("keeping ours", () => {
  it("changes nothing, and hides the difference until Level reports another value", async () => {
    const assetId = await add({ name: "Ours", held: ["name"], reported: { name: "Level's" } });
    const [row] = (await list()).rows;
    await resolve("ours", { row: keyOf(row!) });
    expect(await stored(assetId)).toMatchObject({
      name: "Ours",
      overriddenFields: ["name"],
      dismissedValues: { name: "Level's" },
    });
    expect((await list()).total).toBe(0);
    expect(await audited(assetId)).toMatchObject([
      { action: "asset.difference_kept", details: { ours: { name: "Ours" }, notTaken: { name: "Level's" } } },
    ]);
    await queryRows(
      web.database.db,
      sql`update tenant_external_entity_mappings set reported = reported || '{"name":"Newer"}'
          where asset_id = ${assetId}`,
    );
    expect((await list()).rows.map((one) => one.theirs)).toEqual(["Newer"]);
  });

  it("keeps a client if the group leads to none", async () => {
    await add({
      name: "Nowhere",
      held: ["client"],
      reported: { clientId: null },
      device: { skipReason: "ungrouped" },
    });
    await resolveAll("ours");
    expect((await list()).total).toBe(0);
  });
});

describe("settling", () => {
  it("touches nothing of another tenant, by its ids or by everything", async () => {
    const other = await web.tenant();
    const theirClient = await createClient(web.database.db, { tenantId: other.id });
    const theirIntegration = await createIntegration(web.database.db, { tenantId: other.id });
    const foreign = await createAsset(web.database.db, {
      tenantId: other.id,
      name: "Foreign",
      clientId: theirClient.id,
      overriddenFields: ["name"],
    });
    await web.database.db.insert(tenantExternalEntityMappings).values({
      tenantId: other.id,
      connectionId: theirIntegration.id,
      integrationType: "levelio",
      externalId: "foreign",
      assetId: foreign.id,
      displayName: "Foreign",
      contentHash: "x",
      observedAt: new Date(),
      reported: { name: "Level's", assetType: "workstation", location: null, clientId: theirClient.id },
    });
    expect((await list("", other.as.viewer)).total).toBe(1);
    expect((await list()).total).toBe(0);
    const before = await stored(foreign.id);
    const row = keyOf({ assetId: foreign.id, field: "name", theirValue: "Level's" });
    await resolve("theirs", { row });
    await resolve("ours", { row });
    await resolveAll("theirs");
    expect((await tenant.as.admin.post(`/assets/${foreign.id}`, { intent: "follow", row })).status).toBe(404);
    expect(await stored(foreign.id)).toEqual(before);
  });

  it.each(["no JSON", "[]", `["x","name",null]`, `["${crypto.randomUUID()}","notes",null]`, "null"])(
    "refuses a row that no page made: %s",
    async (row) => {
      expect((await resolve("theirs", { row })).status).toBe(400);
    },
  );

  it("uses as many statements for 100 differences as for one", async () => {
    await add({ name: "First", held: ["name"], reported: { name: "Level's" } });
    const few = await countStatements(web, tenant.as.admin, "/assets/differences");
    for (let i = 0; i < 100; i++) await add({ name: `N-${i}`, held: ["name"], reported: { name: "L" } });
    expect(await countStatements(web, tenant.as.admin, "/assets/differences")).toBe(few);
    expect(few).toBeLessThan(12);
  });
});
