import { and, eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { listGroups } from "@db/queries/device-sync/groups";
import { assetChanges, assetList, assets, clientContacts, clientSites } from "@db/schema";
import { fieldsOf, type AssetPlace } from "@domain/asset-fields";
import { assetVersion } from "@domain/asset-version";
import { editAsset } from "~/features/assets/edit-asset.server";
import { applyMapping, planMapping, readCodedMapping } from "~/features/mapping/mapping-code.server";
import type { MappingEdit } from "~/features/mapping/mapping-edit";
import { saveMapping } from "~/features/mapping/mapping.server";
import { previewEdits } from "~/features/mapping/preview-edits.server";
import { undoRun } from "~/features/sync-runs/undo-run.server";

import { createClient } from "../../support/factories";
import { TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;
let clientId: string;
let groupId: string;
let site: { id: string };
let contact: { id: string };

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 30, seed: 3, updatesPerDevice: 0 });
  const { db } = world.database;
  const { tenantId, connectionId } = world;
  const groups = await withTenant(db, tenantId, (tx) => listGroups(tx, tenantId, connectionId));
  const [one] = await db.select().from(assets).where(eq(assets.tenantId, tenantId));
  clientId = one!.clientId!;
  groupId = groups.find((group) => group.clientId === clientId)!.externalId;
  site = (await db.insert(clientSites).values({ tenantId, clientId, name: "=Berlin / 🦊" }).returning())[0]!;
  contact = (await db.insert(clientContacts).values({ tenantId, clientId, name: "Ann" }).returning())[0]!;
});
afterEach(() => world.close());

const save = (edit: Partial<MappingEdit>) =>
  saveMapping(world.deps, world, [{ externalId: groupId, state: "mapped", clientId, ...edit }], TEST_ACTOR);
const ofClient = () =>
  world.database.db
    .select()
    .from(assets)
    .where(and(eq(assets.tenantId, world.tenantId), eq(assets.clientId, clientId)));
const places = async () => (await ofClient()).map(({ siteId, contactId }) => ({ siteId, contactId }));
const placeChanges = async () =>
  (await world.database.db.select().from(assetChanges)).filter(({ field }) =>
    ["site", "contact"].includes(field),
  );

