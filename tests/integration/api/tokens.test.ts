import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { apiTokens, auditLog, users } from "@db/schema";
import { isApiToken } from "@domain/api-token";
import { apiCaller, apiCallerOf, type WebTenant } from "@tests/support/api";
import { createWebWorld, type Browser, type WebWorld } from "@tests/support/web";

let web: WebWorld;
let tenant: WebTenant;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());
beforeEach(async () => {
  web.setNow(null);
  tenant = await web.tenant();
});

const page = "/settings/tokens?_data=routes%2F_app.settings.tokens";

const make = (browser: Browser, fields: Record<string, string | string[]> = {}) =>
  browser.post(page, { intent: "create", name: "Nightly report", kind: "personal", days: "90", ...fields });

async function madeBy(browser: Browser, fields: Record<string, string | string[]> = {}) {
  const answer = await make(browser, fields);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { made: { token: string } }).made.token;
}

const rowsOf = (tenantId: string) =>
  web.database.db.select().from(apiTokens).where(eq(apiTokens.tenantId, tenantId));

describe("a token that a person makes", () => {
  it("is shown once, stored as a hash, reads, and expires after 90 days", async () => {
    const token = await madeBy(tenant.as.viewer);
    expect(isApiToken(token)).toBe(true);
    expect(token).toMatch(/^plumbline_pat_/);
    const [row] = await rowsOf(tenant.id);
    expect(JSON.stringify(row)).not.toContain(token.slice("plumbline_pat_".length + 4));
    expect(await (await tenant.as.viewer.get("/settings/tokens")).text()).not.toContain(token);

    const { status, body } = await apiCaller(web, token).get("/token");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: "Nightly report",
      kind: "personal",
      scopes: ["read"],
      owner: { role: "viewer", email: tenant.users.viewer.email },
    });
    const days = (Date.parse(body.expiresAt) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(89.9);
    web.setNow(new Date(Date.now() + 90 * 86_400_000));
    const later = await apiCaller(web, token).get("/token");
    expect(later.status).toBe(401);
    expect(later.headers.get("WWW-Authenticate")).toContain("invalid_token");
  });

  it("has the scopes that were ticked, and no others", async () => {
    const token = await madeBy(tenant.as.admin, { scope: ["sync", "write"] });
    expect((await apiCaller(web, token).get("/token")).body.scopes).toEqual(["read", "sync", "write"]);
    expect((await make(tenant.as.admin, { scope: "everything" })).status).toBe(422);
  });

  it("says when and from where it was last used, and the audit log names it", async () => {
    const caller = await apiCallerOf(web, tenant, { name: "importer" });
    await caller.post("/clients", { name: "Acme" });
    const [row] = await rowsOf(tenant.id);
    expect(row?.lastUsedAt).toBeInstanceOf(Date);
    expect(row?.lastUsedIp).toBe("192.0.2.1");
    const log = await web.database.db.select().from(auditLog).where(eq(auditLog.tenantId, tenant.id));
    expect(log.find(({ action }) => action === "client.created")?.actor).toBe(
      `${tenant.users.admin.email} by the token “importer”`,
    );
    expect(log.map(({ action }) => action)).toContain("api_token.created");
  });

  it("ends when its owner or an administrator revokes it, and nobody else can", async () => {
    const caller = await apiCallerOf(web, tenant, { role: "technician", scopes: [] });
    const [{ id } = { id: "" }] = await rowsOf(tenant.id);
    const revoke = (browser: Browser) => browser.post(page, { intent: "revoke", token: id });
    const stranger = await web.tenant();
    expect((await revoke(stranger.as.admin)).status).toBe(404);
    expect((await revoke(tenant.as.viewer)).status).toBe(404);
    expect((await caller.get("/token")).status).toBe(200);
    expect((await revoke(tenant.as.admin)).status).toBeLessThan(400);
    expect((await caller.get("/token")).status).toBe(401);
    expect((await revoke(tenant.as.admin)).status).toBe(404);
  });

  it("can never do more than its owner, whose role can change, and ends with them", async () => {
    const caller = await apiCallerOf(web, tenant, { role: "technician" });
    const refused = await caller.post("/clients", { name: "Acme" });
    expect(refused.status).toBe(403);
    expect(refused.body.code).toBe("forbidden");
    const owner = eq(users.id, tenant.users.technician.id);
    await web.database.db.update(users).set({ role: "admin" }).where(owner);
    expect((await caller.post("/clients", { name: "Acme" })).status).toBe(201);
    await web.database.db.delete(users).where(owner);
    expect((await caller.get("/token")).status).toBe(401);
  });
});

describe("a token for a program", () => {
  it("is made only by administrators, and acts under its own name", async () => {
    expect((await make(tenant.as.technician, { kind: "service" })).status).toBe(403);
    const token = await madeBy(tenant.as.admin, { kind: "service", name: "Billing", scope: "write" });
    expect(token).toMatch(/^plumbline_svc_/);
    await apiCaller(web, token).post("/clients", { name: "Acme" });
    const log = await web.database.db.select().from(auditLog).where(eq(auditLog.tenantId, tenant.id));
    expect(log.find(({ action }) => action === "client.created")?.actor).toBe("Billing (service token)");
  });
});

describe("a request without a valid token", () => {
  it.each([
    ["none", {}],
    ["another scheme", { Authorization: "Basic dXNlcjpwYXNz" }],
    ["a text that is none", { Authorization: "Bearer hello" }],
    ["a token that nobody has", { Authorization: `Bearer plumbline_pat_${"A".repeat(43)}a5a5a5a5` }],
  ])("is refused with a challenge: %s", async (_what, headers) => {
    const answer = await apiCaller(web, null).get("/clients", headers);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("WWW-Authenticate")).toMatch(/^Bearer realm="plumbline"/);
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(answer.body).toMatchObject({ status: 401, code: "unauthenticated" });
  });

  it("is not admitted by the session of a browser", async () => {
    expect((await tenant.as.admin.get("/api/v1/clients")).status).toBe(401);
  });
});
