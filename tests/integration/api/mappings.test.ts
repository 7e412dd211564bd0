import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { queryRows } from "@db/client";
import { clients, rmmOrganizationMappings } from "@db/schema";
import { apiCallerOf, type ApiCaller, type WebTenant } from "@tests/support/api";
import { runCommand } from "@tests/support/cli";
import { createClient, createGroup, createIntegration } from "@tests/support/factories";
import { createWebWorld, type WebWorld } from "@tests/support/web";

let web: WebWorld;
let tenant: WebTenant;
let api: ApiCaller;
let connectionId: string;
let folder: string;

beforeAll(async () => {
  web = await createWebWorld();
  folder = mkdtempSync(path.join(tmpdir(), "plumbline-mapping-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await web.close();
});
beforeEach(async () => {
  tenant = await web.tenant();
  api = await apiCallerOf(web, tenant);
  ({ id: connectionId } = await createIntegration(web.database.db, { tenantId: tenant.id, label: "Level" }));
  const group = (name: string, more: object = {}) =>
    createGroup(web.database.db, { tenantId: tenant.id, connectionId, name, ...more });
  const acme = await createClient(web.database.db, { tenantId: tenant.id, name: '=Acme "Söhne" / 🦊' });
  const top = await group("AC/DC", { state: "mapped", clientId: acme.id });
  await group("=Branch", { parentExternalId: top.externalId, state: "excluded" });
  await group('The "Fox" 🦊', { parentExternalId: top.externalId });
  await group("Twins", { externalId: "twin-1" });
  await group("Twins", { externalId: "twin-2", state: "mapped", clientId: acme.id });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

const url = () => `/mappings/${connectionId}`;
const put = (groups: unknown, headers: Record<string, string> = {}) =>
  api.call("PUT", url(), { body: { groups }, headers });
const stored = () =>
  web.database.db
    .select({
      id: rmmOrganizationMappings.externalId,
      state: rmmOrganizationMappings.state,
      clientId: rmmOrganizationMappings.clientId,
    })
    .from(rmmOrganizationMappings)
    .where(eq(rmmOrganizationMappings.connectionId, connectionId))
    .orderBy(rmmOrganizationMappings.externalId);
const clientCount = async () =>
  (await web.database.db.select().from(clients).where(eq(clients.tenantId, tenant.id))).length;

describe("the mapping by the API", () => {
  it("is the same after it is read, wiped and put back under the version that was read", async () => {
    const before = await stored();
    const { body, headers } = await api.get(url());
    expect(body.groups).toContainEqual({ path: "AC\\/DC / =Branch", state: "excluded", client: null });
    const wiped = await put([], { "If-Match": headers.get("ETag")! });
    expect(wiped).toMatchObject({ status: 200, body: { version: body.version + 1 } });
    expect((await stored()).every(({ state }) => state === "inherit")).toBe(true);

    expect(await put(body.groups, { "If-Match": headers.get("ETag")! })).toMatchObject({ status: 412 });
    expect((await stored()).every(({ state }) => state === "inherit")).toBe(true);
    const plan = await api.post(`${url()}/plan`, body);
    expect(plan).toMatchObject({
      status: 200,
      body: { version: body.version + 1, effect: { newClients: [] } },
    });
    expect(plan.body.changes).toHaveLength(3);

    expect((await put(body.groups, { "If-Match": `"${body.version + 1}"` })).status).toBe(200);
    expect(await stored()).toEqual(before);
    const { version: _, ...again } = (await api.get(url())).body;
    expect(body).toMatchObject(again);
    expect((await put(body.groups)).body.changes).toEqual([]);
    expect((await api.get(url())).body.version).toBe(body.version + 2);
  });

  it("applies all rows or none, and names the row and column at fault", async () => {
    const before = await stored();
    const good = { path: "AC\\/DC", state: "mapped", client: "A new one" };
    for (const [bad, field] of [
      [{ path: "Nowhere", state: "excluded" }, "body.groups.1.path"],
      [{ path: "Twins", state: "excluded" }, "body.groups.1.id"],
      [{ path: "AC\\/DC / =Branch", state: "mapped" }, "body.groups.1.client"],
      [good, "body.groups.1.path"],
    ] as const) {
      const { status, body } = await put([good, bad]);
      expect(status).toBe(400);
      expect(body.errors[0].field).toBe(field);
    }
    expect(await stored()).toEqual(before);
    expect(await clientCount()).toBe(1);
  });

  it("applies 50,000 rows, or refuses them for one bad row", async () => {
    await web.database.db.execute(sql`
      insert into rmm_organization_mappings (id, tenant_id, integration_id, external_id, name, path)
      select gen_random_uuid(), ${tenant.id}, ${connectionId}, 'many' || n, 'Many ' || n, 'Many ' || n
      from generate_series(1, 50000) n`);
    const rows = Array.from({ length: 50_000 }, (_, n) => ({
      path: `Many ${n + 1}`,
      state: "mapped",
      client: `Client ${n % 500}`,
    }));
    const refused = await put([...rows.slice(0, -1), { ...rows.at(-1)!, path: "Many 0" }]);
    expect(refused.body.errors).toEqual([expect.objectContaining({ field: "body.groups.49999.path" })]);
    expect(await clientCount()).toBe(1);
    expect((await put(rows)).body.clientsCreated).toHaveLength(500);
    const [sum] = await queryRows<{ n: number }>(
      web.database.db,
      sql`select count(*)::int as n from rmm_organization_mappings
          where integration_id = ${connectionId} and state = 'mapped'`,
    );
    expect(sum!.n).toBe(50_000);
  }, 120_000);
});

describe("the command line against a server", () => {
  const file = (name: string) => path.join(folder, name);
  const cli = (...args: string[]) => runCommand(...args, "--url", "https://plumbline.test/");
  beforeEach(() => {
    vi.stubGlobal("fetch", (address: string, init?: RequestInit) => {
      const { pathname, search } = new URL(address);
      return web.fetch(pathname + search, init);
    });
    vi.stubEnv("PLUMBLINE_TOKEN", api.token);
  });

  it.each(["mapping.csv", "mapping.json"])("exports, checks, plans and applies %s", async (name) => {
    const before = await stored();
    expect(await cli("map", "export", "-f", file(name))).toMatchObject({ exitCode: 0 });
    expect((await cli("map", "plan", "-f", file(name), "--check")).exitCode).toBe(0);
    await put([]);
    const reader = await apiCallerOf(web, tenant, { role: "viewer", scopes: ["read"] });
    vi.stubEnv("PLUMBLINE_TOKEN", undefined);
    writeFileSync(file("token"), `${reader.token}\n`);
    const drift = await cli("map", "plan", "-f", file(name), "--check", "--token-file", file("token"));
    expect(drift).toMatchObject({
      exitCode: 2,
      out: expect.stringContaining("AC\\/DC / =Branch: inherit → excluded"),
    });
    vi.stubEnv("PLUMBLINE_TOKEN", api.token);
    const version = Number((await api.get(url())).body.version);
    const late = await cli("map", "apply", "-f", file(name), "--expect", String(version - 1));
    expect(late).toMatchObject({ exitCode: 1, error: expect.stringContaining("changed meanwhile") });
    const applied = await cli("map", "apply", "-f", file(name), "--expect", String(version));
    expect(applied.out).toContain("Changed 3 groups.");
    expect(await stored()).toEqual(before);
  });

  it("maps each top-level group, or one, to a client, with the same output as on this machine", async () => {
    await put([]);
    expect((await cli("map", "--auto")).out).toBe("Mapped 3 top-level groups: 2 clients made, 1 reused.\n");
    expect((await cli("map", "--auto", "--json")).out).toBe(
      '{"state":"mapped","groups":0,"clientsCreated":0,"clientsReused":0}\n',
    );
    const one = await cli("map", "--group", "=Branch", "--client", "Branch Ltd");
    expect(one.out).toBe('Mapped "=Branch" to Branch Ltd. The next full sync carries it out.\n');
    expect((await api.get(url())).body.groups).toContainEqual({
      path: "AC\\/DC / =Branch",
      state: "mapped",
      client: "Branch Ltd",
    });
    for (const [group, words] of [
      ["Nowhere", "There is no group “Nowhere”."],
      ["Twins", "of twin-1, twin-2"],
    ] as const) {
      const refused = await cli("map", "--group", group, "--client", "Acme");
      expect(refused).toMatchObject({ exitCode: 1, error: expect.stringContaining(words) });
    }
    const reader = await apiCallerOf(web, tenant, { scopes: ["read"] });
    vi.stubEnv("PLUMBLINE_TOKEN", reader.token);
    expect((await cli("map", "--auto")).error).toContain("needs a token with the scope “admin”");
  });

  it("says in which row and column a file is wrong, whether the command or the server finds it", async () => {
    await cli("map", "export", "-f", file("bad.csv"));
    const text = readFileSync(file("bad.csv"), "utf8");
    writeFileSync(file("bad.csv"), text.replace(",excluded,", ",out,"));
    const unread = await cli("map", "apply", "-f", file("bad.csv"));
    expect(unread.error).toMatch(/Row \d, column state: Use one of/);
    writeFileSync(file("bad.csv"), `${text}Nowhere,excluded,,\n`);
    const refused = await cli("map", "apply", "-f", file("bad.csv"));
    expect(refused).toMatchObject({
      exitCode: 1,
      error: expect.stringContaining("Row 7, column path: There is no group “Nowhere”."),
    });
    expect(await clientCount()).toBe(1);
  });

  it("starts, joins, lists, follows and cancels syncs, with the same output as on this machine", async () => {
    const started = await cli("sync", "full");
    const [, id] = /^Started run ([0-9a-f-]{36})\.\n$/.exec(started.out) ?? [];
    expect(id).toBeDefined();
    expect((await cli("sync", "full")).out).toBe(`Joined run ${id}.\n`);
    expect((await cli("runs")).out).toMatch(new RegExp(`requested .*failed +id\n.*full +queued.* ${id}\n$`));
    expect(JSON.parse((await cli("runs", "--json")).out)).toEqual([
      expect.objectContaining({
        id,
        type: "full",
        status: "queued",
        summary: null,
        degraded: [],
        error: null,
      }),
    ]);
    expect((await cli("runs", "cancel", id!)).out).toBe("Cancelled.\n");
    expect(await cli("runs", "cancel", id!)).toMatchObject({
      exitCode: 1,
      error: expect.stringContaining("ended already"),
    });
    const next = JSON.parse((await cli("sync", "full", "--json")).out) as { id: string; joined: boolean };
    expect(next.joined).toBe(false);
    expect((await cli("runs", "cancel", next.id)).exitCode).toBe(0);
  });

  it("follows a sync until it has ended, and fails if the sync did", async () => {
    const { id } = JSON.parse((await cli("sync", "full", "--json")).out) as { id: string };
    const ask = globalThis.fetch;
    vi.stubGlobal("fetch", async (address: string, init?: RequestInit) => {
      if (address.endsWith(`/runs/${id}`)) await api.post(`/runs/${id}/cancel`);
      return ask(address, init);
    });
    const waiting = cli("sync", "full", "--wait");
    expect(await waiting).toMatchObject({ exitCode: 1, out: expect.stringMatching(/^full sync cancelled/) });
  });

  it("says what is missing: a token, a valid one, a Plumbline server, a command that it supports", async () => {
    expect((await cli("doctor")).error).toContain("works on the installation itself");
    expect((await cli("map", "export", "--token", "plumbline_pat_no")).error).toContain(
      "unknown, expired or revoked",
    );
    vi.stubEnv("PLUMBLINE_TOKEN", undefined);
    expect((await cli("map", "export")).error).toContain("There is no token.");
    vi.stubEnv("PLUMBLINE_TOKEN", api.token);
    vi.stubGlobal("fetch", () =>
      Promise.resolve(new Response("<html>", { headers: { "Content-Type": "text/html" } })),
    );
    expect((await cli("map", "export")).error).toContain("is no API of Plumbline");
  });
});