describe("a group that is mapped to a site of a client", () => {
  it("gives its devices the site and the default contact in the next sync, and an unchanged one writes nothing", async () => {
    const edit = { siteId: site.id, contactId: contact.id };
    const wanted = [{ externalId: groupId, state: "mapped" as const, clientId, ...edit }];
    const preview = await previewEdits(world.deps, world, wanted);
    const n = (await ofClient()).length;
    expect(preview).toMatchObject({ state: "previewed", preview: { placed: n, moved: [], lost: [] } });
    expect(await save(edit)).toMatchObject({ state: "saved", changed: 1 });
    await world.sync("full");
    for (const place of await places()) expect(place).toEqual(edit);
    const listed = await world.database.db.select().from(assetList).where(eq(assetList.siteId, site.id));
    expect(listed).toHaveLength(n);
    expect(await placeChanges()).toHaveLength(2 * n);
    await world.sync("full");
    expect(await placeChanges()).toHaveLength(2 * n);
    await save({ siteId: null });
    await world.sync("full");
    for (const place of await places()) expect(place).toEqual({ siteId: null, contactId: contact.id });
  });

  it("leaves overrides, and a device that a person gave to another client", async () => {
    const { db } = world.database;
    const [own, moved] = await ofClient();
    const other = await createClient(db, { tenantId: world.tenantId, name: "Another" });
    await db
      .update(assets)
      .set({ overriddenFields: ["site"] })
      .where(eq(assets.id, own!.id));
    await db
      .update(assets)
      .set({ clientId: other.id, overriddenFields: ["client"] })
      .where(eq(assets.id, moved!.id));
    await save({ siteId: site.id });
    await world.sync("full");
    const row = async (id: string) => (await db.select().from(assets).where(eq(assets.id, id)))[0]!;
    expect((await row(own!.id)).siteId).toBeNull();
    expect((await row(moved!.id)).siteId).toBeNull();
  });

  it("yields to a person's choice on the asset's page, until the asset follows the mapping again", async () => {
    await save({ siteId: site.id, contactId: contact.id });
    await world.sync("full");
    const { id } = (await ofClient())[0]!;
    const edit = async (place: Partial<AssetPlace>) => {
      const row = (await ofClient()).find((one) => one.id === id)!;
      const { site: _site, contact: _contact, ...fields } = fieldsOf(row);
      const version = assetVersion(fieldsOf(row), row.overriddenFields);
      const ref = { tenantId: world.tenantId, assetId: id };
      return editAsset(world.deps, ref, { ...fields, ...place }, version, TEST_ACTOR);
    };
    const row = async () => (await ofClient()).find((one) => one.id === id)!;

    expect(await edit({ site: null })).toEqual({ state: "saved", changed: ["site"], released: [] });
    await world.sync("full");
    expect(await row()).toMatchObject({
      siteId: null,
      contactId: contact.id,
      overriddenFields: ["site"],
    });

    expect(await edit({})).toEqual({ state: "saved", changed: [], released: ["site"] });
    expect(await row()).toMatchObject({ siteId: site.id, contactId: contact.id, overriddenFields: [] });
  });

  it("is restored by an undo of the run, and stays so until the mapping changes", async () => {
    await save({ siteId: site.id });
    const run = await world.sync("full");
    await undoRun(world.deps, { tenantId: world.tenantId, runId: run.id }, TEST_ACTOR);
    expect(new Set((await places()).map(({ siteId }) => siteId))).toEqual(new Set([null]));
    await world.sync("full");
    expect(new Set((await places()).map(({ siteId }) => siteId))).toEqual(new Set([null]));
    const [paris] = await world.database.db
      .insert(clientSites)
      .values({ tenantId: world.tenantId, clientId, name: "Paris" })
      .returning();
    await save({ siteId: paris!.id });
    await world.sync("full");
    expect(new Set((await places()).map(({ siteId }) => siteId))).toEqual(new Set([paris!.id]));
  });

  it("keeps its site while its client stays, and takes none of another client", async () => {
    await save({ siteId: site.id });
    await save({});
    const { db } = world.database;
    const group = async () =>
      (await withTenant(db, world.tenantId, (tx) => listGroups(tx, world.tenantId, world.connectionId))).find(
        ({ externalId }) => externalId === groupId,
      )!;
    expect((await group()).siteId).toBe(site.id);
    const other = await createClient(db, { tenantId: world.tenantId, name: "Another" });
    expect(await save({ clientId: other.id, siteId: site.id })).toEqual({ state: "unknown_client" });
    await save({ clientId: other.id });
    expect(await group()).toMatchObject({ clientId: other.id, siteId: null });
  });

  it("is the same after export, wipe and apply of the mapping as a file", async () => {
    await save({ siteId: site.id, contactId: contact.id });
    const exported = (await readCodedMapping(world.deps, world))!;
    expect(exported.groups).toContainEqual(
      expect.objectContaining({ state: "mapped", site: "=Berlin / 🦊", contact: "Ann" }),
    );
    await applyMapping(world.deps, world, { groups: [] }, TEST_ACTOR);
    const plan = await planMapping(world.deps, world, exported);
    expect(plan).toMatchObject({ state: "planned" });
    await applyMapping(world.deps, world, exported, TEST_ACTOR);
    expect((await readCodedMapping(world.deps, world))!.groups).toEqual(exported.groups);
    expect(await planMapping(world.deps, world, exported)).toMatchObject({ changes: [] });
    const named = exported.groups.map((row) => (row.site === undefined ? row : { ...row, site: "Made" }));
    await applyMapping(world.deps, world, { groups: named }, TEST_ACTOR);
    const sites = await world.database.db
      .select()
      .from(clientSites)
      .where(eq(clientSites.clientId, clientId));
    expect(sites.map(({ name }) => name).sort()).toEqual(["=Berlin / 🦊", "Made"]);
  });
});
