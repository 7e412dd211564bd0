import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { customColumn } from "~/features/assets/asset-columns";
import { apiCallerOf } from "@tests/support/api";
import { createAsset, createCustomField, createIntegration } from "@tests/support/factories";
import { createWebWorld, type Browser, type WebWorld } from "@tests/support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let admin: Browser;
let viewer: Browser;
let backup: { id: string };
let code: { id: string };
let elsewhere: { id: string };
const assets: Record<string, string> = {};

beforeAll(async () => {
  web = await createWebWorld();
  tenant = await web.tenant();
  ({ admin, viewer } = tenant.as);
  const { db } = web.database;
  const { id: tenantId } = tenant;
  const { id: connectionId } = await createIntegration(db, { tenantId, label: "Level" });
  for (const name of ["ALPHA", "BRAVO", "CHARLIE", "DELTA"])
    assets[name] = (await createAsset(db, { tenantId, name })).id;
  const { ALPHA, BRAVO, CHARLIE } = assets as Record<string, string>;
  backup = await createCustomField(
    db,
    { tenantId, connectionId, name: "Backup", reference: "cf_backup" },
    { [ALPHA!]: "Image, daily", [BRAVO!]: "Image, hourly", [CHARLIE!]: "100 % of files_x" },
  );
  code = await createCustomField(
    db,
    { tenantId, connectionId, name: "Door code", isAdminOnly: true },
    { [ALPHA!]: "4711#" },
  );
  const other = await web.tenant();
  const foreign = await createIntegration(db, { tenantId: other.id, label: "Level" });
  elsewhere = await createCustomField(
    db,
    { tenantId: other.id, connectionId: foreign.id, name: "Foreign" },
    { [(await createAsset(db, { tenantId: other.id, name: "FOREIGN" })).id]: "x" },
  );
});
afterAll(() => web.close());

const ROUTE = "routes/_app.assets._index";
const load = async (query: string, browser = viewer) => {
  const answer = await browser.get(`/assets?index&_data=${encodeURIComponent(ROUTE)}&${query}`);
  return (await answer.json()) as {
    rows: { name: string }[];
    customFields: { id: string; name: string }[];
    customColumns: { id: string }[];
  };
};
const found = async (query: string, browser = viewer) =>
  (await load(query, browser)).rows.map(({ name }) => name);
const address = (fieldId: string, rest: Record<string, string> = {}) =>
  String(new URLSearchParams({ custom: fieldId, ...rest }));
