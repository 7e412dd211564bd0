import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { MappingPage } from "~/presenters/mapping.server";
import { createGroup } from "@tests/support/factories";
import { createLevelWorld, type LevelWorld } from "@tests/support/level-world";
import type { Browser } from "@tests/support/web";

let level: LevelWorld;
let admin: Browser;
let id: string;

beforeAll(async () => {
  level = await createLevelWorld({ devices: 60, seed: 8 });
  admin = level.tenant.as.admin;
  id = await level.connect(admin);
  await level.sync(admin, id, "organizations");
});
afterAll(() => level.close());

const load = async () => (await level.load<{ page: MappingPage }>(admin, id, "/mapping")).page;

describe("the plain list", () => {
  it("changes one group by an ordinary form", async () => {
    const { groups, version } = await load();
    const group = groups.find((candidate) => candidate.parentId !== null)!;
    const form = {
      version: String(version),
      externalId: group.id,
      choice: "new",
      clientName: "From the list",
    };
    const looked = await level.act(admin, id, "/groups", { intent: "preview-group", ...form });
    expect(looked.body).toMatchObject({ preview: { newClients: ["From the list"] } });
    const saved = await level.act(admin, id, "/groups", { intent: "save-group", ...form });
    expect(saved.location).toContain("/groups");
    const html = await (await admin.get(`/settings/integrations/levelio/${id}/groups`)).text();
    expect(html).toContain("From the list");
  });

  it("comes back to the same search and page, from looking and from saving", async () => {
    const list = `/settings/integrations/levelio/${id}/groups`;
    const { groups, version } = await load();
    const group = groups.find((candidate) => candidate.parentId !== null)!;
    const place = `q=${encodeURIComponent(group.name).replaceAll("%20", "+")}&page=1`;
    const html = (await (await admin.get(`${list}?${place}`)).text()).replaceAll("&amp;", "&");
    expect(html).toContain(`?${place}&group=${group.id}`);
    const editing = (await (await admin.get(`${list}?${place}&group=${group.id}`)).text()).replaceAll(
      "&amp;",
      "&",
    );
    expect(editing).toContain(`href="${list}?${place}"`);
    const saved = await admin.post(`${list}?${place}&group=${group.id}`, {
      intent: "save-group",
      version: String(version),
      externalId: group.id,
      choice: "excluded",
    });
    expect(saved.headers.get("Location")).toBe(`${list}?${place}`);
  });

  it("offers a group's whole name for a new client, slashes and all", async () => {
    const group = await createGroup(level.web.database.db, {
      tenantId: level.tenant.id,
      integrationId: id,
      name: "Smith / Jones",
    });
    const html = await (
      await admin.get(`/settings/integrations/levelio/${id}/groups?group=${group.externalId}`)
    ).text();
    expect(html).toContain('value="Smith / Jones"');
  });

  it.each([
    [{ choice: "client", clientId: "" }, "clientId"],
    [{ choice: "new", clientName: " " }, "clientName"],
    [{ choice: "destroy" }, "choice"],
    [{}, "choice"],
  ])("says beside the field what is missing in %j", async (fields, field) => {
    const { groups, version } = await load();
    const form = { version: String(version), externalId: groups[0]!.id, ...fields };
    const answer = await level.act(admin, id, "/groups", { intent: "save-group", ...form });
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: { [field]: expect.any(String) as string } },
    });
  });
});

describe("the plain list, changed meanwhile by somebody else", () => {
  /** A form that was opened, and another group's change saved since then. */
  async function openedBefore() {
    const { groups, version } = await load();
    const [group, other] = groups;
    const theirs = other!.state === "excluded" ? "inherit" : "excluded";
    const opened = { version: String(version), externalId: group!.id, choice: "new", clientName: "Mine" };
    await level.act(admin, id, "/groups", {
      intent: "save-group",
      version: String(version),
      externalId: other!.id,
      choice: theirs,
    });
    return opened;
  }

  /** Sends the form as a browser without scripts does. Returns what the page then holds. */
  async function send(form: Record<string, string>) {
    const list = `/settings/integrations/levelio/${id}/groups?group=${form["externalId"]}`;
    const answer = await admin.post(list, form);
    const html = await answer.text();
    const version = /name="version" value="(\d+)"/.exec(html)?.[1];
    return { status: answer.status, html, version };
  }

  it.each(["preview-group", "save-group"])(
    "is told so by %s, once, and then goes on from there",
    async (intent) => {
      const opened = await openedBefore();
      const told = await send({ ...opened, intent });
      expect(told.status).toBe(409);
      expect(told.html).toContain("Nothing was overwritten");
      expect(told.html).toContain("Mine");
      expect(told.version).toBe(String(Number(opened.version) + 1));
      expect((await send({ ...opened, intent: "preview-group", version: told.version! })).status).toBe(200);
    },
  );

  it("is not taken for looked at because of a field that has to be filled in first", async () => {
    const opened = await openedBefore();
    const refused = await send({ ...opened, intent: "save-group", clientName: " " });
    expect(refused).toMatchObject({ status: 422, version: opened.version });
    const told = await send({ ...opened, intent: "save-group", version: refused.version! });
    expect(told.status).toBe(409);
  });
});
