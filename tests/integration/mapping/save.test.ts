import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import type { MappingPage } from "~/features/mapping/mapping.page.server";
import { createClient, createGroup, createIntegration } from "@tests/support/factories";
import { createLevelWorld, type LevelWorld } from "@tests/support/level-world";
import type { Browser } from "@tests/support/web";

let level: LevelWorld;
let admin: Browser;
let id: string;

beforeAll(async () => {
  level = await createLevelWorld({ devices: 150, seed: 8 });
  admin = level.tenant.as.admin;
  id = await level.connect(admin);
  await level.sync(admin, id, "organizations");
});
afterAll(() => level.close());

const load = async () => (await level.load<{ page: MappingPage }>(admin, id, "/mapping")).page;
const save = (changes: unknown, version: number, intent = "save") =>
  level.act(admin, id, "/mapping", {
    intent,
    version: String(version),
    changes: typeof changes === "string" ? changes : JSON.stringify(changes),
  });
const stored = () =>
  queryRows(
    level.web.database.db,
    sql`select external_id, state, client_id from rmm_organization_mappings order by external_id`,
  );

const rule = { pattern: "{client}/**", state: "mapped", client: "{client} by rule" };
const sendRules = (rules: unknown, intent: string, version: number, changes = "[]") =>
  level.act(admin, id, "/mapping", {
    intent,
    version: String(version),
    changes,
    rules: JSON.stringify(rules),
  });

const everyClient = () => queryRows(level.web.database.db, sql`select * from clients order by id`);

describe("the mapping page", () => {
  it("lists every group after its parent, and the clients to choose from", async () => {
    const client = await createClient(level.web.database.db, { tenantId: level.tenant.id, name: "Acme" });
    const page = await load();
    expect(page.groups).toHaveLength(level.simulator.account.groups.size);
    const seen = new Set<string>();
    for (const group of page.groups) {
      if (group.parentId !== null) expect(seen).toContain(group.parentId);
      seen.add(group.id);
    }
    expect(page.clients).toContainEqual({ id: client.id, name: "Acme" });
  });

  it("shows no number of devices before they have been read", async () => {
    expect((await load()).devicesAreKnown).toBe(false);
    const page = await (await admin.get(`/settings/integrations/levelio/${id}/mapping`)).text();
    const rows = page.split('role="rowgroup"').at(-1);
    expect(rows).toContain("not known");
    expect(rows).not.toMatch(/>0</);
  });

  it("suggests a client of the same name, and one of nearly the same", async () => {
    const [first, second] = (await load()).groups.filter((group) => group.parentId === null);
    const { db } = level.web.database;
    const tenantId = level.tenant.id;
    const same = await createClient(db, { tenantId, name: first!.name.toUpperCase() });
    const near = await createClient(db, { tenantId, name: `${second!.name.slice(0, -1)}x Ltd` });
    const { groups } = await load();
    const suggestionOf = (name: string) => groups.find((group) => group.name === name)!.suggestion;
    expect(suggestionOf(first!.name)).toEqual({ clientId: same.id, match: "exact" });
    expect(suggestionOf(second!.name)).toEqual({ clientId: near.id, match: "similar" });
  });

  it("keeps a group that is missing in Level, and says since when", async () => {
    const gone = await createGroup(level.web.database.db, {
      tenantId: level.tenant.id,
      connectionId: id,
      name: "Vanished",
      goneAt: new Date("2026-11-01T12:00:00Z"),
    });
    const { groups } = await load();
    expect(groups.find((group) => group.id === gone.externalId)?.goneAt).toContain("2026-11-01");
  });
});

