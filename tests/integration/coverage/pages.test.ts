import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { assets, tenantExternalEntityMappings } from "@db/schema";
import { createAsset, createClient, createGroup, createIntegration } from "@tests/support/factories";
import { countStatements } from "@tests/support/statements";
import { createWebWorld, type WebWorld } from "@tests/support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let connectionId: string;
const ids: Record<string, string> = {};

beforeAll(async () => {
  web = await createWebWorld();
  tenant = await web.tenant();
  const { db } = web.database;
  const tenantId = tenant.id;
  connectionId = (await createIntegration(db, { tenantId, label: "Level" })).id;
  const client = await createClient(db, { tenantId, name: "Acme" });
  ids["empty"] = (await createClient(db, { tenantId, name: "Empty" })).id;
  ids["archived"] = (await createClient(db, { tenantId, name: "Archived", archivedAt: new Date() })).id;
  const known = await createAsset(db, { tenantId, clientId: client.id, name: "Known" });
  ids["printer"] = (await createAsset(db, { tenantId, clientId: client.id, name: "Printer" })).id;
  await createAsset(db, { tenantId, clientId: client.id, name: "Needs none", needsNoAgent: true });
  await createAsset(db, { tenantId, clientId: client.id, name: "Gone by hand", status: "gone" });
  const group = { tenantId, connectionId };
  const mapped = await createGroup(db, { ...group, name: "Mapped", clientId: client.id });
  await createGroup(db, { ...group, name: "Below", parentExternalId: mapped.externalId });
  ids["unmapped"] = (await createGroup(db, { ...group, name: "Unmapped" })).id;
  const excluded = await createGroup(db, { ...group, name: "Excluded", state: "excluded" });
  ids["excluded"] = excluded.id;
  await createGroup(db, { ...group, name: "Below excluded", parentExternalId: excluded.externalId });
  await createGroup(db, { ...group, name: "Gone group", goneAt: new Date() });
  const device = async (name: string, row: Partial<typeof tenantExternalEntityMappings.$inferInsert>) =>
    (
      await db
        .insert(tenantExternalEntityMappings)
        .values({
          tenantId,
          connectionId,
          integrationType: "levelio",
          externalId: name,
          displayName: name,
          contentHash: "x",
          observedAt: new Date(),
          ...row,
        })
        .returning()
    )[0]!.id;
  await device("known", { assetId: known.id });
  ids["stray"] = await device("stray", { skipReason: "unmapped" });
  await device("left", { skipReason: "unmapped", goneAt: new Date() });
});
afterAll(() => web.close());

interface Coverage {
  rows: { id: string; name: string; reason: string; note: string | null }[];
  total: number;
  next: string | null;
  counts: Record<string, { open: number; ignored: number }>;
}

async function read(query: string): Promise<Coverage> {
  const route = encodeURIComponent("routes/_app.coverage");
  const response = await tenant.as.viewer.get(`/coverage?_data=${route}&${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Coverage;
}

const found = async (query: string) => (await read(query)).rows.map(({ name, reason }) => [name, reason]);

describe("the coverage", () => {
  it("lists assets without an RMM and devices without asset or client, each with its reason", async () => {
    expect(await found("kind=assets")).toEqual([["Printer", "no_agent"]]);
    expect(await found("kind=devices")).toEqual([["stray", "unmapped"]]);
    expect(await found("kind=clients")).toEqual([["Empty", "no_group"]]);
    expect(await found("kind=groups")).toEqual([
      ["Below excluded", "excluded"],
      ["Excluded", "excluded"],
      ["Unmapped", "unmapped"],
    ]);
    expect((await read("")).counts).toEqual({
      assets: { open: 1, ignored: 0 },
      devices: { open: 1, ignored: 0 },
      clients: { open: 1, ignored: 0 },
      groups: { open: 3, ignored: 0 },
    });
  });

  it("stores what is ignored with its note, and shows it again if asked to", async () => {
    const send = (fields: Record<string, string>) => tenant.as.admin.post("/coverage", fields);
    const gap = { kind: "assets", gap: ids["printer"]! };
    expect((await send({ intent: "ignore", ...gap, note: " " })).status).toBe(422);
    expect((await send({ intent: "ignore", ...gap, note: "A printer" })).status).toBe(303);
    expect(await found("kind=assets")).toEqual([]);
    expect((await read("kind=assets&show=ignored")).rows).toMatchObject([
      { name: "Printer", note: "A printer" },
    ]);
    expect((await read("")).counts["assets"]).toEqual({ open: 0, ignored: 1 });
    const file = await (await tenant.as.viewer.get("/coverage.csv?kind=assets&show=ignored")).text();
    expect(file).toContain("Printer,Acme,No RMM lists it,A printer");
    expect((await send({ intent: "unignore", ...gap })).status).toBe(303);
    expect((await send({ intent: "unignore", ...gap })).status).toBe(404);
    expect(await found("kind=assets")).toEqual([["Printer", "no_agent"]]);
    for (const action of ["coverage.ignored", "coverage.unignored"])
      expect(await (await tenant.as.admin.get(`/settings/audit?action=${action}`)).text()).toContain(
        "Printer",
      );
  });

  it("ignores only gaps, and nothing for a viewer", async () => {
    const fields = { intent: "ignore", kind: "clients", gap: ids["archived"]!, note: "x" };
    expect((await tenant.as.admin.post("/coverage", fields)).status).toBe(404);
    expect((await tenant.as.technician.post("/coverage", { ...fields, gap: ids["empty"]! })).status).toBe(
      403,
    );
  });

  it("pages through many, with a constant number of statements", async () => {
    const before = await countStatements(web, tenant.as.viewer, "/coverage?kind=assets");
    await web.database.db.insert(assets).values(
      Array.from({ length: 120 }, (_, i) => ({
        tenantId: tenant.id,
        name: `Camera ${i}`,
        assetType: "workstation" as const,
      })),
    );
    expect(await countStatements(web, tenant.as.viewer, "/coverage?kind=assets")).toBe(before);
    const names = [];
    for (let after: string | null = ""; after !== null;) {
      const page: Coverage = await read(`kind=assets&q=camera&after=${after}`);
      names.push(...page.rows.map(({ name }) => name));
      after = page.next;
    }
    expect(names).toEqual(Array.from({ length: 120 }, (_, i) => `Camera ${i}`));
    expect((await read("kind=unknown&show=x&after=%00")).total).toBe(121);
  });
});
