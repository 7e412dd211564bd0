import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type * as z from "zod";

import { auditLog, rmmHeldChanges, rmmSyncRuns, tenants } from "@db/schema";
import { apiScopes, hasScope, type ApiScope } from "@domain/api-scopes";
import { allows, roles, type Role } from "@domain/permissions";
import { toolOperations } from "~/features/api/mcp-tools";
import { operations } from "~/features/api/registry";
import { REQUESTS_A_MINUTE } from "~/features/api/rate-limit";
import { apiCallerOf, type WebTenant } from "@tests/support/api";
import { createClient } from "@tests/support/factories";
import { createWebWorld, type WebWorld } from "@tests/support/web";

import { listen } from "../../../scripts/lib/web-server.mjs";

import { createThings, type Things } from "./things";

let web: WebWorld;
let server: Awaited<ReturnType<typeof listen>>;
let tenant: WebTenant;

beforeAll(async () => {
  web = await createWebWorld();
  // The world closes its app itself.
  server = await listen(web.build, { port: 0, boot: async () => ({ ...web.app, close: async () => {} }) });
});
afterAll(async () => {
  await server.close();
  await web.close();
});
beforeEach(async () => {
  tenant = await switchedOn(await web.tenant());
});

async function switchedOn(one: WebTenant): Promise<WebTenant> {
  const { status } = await one.as.admin.post("/settings/tokens", { intent: "switch-mcp", to: "on" });
  expect(status).toBe(303);
  return one;
}

/** An assistant connected with a token. */
async function assistant(token: string): Promise<Client> {
  const client = new Client({ name: "tests", version: "1" });
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL("/api/mcp", server.url), { requestInit }));
  return client;
}

const assistantOf = async (one: WebTenant, options: { role?: Role; scopes?: ApiScope[] } = {}) =>
  assistant((await apiCallerOf(web, one, options)).token);

async function call(client: Client, name: string, args: Record<string, unknown> = {}) {
  const { content, isError = false } = await client.callTool({ name, arguments: args });
  const [{ text }] = content as [{ text: string }];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test looks at what came, whatever it is
  return { isError, body: JSON.parse(text) as any };
}

const logOf = ({ id }: WebTenant, action: string) =>
  web.database.db
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.tenantId, id), eq(auditLog.action, action)));

const post = (token: string, body: unknown) =>
  fetch(new URL("/api/mcp", server.url), {
    method: "POST",
    headers: {
      Authorization: `Bearer ${token}`,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
    },
    body: JSON.stringify(body),
  });

const listMessage = { jsonrpc: "2.0", id: 1, method: "tools/list" };

describe("the tools that an assistant sees", () => {
  it("are the reads of the API, starting a sync and deciding a review", () => {
    const reads = operations.filter(({ method }) => method === "GET").map(({ id }) => id);
    const ids = toolOperations.map(({ id }) => id);
    expect(ids.sort()).toEqual([...reads, "startSync", "decidePendingChanges"].sort());
  });

  it("take each argument once, whether it is in the address, the query or the body", () => {
    for (const { id, params, query, body } of toolOperations) {
      const names = [params, query, body].flatMap((part) =>
        Object.keys((part as z.ZodObject | undefined)?.shape ?? {}),
      );
      expect(new Set(names).size, id).toBe(names.length);
    }
  });

  it.each(roles)("are those that its token's scopes and its owner's role allow: %s", async (role) => {
    for (const scope of apiScopes) {
      const client = await assistantOf(tenant, { role, scopes: [scope] });
      const { tools } = await client.listTools();
      const expected = toolOperations.filter(
        (one) => hasScope([scope], one.scope) && allows(role, one.permission),
      );
      expect(tools.map(({ name }) => name).sort(), scope).toEqual(expected.map(({ id }) => id).sort());
    }
  });

  it("describe their arguments in a schema that names each one", async () => {
    const { tools } = await (await assistantOf(tenant)).listTools();
    const named = Object.fromEntries(tools.map((tool) => [tool.name, tool]));
    expect(named["getClient"]?.inputSchema).toMatchObject({
      required: ["clientId"],
      additionalProperties: false,
    });
    expect(named["listAssets"]?.inputSchema.properties).toMatchObject({
      limit: { type: "integer", maximum: 200 },
      fields: { type: "string" },
    });
    expect(named["listAssets"]?.annotations?.readOnlyHint).toBe(true);
    expect(named["startSync"]?.annotations?.readOnlyHint).toBe(false);
  });
});

