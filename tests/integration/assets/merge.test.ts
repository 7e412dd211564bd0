import { afterAll, beforeAll, expect, it } from "vitest";

import { assetPairs, assets } from "@db/schema";
import { eq } from "drizzle-orm";

import { createAsset, createClient } from "../../support/factories";
import { createWebWorld, type Browser, type WebWorld } from "../../support/web";

let web: WebWorld;
let browser: Browser;
let tenantId: string;
let clientId: string;

beforeAll(async () => {
  web = await createWebWorld();
  const tenant = await web.tenant();
  tenantId = tenant.id;
  browser = tenant.as.admin;
  clientId = (await createClient(web.database.db, { tenantId })).id;
});
afterAll(() => web.close());

const make = (name: string, notes: string) =>
  createAsset(web.database.db, { tenantId, clientId, name, notes });
const find = async (id: string) => {
  const [row] = await web.database.db.select().from(assets).where(eq(assets.id, id));
  return row;
};

it("a person previews the merge of two assets, merges them, is led to the result, and undoes it", async () => {
  const old = await make("TILL-OLD", "Bought in May");
  const anew = await make("TILL-NEW", "Set up anew");
  const address = `/assets/${anew.id}/merge?with=${old.id}`;
  const page = await (await browser.get(address)).text();
  expect(page).toContain("TILL-OLD");
  expect(page).toContain("Bought in May");
  expect(page).toContain("Becomes part of the other");

  const merged = await browser.post(address, { intent: "merge", with: old.id });
  expect(merged.headers.get("location")).toBe(`/assets/${old.id}`);
  expect(await find(old.id)).toMatchObject({ name: "TILL-NEW", notes: "Bought in May\n\nSet up anew" });
  expect(await find(anew.id)).toBeUndefined();
  expect((await browser.get(`/assets/${anew.id}`)).headers.get("location")).toBe(`/assets/${old.id}`);

  const shown = await (await browser.get(`/assets/${old.id}`)).text();
  expect(shown).toContain("Undo the merge");
  await browser.post(`/assets/${old.id}`, { intent: "undo-merge" });
  expect(await find(old.id)).toMatchObject({ name: "TILL-OLD", notes: "Bought in May" });
  expect(await find(anew.id)).toMatchObject({ name: "TILL-NEW", notes: "Set up anew" });
});

it("a pair that may be one machine waits under review, until somebody decides that it is two", async () => {
  const [old, anew] = [await make("DESK-OLD", ""), await make("DESK-NEW", "")];
  const [pair] = await web.database.db
    .insert(assetPairs)
    .values({ tenantId, formerAssetId: old.id, currentAssetId: anew.id, state: "open" })
    .returning();
  const page = await (await browser.get("/review/identity")).text();
  expect(page).toContain("One machine, or two?");
  expect(page).toContain("DESK-OLD");
  await browser.post("/review/identity", { intent: "apart", pair: pair!.id });
  expect(await (await browser.get("/review/identity")).text()).not.toContain("DESK-OLD");
});