const textOf = async (browser: Browser, path: string) =>
  (await (await browser.get(path)).text())
    .replace(/<script[\s\S]*?<\/script>/g, " ")
    .replace(/<!-- -->/g, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");

describe("the asset list by a custom field", () => {
  it.each([
    ["is set", {}, ["ALPHA", "BRAVO", "CHARLIE"]],
    ["is a value, whatever its case", { customIs: "is", customValue: "IMAGE, daily" }, ["ALPHA"]],
    ["is a part of a value", { customIs: "is", customValue: "Image" }, []],
    ["contains a text", { customIs: "contains", customValue: "image" }, ["ALPHA", "BRAVO"]],
    ["contains what LIKE would read as anything", { customIs: "contains", customValue: "%" }, ["CHARLIE"]],
    ["contains another such text", { customIs: "contains", customValue: "s_x" }, ["CHARLIE"]],
    ["contains nothing", { customIs: "contains", customValue: " " }, ["ALPHA", "BRAVO", "CHARLIE"]],
    ["nonsense", { customIs: "x", customValue: "y" }, ["ALPHA", "BRAVO", "CHARLIE"]],
  ])("%s", async (_, rest, names) => {
    expect(await found(address(backup.id, rest))).toEqual(names);
  });

  it("treats an address that names no field as one without the filter, and a foreign field as an unknown one", async () => {
    expect(await found("custom=x")).toHaveLength(4);
    expect(await found(address(elsewhere.id))).toEqual([]);
  });

  it("has a chip with the filter, which removes all its parts", async () => {
    const rest = { customIs: "contains", customValue: "image", q: "A" };
    const html = await (await viewer.get(`/assets?${address(backup.id, rest)}`)).text();
    expect(html).toContain("Backup contains “image”");
    expect(html).toContain('href="/assets?q=A"');
  });

  it("offers a field for administrators only to people who manage connections", async () => {
    expect(await found(address(code.id), admin)).toEqual(["ALPHA"]);
    expect(await found(address(code.id, { customIs: "contains", customValue: "4" }))).toEqual([]);
    expect((await load("", admin)).customFields.map(({ name }) => name)).toEqual(["Backup", "Door code"]);
    expect((await load("")).customFields.map(({ name }) => name)).toEqual(["Backup"]);
  });
});

describe("a custom field as a column", () => {
  const columns = (...ids: string[]) =>
    ["name", "client", ...ids.map(customColumn)].map((c) => `col=${c}`).join("&");

  it("is shown if it was chosen, and remembered", async () => {
    expect(await textOf(viewer, `/assets?${columns(backup.id)}`)).toMatch(/ALPHA.*Image, daily/);
    expect((await load("")).customColumns.map(({ id }) => id)).toEqual([backup.id]);
    await viewer.get("/assets?col=name&col=client");
    expect((await load("")).customColumns).toEqual([]);
  });

  it("for administrators is shown to nobody else", async () => {
    expect(await textOf(viewer, `/assets?${columns(code.id)}`)).not.toContain("4711#");
    expect(await textOf(admin, `/assets?${columns(code.id)}`)).toContain("4711#");
  });

  it("is in the CSV if it was chosen, and the filter applies there", async () => {
    const csv = async (browser: Browser, query: string) =>
      (await (await browser.get(`/assets.csv?${query}`)).text()).replace("\uFEFF", "").trim().split(/\r?\n/);
    const query = `${columns(backup.id, code.id)}&${address(backup.id, { customIs: "contains", customValue: "image" })}`;
    expect(await csv(viewer, query)).toEqual([
      "id,name,client,Backup",
      `${assets["ALPHA"]},ALPHA,,"Image, daily"`,
      `${assets["BRAVO"]},BRAVO,,"Image, hourly"`,
    ]);
    expect((await csv(admin, query))[1]).toBe(`${assets["ALPHA"]},ALPHA,,"Image, daily",4711#`);
    expect((await csv(viewer, ""))[0]).not.toContain("Backup");
  });

  it("is stored by a saved view with its filter", async () => {
    const query = `${address(backup.id, { customIs: "is", customValue: "Image, daily" })}&${columns(backup.id)}`;
    const answer = await viewer.post(`/assets?index&${query}`, { intent: "save-view", name: "Daily images" });
    const kept = new URL(answer.headers.get("Location")!, "http://plumbline.test").searchParams;
    expect(Object.fromEntries(kept)).toMatchObject({
      custom: backup.id,
      customIs: "is",
      customValue: "Image, daily",
    });
    expect(kept.getAll("col")).toContain(customColumn(backup.id));
  });
});

describe("the API", () => {
  const names = (answer: { body: { data: { name: string }[] } }) => answer.body.data.map(({ name }) => name);

  it("returns the custom fields of assets, and finds assets by them", async () => {
    const api = await apiCallerOf(web, tenant, { role: "viewer", scopes: ["read"] });
    const list = await api.get("/assets?sort=name");
    expect(list.body.data[0].customFields).toEqual([
      { id: backup.id, name: "Backup", value: "Image, daily" },
    ]);
    expect(list.body.data[3].customFields).toEqual([]);
    const one = await api.get(`/assets/${assets["BRAVO"]}`);
    expect(one.body.customFields).toEqual([{ id: backup.id, name: "Backup", value: "Image, hourly" }]);
    const by = async (query: string) =>
      names(await api.get(`/assets?sort=name&customField=${backup.id}${query}`));
    expect(await by("")).toEqual(["ALPHA", "BRAVO", "CHARLIE"]);
    expect(await by("&customFieldIs=image,%20daily")).toEqual(["ALPHA"]);
    expect(await by("&customFieldContains=image")).toEqual(["ALPHA", "BRAVO"]);
  });

  it("refuses a value without its field, and two conditions at once", async () => {
    const api = await apiCallerOf(web, tenant);
    expect(await api.get("/assets?customFieldIs=x")).toMatchObject({
      status: 400,
      body: { code: "invalid_request", errors: [{ field: "query.customField" }] },
    });
    const both = `/assets?customField=${backup.id}&customFieldIs=x&customFieldContains=x`;
    expect((await api.get(both)).status).toBe(400);
  });

  it("returns fields for administrators only to a token with the scope admin", async () => {
    const of = async (token: Parameters<typeof apiCallerOf>[2]) => {
      const api = await apiCallerOf(web, tenant, token);
      const fields = names(await api.get("/custom-fields"));
      const [alpha] = (await api.get("/assets?sort=name")).body.data;
      const asked = names(await api.get(`/assets?customField=${code.id}`));
      return { fields, asked, values: alpha.customFields.map(({ name }: { name: string }) => name) };
    };
    const some = { fields: ["Backup"], asked: [], values: ["Backup"] };
    expect(await of({ role: "viewer", scopes: ["read"] })).toEqual(some);
    expect(await of({ role: "admin", scopes: ["read"] })).toEqual(some);
    const all = ["Backup", "Door code"];
    expect(await of({ role: "admin", scopes: ["admin"] })).toEqual({
      fields: all,
      asked: ["ALPHA"],
      values: all,
    });
  });

  it("names the connection and the reference of a custom field", async () => {
    const api = await apiCallerOf(web, tenant, { role: "viewer", scopes: ["read"] });
    expect((await api.get("/custom-fields")).body.data).toEqual([
      {
        id: backup.id,
        name: "Backup",
        reference: "cf_backup",
        adminOnly: false,
        connection: { id: expect.any(String), name: "Level" },
      },
    ]);
  });
});