describe("a call", () => {
  it("answers as the API does, with numbers and text as an assistant writes them", async () => {
    for (const name of ["Acme", "Globex"]) await createClient(web.database.db, { tenantId: tenant.id, name });
    const api = await apiCallerOf(web, tenant);
    const client = await assistant(api.token);
    const { body } = await call(client, "listClients", { limit: 1, fields: "name" });
    expect(body.data).toEqual([{ name: "Acme" }]);
    const rest = await call(client, "listClients", { limit: 1, cursor: body.next });
    expect(rest.body.data).toEqual((await api.get("/clients")).body.data.slice(1));
    expect((await call(client, "listClients", { archived: true })).isError).toBe(false);
  });

  it("starts a sync and decides a review, for a token that may", async () => {
    const { db } = web.database;
    const { connectionId, change } = await createThings(db, tenant, "ours");
    await db.update(rmmSyncRuns).set({ status: "completed" }).where(eq(rmmSyncRuns.tenantId, tenant.id));
    const client = await assistantOf(tenant, { scopes: ["sync", "review"] });
    const started = await call(client, "startSync", { connectionId, type: "alerts" });
    expect(started.body).toMatchObject({ connectionId, type: "alerts", joined: false });
    const decided = await call(client, "decidePendingChanges", { decision: "reject", changes: [change] });
    expect(decided.body).toMatchObject({ decided: 1 });
    const left = await db.select().from(rmmHeldChanges).where(eq(rmmHeldChanges.id, change.id));
    expect(left.filter(({ state }) => state === "held")).toEqual([]);
  });

  it("is in the audit log, even if it was refused", async () => {
    const client = await assistantOf(tenant, { scopes: ["read"] });
    await call(client, "listClients", { limit: 1 });
    expect(await call(client, "startSync", { connectionId: tenant.id })).toMatchObject({
      isError: true,
      body: { code: "insufficient_scope" },
    });
    const log = await logOf(tenant, "mcp.tool_called");
    expect(log.map(({ details }) => details)).toEqual(
      expect.arrayContaining([
        { tool: "listClients", arguments: '{"limit":1}' },
        { tool: "startSync", arguments: expect.any(String), refusal: "insufficient_scope" },
      ]),
    );
    expect(log[0]?.actor).toBe(`${tenant.users.admin.email} by the token “tests”`);
  });

  it("with an unknown argument is refused by its name", async () => {
    const client = await assistantOf(tenant);
    for (const [tool, args, word] of [
      ["listClients", { colour: "red" }, "colour"],
      ["listClients", { limit: 1000 }, "query.limit"],
      ["getToken", { colour: "red" }, "colour"],
      ["listAssets", { fields: "nonsense" }, "query.fields"],
      ["getClient", {}, "id"],
    ] as const) {
      const { isError, body } = await call(client, tool, args);
      expect(isError, tool).toBe(true);
      expect(JSON.stringify(body), tool).toContain(word);
    }
    await expect(client.callTool({ name: "createClient", arguments: { name: "x" } })).rejects.toThrow(
      "no tool",
    );
  });

  it("with another tenant's ids finds nothing, in any tool", async () => {
    const mark = "Zebra-Only-Theirs";
    const theirs = await createThings(web.database.db, await web.tenant(), mark);
    const client = await assistantOf(tenant);
    for (const operation of toolOperations) {
      const { isError, body } = await call(client, operation.id, argumentsOf(operation, theirs));
      if (/\{\w+(Id|Key)\}/.test(operation.path)) expect.soft(isError, operation.id).toBe(true);
      expect.soft(JSON.stringify(body), operation.id).not.toContain(mark);
    }
  });
});

function argumentsOf({ id, path }: { id: string; path: string }, things: Things): Record<string, unknown> {
  if (id === "decidePendingChanges") return { decision: "reject", changes: [things.change] };
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  return Object.fromEntries(
    names.map((name) => [name, name === "kind" ? "assets" : things[name as keyof Things]]),
  );
}

describe("MCP", () => {
  it("is off until an administrator switches it on, and the audit log says who did", async () => {
    const fresh = await web.tenant();
    const { token } = await apiCallerOf(web, fresh);
    await expect(assistant(token)).rejects.toThrow("MCP is switched off");
    for (const role of ["technician", "viewer"] as const) {
      const answer = await fresh.as[role].post("/settings/tokens", { intent: "switch-mcp", to: "on" });
      expect(answer.status, role).toBe(403);
    }
    await switchedOn(fresh);
    await switchedOn(fresh);
    const client = await assistant(token);
    expect(await logOf(fresh, "mcp.enabled")).toHaveLength(1);
    await fresh.as.admin.post("/settings/tokens", { intent: "switch-mcp", to: "off" });
    await expect(client.listTools()).rejects.toThrow("MCP is switched off");
    expect(await logOf(fresh, "mcp.disabled")).toHaveLength(1);
    const [row] = await web.database.db.select().from(tenants).where(eq(tenants.id, fresh.id));
    expect(row?.mcpEnabled).toBe(false);
  });

  it("admits nobody without a token, and says so as the API does", async () => {
    await expect(assistant("nonsense")).rejects.toThrow();
    const { status, headers } = await post("nonsense", listMessage);
    expect(status).toBe(401);
    expect(headers.get("WWW-Authenticate")).toContain("invalid_token");
  });

  it("counts against the limit of its token", async () => {
    const { token } = await apiCallerOf(web, tenant);
    const { headers } = await post(token, listMessage);
    expect(headers.get("RateLimit-Remaining")).toBe(String(REQUESTS_A_MINUTE - 1));
    expect((await post(token, [listMessage, listMessage])).status).toBe(400);
  });

  it("keeps no session and holds no stream open", async () => {
    const { token } = await apiCallerOf(web, tenant);
    const answer = await post(token, listMessage);
    expect(answer.headers.get("Content-Type")).toContain("application/json");
    expect(answer.headers.get("Mcp-Session-Id")).toBeNull();
    const headers = { Authorization: `Bearer ${token}`, Accept: "text/event-stream" };
    for (const method of ["GET", "DELETE"]) {
      const { status } = await fetch(new URL("/api/mcp", server.url), { method, headers });
      expect(status, method).toBe(405);
    }
  });
});
