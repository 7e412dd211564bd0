import { and, asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import {
  assets,
  auditLog,
  clientContacts,
  clientMerges,
  clients,
  clientSites,
  rmmOrganizationMappings,
} from "@db/schema";
import { DAY_MS } from "@domain/durations";
import { createAsset, createClient, createGroup, createIntegration } from "@tests/support/factories";
import { createWebWorld, type WebWorld } from "@tests/support/web";

const ROUTE = `_data=${encodeURIComponent("routes/_app.clients.$clientId")}`;

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let from: { id: string };
let into: { id: string };
let other: { id: string };
beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());

beforeEach(async () => {
  tenant = await web.tenant();
  const { db } = web.database;
  const tenantId = tenant.id;
  from = await createClient(db, { tenantId, name: "From" });
  into = await createClient(db, { tenantId, name: "Into" });
  other = await createClient(db, { tenantId, name: "Other" });
  for (const name of ["a", "b"]) await createAsset(db, { tenantId, clientId: from.id, name });
  await createAsset(db, { tenantId, clientId: into.id, name: "own" });
  const { id: connectionId } = await createIntegration(db, { tenantId });
  for (const name of ["g", "h"]) await createGroup(db, { tenantId, connectionId, clientId: from.id, name });
});

const merge = () => tenant.as.admin.post(`/clients/${from.id}`, { intent: "merge", into: into.id });
const merges = () => web.database.db.select().from(clientMerges).where(eq(clientMerges.tenantId, tenant.id));
const undo = async (browser = tenant.as.admin, clientId = into.id) =>
  browser.post(`/clients/${clientId}?${ROUTE}`, { intent: "undo-merge", merge: (await merges())[0]!.id });
const owners = async () => {
  const { db } = web.database;
  const ofTenant = await db
    .select({ name: assets.name, clientId: assets.clientId })
    .from(assets)
    .where(eq(assets.tenantId, tenant.id))
    .orderBy(asc(assets.name));
  const groups = await db
    .select({ name: rmmOrganizationMappings.name, clientId: rmmOrganizationMappings.clientId })
    .from(rmmOrganizationMappings)
    .where(eq(rmmOrganizationMappings.tenantId, tenant.id))
    .orderBy(asc(rmmOrganizationMappings.name));
  return Object.fromEntries([...ofTenant, ...groups].map(({ name, clientId }) => [name, clientId]));
};
const isArchived = async ({ id }: { id: string }) =>
  (await web.database.db.select().from(clients).where(eq(clients.id, id)))[0]!.archivedAt !== null;

