import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createAsset, createClient, createIntegration } from "@tests/support/factories";
import { createWebWorld, type Browser, type WebWorld } from "@tests/support/web";
import { rmmSyncRuns } from "@db/schema";

let web: WebWorld;
let ours: Awaited<ReturnType<WebWorld["tenant"]>>;
let theirs: Awaited<ReturnType<WebWorld["tenant"]>>;
/** Every record of the other tenant has this in its name. */
const MARK = "Zebra-Only-Theirs";
const ids = { client: "", asset: "", integration: "", run: "" };

beforeAll(async () => {
  web = await createWebWorld();
  const { db } = web.database;
  ours = await web.tenant();
  theirs = await web.tenant();
  const tenantId = theirs.id;
  ids.client = (await createClient(db, { tenantId, name: `${MARK} client` })).id;
  ids.asset = (await createAsset(db, { tenantId, clientId: ids.client, name: `${MARK} asset` })).id;
  ids.integration = (await createIntegration(db, { tenantId, label: `${MARK} account` })).id;
  const [run] = await db
    .insert(rmmSyncRuns)
    .values({
      tenantId,
      connectionId: ids.integration,
      type: "full",
      trigger: "manual",
      actor: `${MARK} person`,
      key: `key-of-${tenantId}`,
      transport: "inngest",
      status: "running",
    })
    .returning();
  ids.run = run!.id;
});
afterAll(() => web.close());

const lists = [
  "/",
  "/assets",
  "/assets/differences",
  "/assets?state=all&q=zebra",
  "/clients",
  "/runs",
  "/settings/audit?q=zebra",
];
const details = () => [
  `/assets/${ids.asset}`,
  `/clients/${ids.client}`,
  `/runs/${ids.run}`,
  `/runs/${ids.run}/errors.csv`,
];

describe("two tenants in one installation", () => {
  it("see their own records, so that the rest of this test proves something", async () => {
    for (const path of details()) expect((await theirs.as.admin.get(path)).status, path).toBe(200);
    expect(await (await theirs.as.viewer.get("/assets")).text()).toContain(MARK);
  });

  it("never see each other's in a list, a search, a filter or a download", async () => {
    for (const path of [
      ...lists,
      `/assets?client=${ids.client}`,
      `/runs?integration=${ids.integration}`,
      "/clients.csv",
    ]) {
      const response = await ours.as.admin.get(path);
      expect(response.status, path).toBe(200);
      expect((await response.text()).replaceAll(/q=zebra|value="zebra"/g, ""), path).not.toContain(MARK);
    }
  });

  it("get 404 for each other's ids, as for unknown ids", async () => {
    for (const path of details()) expect((await ours.as.admin.get(path)).status, path).toBe(404);
    for (const path of ["/assets/1", "/clients/not-an-id", `/runs/${"0".repeat(36)}`, "/runs/%00"]) {
      expect((await ours.as.admin.get(path)).status, path).toBe(404);
    }
  });
});

describe("names from outside", () => {
  it("are shown as text, never as markup", async () => {
    const name = `<img src=x onerror="alert(1)"></script><script>alert(2)</script>`;
    const client = await createClient(web.database.db, { tenantId: ours.id, name });
    await createAsset(web.database.db, { tenantId: ours.id, clientId: client.id, name });
    await createIntegration(web.database.db, { tenantId: ours.id, label: name });
    for (const path of ["/", "/assets", "/clients", `/clients/${client.id}`]) {
      const page = await (await ours.as.admin.get(path)).text();
      expect(page, path).not.toContain("<img src=x");
      expect(page, path).not.toContain("<script>alert(2)");
      expect(page, path).toContain("&lt;img src=x");
    }
  });
});

describe("odd addresses", () => {
  const odd = [
    "page=-1",
    "page=1e99",
    "page=2%27",
    "q=%00",
    "q=%25%5C_",
    "client=x",
    "state=none",
    "type=%F0%9F%92%A9",
    "before=1",
    "after=x",
    "page=last",
  ];

  it("are answered like plain ones", async () => {
    const pages = [
      "/assets",
      "/clients",
      "/runs",
      "/settings/audit",
      "/alerts/deliveries",
      "/review",
      "/review/devices",
      "/review/identity",
    ];
    for (const path of pages) {
      for (const query of odd)
        expect((await ours.as.admin.get(`${path}?${query}`)).status, `${path}?${query}`).toBe(200);
    }
  });

  it("match a percent sign literally", async () => {
    await createAsset(web.database.db, { tenantId: ours.id, name: "100%_done" });
    const found = async (browser: Browser, q: string) => {
      const response = await browser.get(
        `/assets?_data=routes%2F_app.assets._index&index&q=${encodeURIComponent(q)}`,
      );
      return ((await response.json()) as { rows: { name: string }[] }).rows.map((row) => row.name);
    };
    expect(await found(ours.as.viewer, "%_d")).toEqual(["100%_done"]);
    expect(await found(ours.as.viewer, "\\")).toEqual([]);
  });
});
