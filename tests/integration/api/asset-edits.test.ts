import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { apiCallerOf, type ApiCaller, type WebTenant } from "@tests/support/api";
import { createWebWorld, type WebWorld } from "@tests/support/web";

import { createThings, type Things } from "./things";

let web: WebWorld;
let tenant: WebTenant;
let api: ApiCaller;
let things: Things;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());
beforeEach(async () => {
  tenant = await web.tenant();
  api = await apiCallerOf(web, tenant);
  things = await createThings(web.database.db, tenant, "ours");
});

const patch = (id: string, body: unknown, headers: Record<string, string> = {}) =>
  api.call("PATCH", `/assets/${id}`, { body, headers });

describe("an asset by the API", () => {
  it("is changed field by field under the version that was read, and syncs leave those fields alone", async () => {
    const url = `/assets/${things.assetId}`;
    const { headers } = await api.get(url);
    const changed = await patch(
      things.assetId,
      { notes: " Leased ", site: things.siteId },
      {
        "If-Match": headers.get("ETag")!,
      },
    );
    expect(changed).toMatchObject({
      status: 200,
      body: { notes: "Leased", site: { id: things.siteId }, client: { id: things.clientId } },
    });
    expect(changed.body.overriddenFields.sort()).toEqual(["notes", "site"]);
    expect(await patch(things.assetId, { name: "Lost" }, { "If-Match": headers.get("ETag")! })).toMatchObject(
      {
        status: 412,
        body: { code: "stale" },
      },
    );
    expect((await api.get(url)).body).toEqual(changed.body);
    expect((await patch(things.assetId, { name: "Desk 4" })).body).toMatchObject({
      name: "Desk 4",
      notes: "Leased",
      site: { id: things.siteId },
    });
    const released = await patch(things.assetId, { site: "mapping", client: things.clientId });
    expect(released.body).toMatchObject({
      site: null,
      overriddenFields: expect.not.arrayContaining(["site"]),
    });
  });

  it("refuses a client, site or contact that the tenant or the client does not have", async () => {
    const other = await web.tenant();
    const theirs = await createThings(web.database.db, other, "theirs");
    for (const [body, field] of [
      [{ client: theirs.clientId }, "body.client"],
      [{ site: theirs.siteId }, "body.site"],
      [{ contact: theirs.contactId }, "body.contact"],
    ] as const) {
      const { status, body: answer } = await patch(things.assetId, body);
      expect(status).toBe(400);
      expect(answer.errors).toEqual([expect.objectContaining({ field })]);
    }
    expect((await patch(theirs.assetId, { name: "Mine" })).status).toBe(404);
  });

  it("is added by hand, once per serial number of a client", async () => {
    const given = {
      client: things.clientId,
      name: " Printer ",
      type: "workstation",
      serialNumber: "PRN-8842-77",
    };
    const { status, body } = await api.post("/assets", given);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: "Printer",
      serialNumber: "PRN-8842-77",
      client: { id: things.clientId },
    });
    expect(await api.post("/assets", given)).toMatchObject({ status: 409, body: { code: "conflict" } });
    const readOnly = await apiCallerOf(web, tenant, { scopes: ["read"] });
    expect((await readOnly.post("/assets", given)).status).toBe(403);
  });
});