describe("merging a client", () => {
  it("asks first, and says how much would move", async () => {
    const address = `/clients/${from.id}?edit=1`;
    expect(await (await tenant.as.admin.get(address)).text()).toContain(">Merge…</span></button>");
    const asked = await tenant.as.admin.get(`${address}&_data=routes%2F_app.clients.%24clientId`);
    expect(await asked.json()).toMatchObject({
      counts: { current: 2, gone: 0, retired: 0 },
      groups: [{ path: "g" }, { path: "h" }],
    });
  });

  it("can be undone from either client's page, and brings everything back", async () => {
    const before = await owners();
    await merge();
    expect(await owners()).toMatchObject({ a: into.id, b: into.id, g: into.id, h: into.id });
    for (const { id } of [from, into])
      expect(await (await tenant.as.admin.get(`/clients/${id}`)).text()).toContain("Undo the merge");
    await undo();
    expect(await owners()).toEqual(before);
    expect(await isArchived(from)).toBe(false);
    expect(await (await tenant.as.admin.get(`/clients/${into.id}`)).text()).not.toContain("Undo the merge");
    const audited = await web.database.db.select().from(auditLog).where(eq(auditLog.tenantId, tenant.id));
    expect(audited.filter(({ action }) => action === "client.merge_undone")).toMatchObject([
      { targetId: from.id, details: { assets: 2, groups: 2 } },
    ]);
    expect(audited.filter(({ action }) => action === "asset.moved")).toHaveLength(4);
    expect((await undo()).status).toBe(409);
  });

  it("leaves what was moved since", async () => {
    const { db } = web.database;
    await merge();
    await db.update(assets).set({ clientId: other.id }).where(eq(assets.name, "a"));
    const ofOther = { clientId: other.id };
    await db.update(rmmOrganizationMappings).set(ofOther).where(eq(rmmOrganizationMappings.name, "g"));
    await undo();
    expect(await owners()).toMatchObject({ a: other.id, b: from.id, g: other.id, h: from.id, own: into.id });
  });

  it("can be undone until the last minute of the seventh day", async () => {
    await merge();
    const mergedAt = new Date(Date.now() - 7 * DAY_MS + 60_000);
    await web.database.db.update(clientMerges).set({ mergedAt }).where(eq(clientMerges.tenantId, tenant.id));
    const page = await (await tenant.as.admin.get(`/clients/${into.id}`)).text();
    expect(page).toContain("Undo the merge");
    expect((await undo()).status).toBeLessThan(400);
    expect(await owners()).toMatchObject({ a: from.id, g: from.id });
  });

  it("is final after seven days, while another client has the client's name, and for another company", async () => {
    const { db } = web.database;
    await merge();
    const stranger = (await web.tenant()).as.admin;
    const namesake = await createClient(db, { tenantId: tenant.id, name: "From" });
    expect((await undo(stranger)).status).toBeGreaterThanOrEqual(400);
    expect((await undo()).status).toBe(409);
    await db.delete(clients).where(eq(clients.id, namesake.id));
    await db.update(clientMerges).set({ mergedAt: new Date(Date.now() - 7 * DAY_MS) });
    expect((await undo()).status).toBe(409);
    expect(await owners()).toMatchObject({ a: into.id, g: into.id });
  });

  it("moves sites and contacts with it, keeps one of each name, and brings each back where it was named", async () => {
    const { db } = web.database;
    const tenantId = tenant.id;
    const site = async (clientId: string, name: string) =>
      (await db.insert(clientSites).values({ tenantId, clientId, name }).returning())[0]!;
    const [ours, own] = [await site(from.id, "HQ"), await site(from.id, "Berlin")];
    const theirs = await site(into.id, "hq");
    const [ann] = await db
      .insert(clientContacts)
      .values({ tenantId, clientId: from.id, name: "Ann" })
      .returning();
    const named = (name: string) => and(eq(assets.tenantId, tenantId), eq(assets.name, name));
    await db.update(assets).set({ siteId: ours.id, contactId: ann!.id }).where(named("a"));
    await db.update(assets).set({ siteId: own.id }).where(named("b"));
    const ofGroup = and(
      eq(rmmOrganizationMappings.tenantId, tenantId),
      eq(rmmOrganizationMappings.name, "g"),
    );
    await db.update(rmmOrganizationMappings).set({ siteId: ours.id }).where(ofGroup);
    const places = async () => {
      const [[a], [b]] = [
        await db.select().from(assets).where(named("a")),
        await db.select().from(assets).where(named("b")),
      ];
      const [group] = await db.select().from(rmmOrganizationMappings).where(ofGroup);
      return { a: a?.siteId, contact: a?.contactId, b: b?.siteId, g: group?.siteId };
    };
    const before = await places();
    await merge();
    expect(await places()).toEqual({ a: theirs.id, contact: ann!.id, b: own.id, g: theirs.id });
    const ofInto = await db.select().from(clientSites).where(eq(clientSites.clientId, into.id));
    expect(ofInto.map(({ name }) => name).sort()).toEqual(["Berlin", "hq"]);
    await undo();
    expect(await places()).toEqual(before);
    expect(await db.select().from(clientSites).where(eq(clientSites.clientId, from.id))).toHaveLength(2);
  });
});
