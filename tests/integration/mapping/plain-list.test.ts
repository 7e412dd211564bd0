import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { MappingPage } from "~/features/mapping/mapping.page.server";
import { createClient, createGroup } from "@tests/support/factories";
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
    // With the word by which the page offers what follows.
    expect(saved.headers.get("Location")).toBe(`${list}?${place}&saved`);
  });

  it("offers a group's whole name for a new client, slashes and all", async () => {
    const group = await createGroup(level.web.database.db, {
      tenantId: level.tenant.id,
      connectionId: id,
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

describe("the form of one group, sent without scripts", () => {
  const listOf = (groupId: string) => `/settings/integrations/levelio/${id}/groups?group=${groupId}`;

  /** A group of its own, mapped to a client of its own or not, and the page with its form. */
  async function opened(of: { state: "mapped" | "inherit" }) {
    const { db } = level.web.database;
    const own = { tenantId: level.tenant.id };
    const [stored, other] = [await createClient(db, own), await createClient(db, own)];
    const group = await createGroup(db, {
      ...own,
      connectionId: id,
      ...of,
      clientId: of.state === "mapped" ? stored.id : null,
    });
    const list = listOf(group.externalId);
    const html = await (await admin.get(list)).text();
    const field = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)![1]!;
    const hidden = ["version", "externalId", "shownClientId"].map((name) => [name, field(name)]);
    const shown = Object.fromEntries(hidden) as Record<string, string>;
    return { group, list, stored, other, shown };
  }

  const stateOf = async (groupId: string) => {
    const { state, clientId } = (await load()).groups.find(({ id: externalId }) => externalId === groupId)!;
    return { state, clientId };
  };

  it.each([
    ["save-group", "inherit"],
    ["save-group", "excluded"],
    ["preview-group", "inherit"],
  ] as const)(
    "with another client, while something else is ticked, is refused (%s, %s)",
    async (intent, choice) => {
      for (const state of ["mapped", "inherit"] as const) {
        const { group, list, other, shown } = await opened({ state });
        const before = await stateOf(group.externalId);
        const answer = await admin.post(list, { intent, ...shown, choice, clientId: other.id });
        expect(answer.status).toBe(422);
        const html = await answer.text();
        expect(html).toContain("Another client is chosen than before. Tick");
        expect(html).toContain(`name="shownClientId" value="${shown["shownClientId"]}"`);
        expect(await stateOf(group.externalId)).toEqual(before);
      }
    },
  );

  it("with the client that it showed takes whatever is ticked", async () => {
    const { group, list, stored, shown } = await opened({ state: "mapped" });
    const form = { intent: "save-group", ...shown, choice: "excluded", clientId: stored.id };
    expect((await admin.post(list, form)).status).toBe(303);
    expect(await stateOf(group.externalId)).toEqual({ state: "excluded", clientId: null });
  });

  it("with another client and its choice ticked takes that", async () => {
    const { group, list, other, shown } = await opened({ state: "mapped" });
    const form = { intent: "save-group", ...shown, choice: "client", clientId: other.id };
    expect((await admin.post(list, form)).status).toBe(303);
    expect(await stateOf(group.externalId)).toEqual({ state: "mapped", clientId: other.id });
  });

  it("says whether anything was different", async () => {
    const { list, stored, other, shown } = await opened({ state: "mapped" });
    const save = async (version: string, clientId: string) => {
      const form = { intent: "save-group", ...shown, version, choice: "client", clientId };
      const answer = await admin.post(list, form);
      return (await admin.get(answer.headers.get("Location")!)).text();
    };
    const same = await save(shown["version"]!, stored.id);
    expect(same).toContain("Nothing was different.");
    expect(same).not.toContain("The group is saved.");
    expect(await save(String((await load()).version), other.id)).toContain("The group is saved.");
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
