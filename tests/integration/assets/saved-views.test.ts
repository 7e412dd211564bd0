import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createAsset } from "../../support/factories";
import { createWebWorld, type Browser, type WebWorld } from "../../support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());
beforeEach(async () => {
  tenant = await web.tenant();
  await createAsset(web.database.db, { tenantId: tenant.id, name: "PC", serialNumber: "5CG" });
});

const DATA = "index&_data=routes%2F_app.assets._index";

interface View {
  id: string;
  name: string;
  query: string;
  isShared: boolean;
  isOwn: boolean;
}
const read = async (as: Browser, query = "") =>
  (await (await as.get(`/assets?${DATA}&${query}`)).json()) as { views: View[]; columns: string[] };
const save = (as: Browser, query: string, fields: Record<string, string>) =>
  as.post(`/assets?${DATA}&${query}`, { intent: "save-view", ...fields });

describe("a view of the asset list", () => {
  it("stores filters, order and columns under a name, without the place in the list", async () => {
    const { admin, technician } = tenant.as;
    await save(admin, "finding=firewallOff&sort=seen&col=client&col=serial&page=3&size=50", { name: "Open" });
    const { views } = await read(admin);
    expect(views).toMatchObject([{ name: "Open", isOwn: true, isShared: false }]);
    expect(views[0]!.query).toBe("finding=firewallOff&sort=seen&col=client&col=serial");
    expect((await read(admin, views[0]!.query)).columns).toEqual(["client", "serial"]);
    expect((await read(technician)).views).toEqual([]);
  });

  it("is replaced under the same name, and others see it if it is shared", async () => {
    const { admin, technician, viewer } = tenant.as;
    await save(admin, "type=server", { name: "Servers" });
    await save(admin, "type=server&sort=seen", { name: "Servers", shared: "on" });
    expect((await read(technician)).views).toMatchObject([
      { name: "Servers", query: "type=server&sort=seen", isOwn: false },
    ]);
    // A viewer changes nothing for others, and nobody removes another person's view.
    await save(viewer, "type=workstation", { name: "Mine", shared: "on" });
    expect((await read(viewer)).views.map(({ name, isShared }) => [name, isShared])).toEqual([
      ["Mine", false],
      ["Servers", true],
    ]);
    const { id } = (await read(admin)).views[0]!;
    const remove = { intent: "remove-view", view: id };
    expect((await technician.post(`/assets?${DATA}`, remove)).status).toBe(404);
    await admin.post(`/assets?${DATA}`, remove);
    expect((await read(technician)).views).toEqual([]);
  });

  it("has a name", async () => {
    expect((await save(tenant.as.admin, "", { name: " " })).status).toBe(422);
    expect((await read((await web.tenant()).as.admin)).views).toEqual([]);
  });
});

describe("the columns of the asset list", () => {
  it("are those that were chosen, on the page and in the file", async () => {
    const { admin } = tenant.as;
    const page = await (await admin.get("/assets?col=name&col=serial&col=nonsense")).text();
    expect(page).toContain("Serial number");
    expect(page).not.toContain("sort=seen");
    expect(page).toMatch(/assets\.csv\?[^"]*col=serial/);
    const csv = await (await admin.get("/assets.csv?col=serial")).text();
    expect(csv.replace("\uFEFF", "").split("\n")[0]).toMatch(/^id,name,serial_number\r?$/);
    expect((await read(admin, "col=name")).columns).toEqual([]);
  });
});
