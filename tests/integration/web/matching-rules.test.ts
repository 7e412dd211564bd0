import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { apiCallerOf, type ApiCaller, type WebTenant } from "@tests/support/api";
import { createGroup, createIntegration } from "@tests/support/factories";
import { createWebWorld, type Browser, type WebWorld } from "@tests/support/web";

let web: WebWorld;
let tenant: WebTenant;
let browser: Browser;
let api: ApiCaller;
let connectionId: string;
let groupId: string;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());
beforeEach(async () => {
  tenant = await web.tenant();
  browser = tenant.as.admin;
  api = await apiCallerOf(web, tenant);
  const { db } = web.database;
  ({ id: connectionId } = await createIntegration(db, { tenantId: tenant.id, label: "Level" }));
  ({ externalId: groupId } = await createGroup(db, { tenantId: tenant.id, connectionId, name: "Acme" }));
});

const page = () => `/settings/integrations/levelio/${connectionId}/matching`;
const url = () => `/connections/${connectionId}/matching-rules`;
const form = (fields: Record<string, string> = {}) => ({
  version: "0",
  mode: "some",
  group: groupId,
  key: "mac",
  serials: "Asset Tag Missing",
  macs: "",
  hostnames: "",
  field: "name",
  client: "",
  keep: "ours",
  priority: "2",
  ...fields,
});

describe("the matching rules of a connection", () => {
  it("are saved by the form, read by the API, and recorded in the audit log", async () => {
    expect((await browser.post(page(), { intent: "save", ...form() })).status).toBe(303);
    expect((await api.get(url())).body).toEqual({
      version: 1,
      rules: {
        approval: { mode: "some", groups: [groupId], types: [] },
        keys: ["mac"],
        junk: { serials: ["Asset Tag Missing"], macs: [], hostnames: [] },
        differences: [{ field: "name", clientId: null, keep: "ours" }],
        priority: 2,
      },
    });
    const shown = await (await browser.get(page())).text();
    expect(shown).toContain("Version 1 by");
    const log = await (await browser.get("/settings/audit")).text();
    expect(log).toContain("changed how devices are matched in");
  });

  it("are previewed without being saved", async () => {
    const answer = await browser.post(page(), { intent: "preview", ...form() });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("would have waited for approval");
    expect((await api.get(url())).body.version).toBe(0);
  });

  it.each([
    ["a MAC address that is none", { macs: "00:11" }, "is no MAC address"],
    ["a client of nobody's", { client: "0190a000-0000-7000-8000-000000000000" }, "There is no such client"],
    ["an unknown group", { group: "elsewhere" }, "There is no such group"],
    ["approval of some and of nothing in particular", { group: "" }, "Choose a group or a type"],
  ])("refuse %s and say why", async (_, fields, words) => {
    const { group, ...rest } = form(fields);
    const answer = await browser.post(page(), {
      intent: "save",
      ...rest,
      ...(group === "" ? {} : { group }),
    });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain(words);
    expect((await api.get(url())).body.version).toBe(0);
  });

  it("are not overwritten from an outdated page", async () => {
    await browser.post(page(), { intent: "save", ...form() });
    const late = await browser.post(page(), { intent: "save", ...form({ key: "serial" }) });
    expect(late.status).toBe(409);
    expect((await api.get(url())).body.rules.keys).toEqual(["mac"]);
  });

  it("change by the API under the version that was read", async () => {
    const { headers } = await api.get(url());
    const put = (rules: object) =>
      api.call("PUT", url(), { body: rules, headers: { "If-Match": headers.get("ETag")! } });
    expect(await put({ keys: ["hostname"] })).toMatchObject({ status: 200, body: { version: 1 } });
    expect(await put({ keys: [] })).toMatchObject({ status: 412 });
    expect(await put({ junk: { serials: [], macs: ["1"], hostnames: [] } })).toMatchObject({ status: 412 });
    const refused = await api.call("PUT", url(), {
      body: { junk: { serials: [], macs: ["1"], hostnames: [] } },
    });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: "body.junk.macs" }] } });
    expect(await api.post(`${url()}/plan`, { keys: [] })).toMatchObject({
      status: 200,
      body: { unused: [{ by: "serial", devices: 0 }, { by: "mac" }, { by: "hostname" }] },
    });
  });
});