describe("saving changes", () => {
  it("saves all of them at once, and makes the new clients", async () => {
    const { groups, version } = await load();
    const [first, second, third] = groups.filter((group) => group.parentId === null && group.goneAt === null);
    const answer = await save(
      [
        { externalId: first!.id, state: "mapped", clientName: "  Brand new  " },
        { externalId: second!.id, state: "mapped", clientName: "brand NEW" },
        { externalId: third!.id, state: "excluded" },
      ],
      version,
    );
    expect(answer.location).toContain("/mapping");
    const page = await (await admin.get(answer.location!)).text();
    for (const step of ["Sync now", "Dry run first", "Pending review"]) expect(page).toContain(step);
    const after = await load();
    expect(after.version).toBe(version + 1);
    const made = after.clients.filter((client) => /brand new/i.test(client.name));
    expect(made).toEqual([{ id: expect.any(String) as string, name: "Brand new" }]);
    const of = (groupId: string) => after.groups.find((group) => group.id === groupId)!;
    expect(of(first!.id)).toMatchObject({ state: "mapped", clientId: made[0]!.id });
    expect(of(second!.id)).toMatchObject({ state: "mapped", clientId: made[0]!.id });
    expect(of(third!.id)).toMatchObject({ state: "excluded", clientId: null });
  });

  it("tells a stale tab so, and overwrites nothing", async () => {
    const { groups, version } = await load();
    const group = groups[0]!;
    await save([{ externalId: group.id, state: "excluded" }], version);
    const before = await stored();
    for (const intent of ["preview", "save"]) {
      const late = await save([{ externalId: group.id, state: "inherit" }], version, intent);
      expect(late.status).toBe(409);
      expect(JSON.stringify(late.body)).toContain("Nothing was overwritten");
    }
    expect(await stored()).toEqual(before);
  });

  it("refuses impossible changes, and saves nothing of them", async () => {
    const { groups, version } = await load();
    const externalId = groups[0]!.id;
    const before = await stored();
    const clients = await everyClient();
    const nobody = "0193a0f2-0000-7000-8000-000000000000";
    const refused: unknown[] = [
      "",
      "not json",
      "null",
      [],
      {},
      [{ externalId, state: "mapped" }],
      [{ externalId, state: "stolen" }],
      [{ externalId, state: "mapped", clientId: "x" }],
      [{ externalId, state: "mapped", clientId: nobody }],
      [{ externalId, state: "mapped", clientName: "  " }],
      [{ externalId, state: "mapped", clientName: "x".repeat(257) }],
      [
        { externalId, state: "mapped", clientName: "Left behind" },
        { externalId: groups[1]!.id, state: "mapped", clientId: nobody },
      ],
      [
        { externalId, state: "mapped", clientName: "Left behind" },
        { externalId: groups[1]!.id, state: "mapped" },
      ],
      [{ externalId: "nobody", state: "excluded" }],
      [
        { externalId, state: "excluded" },
        { externalId, state: "inherit" },
      ],
    ];
    for (const changes of refused) {
      for (const intent of ["preview", "save"]) {
        const answer = await save(changes, version, intent);
        expect(answer.status, `${intent} ${JSON.stringify(changes)}`).toBe(422);
      }
    }
    expect(await stored()).toEqual(before);
    expect(await everyClient()).toEqual(clients);
    expect((await load()).version).toBe(version);
  });

  it.each([
    ["as long as Level's groups may be called", "L".repeat(256), "L".repeat(256)],
    ["on one line", " Acme\tHolding\n  East ", "Acme Holding East"],
  ])("accepts a client's name %s", async (_, clientName, expected) => {
    const { groups, version } = await load();
    const change = { externalId: groups[0]!.id, state: "mapped", clientName };
    for (const intent of ["preview", "save"])
      expect((await save([change], version, intent)).status, intent).not.toBe(422);
    expect((await load()).clients.map((client) => client.name)).toContain(expected);
  });

  it("says which name is too long", async () => {
    const { groups, version } = await load();
    const change = { externalId: groups[0]!.id, state: "mapped", clientName: `Acme ${"x".repeat(300)}` };
    const answer = await save([change], version);
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: { changes: expect.stringMatching(/256 characters.*“Acme x+…” has 305/) as string } },
    });
  });

  it("accepts no client of another tenant", async () => {
    const other = await level.web.tenant();
    const theirs = await createClient(level.web.database.db, { tenantId: other.id, name: "Theirs" });
    const { groups, version, clients } = await load();
    expect(clients.map((client) => client.name)).not.toContain("Theirs");
    const change = { externalId: groups[0]!.id, state: "mapped", clientId: theirs.id };
    expect((await save([change], version)).status).toBe(422);
  });

  it("shows a name from Level as text", async () => {
    const name = `<script>alert("group")</script>`;
    const integration = await createIntegration(level.web.database.db, { tenantId: level.tenant.id });
    await createGroup(level.web.database.db, {
      tenantId: level.tenant.id,
      connectionId: integration.id,
      name,
    });
    const html = await (await admin.get(`/settings/integrations/levelio/${integration.id}/mapping`)).text();
    expect(html).not.toContain(name);
    expect(html).toContain("&lt;script&gt;alert(&quot;group&quot;)");
  });
});

describe("the rules by path on the mapping page", () => {
  it("are previewed, saved in their order, and removed, each under the version that was seen", async () => {
    const { version, groups } = await load();
    const before = await stored();
    const free = groups.filter((group) => group.state === "inherit" && group.goneAt === null).length;
    const looked = await sendRules([rule], "preview", version);
    expect(looked.body).toMatchObject({ preview: { following: [{ pattern: rule.pattern, groups: free }] } });
    expect(await stored()).toEqual(before);

    expect((await sendRules([rule], "save", version)).location).toContain("/mapping");
    const after = await load();
    expect(after.rules).toEqual([{ ...rule, isClientArchived: false, groups: free }]);
    expect(after.groups.filter((group) => group.rule?.pattern === rule.pattern)).toHaveLength(free);
    const text = await (await admin.get(`/settings/integrations/levelio/${id}/mapping`)).text();
    expect(text).toContain("by rule: ");

    const late = await sendRules([], "save", version);
    expect(late.status).toBe(409);
    const first = { pattern: "**", state: "excluded", client: null };
    await sendRules([first, rule], "save", after.version);
    const reordered = await load();
    expect(reordered.rules.map(({ groups: n }) => n)).toEqual([free, 0]);
    await sendRules([], "save", reordered.version);
    expect(await stored()).toEqual(before);
  });

  it("are refused with the reason, and nothing is written", async () => {
    const { version } = await load();
    for (const [rules, words] of [
      [[{ ...rule, client: "{other}" }], "no {other}"],
      [[rule, rule], "stands twice"],
      [[{ ...rule, pattern: "A//B" }], "Write names with /"],
    ] as const) {
      const answer = await sendRules(rules, "save", version);
      expect(answer.status).toBe(422);
      expect(JSON.stringify(answer.body)).toContain(words);
    }
    expect((await save([], version)).status).toBe(422);
    expect((await load()).rules).toEqual([]);
  });
});
