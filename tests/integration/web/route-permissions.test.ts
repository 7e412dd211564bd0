import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Access } from "~/auth/guard.server";
import { allows, roles, type Permission } from "~/auth/permissions";
import { routeTable, type Rule } from "./route-table";
import { createWebWorld, type Browser, type RouteOfBuild, type WebWorld } from "@tests/support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;

beforeAll(async () => {
  web = await createWebWorld();
  tenant = await web.tenant();
});
afterAll(() => web.close());

const accessOf = (handler: unknown): Access | undefined =>
  (handler as { access?: Access } | undefined)?.access;

/** What a handler asks for, in the words of the table. */
function ruleOf(handler: unknown): Rule | undefined {
  if (handler === undefined) return undefined;
  const access = accessOf(handler);
  if (access === undefined) return "own";
  if (access.kind === "open") return access.why.length > 10 ? "open" : undefined;
  if (access.kind === "permission") return access.permission;
  return Object.fromEntries(
    Object.entries(access.intents).map(([name, { permission }]) => [name, permission]),
  );
}

/** An address of the route, with ids that nobody has. */
const addressFor = (route: RouteOfBuild): string =>
  route.address.replace(/:\w+/g, "0193a0f2-0000-7000-8000-000000000000").replace("*", "no/such/page");

interface Handler {
  route: RouteOfBuild;
  kind: "loader" | "action";
  intent: string;
  permission: Permission;
  provider?: string;
  /** For the message of a failure. */
  what: string;
}

/** Everything that is guarded, one by one. */
function guardedHandlers(): Handler[] {
  const handlers: Handler[] = [];
  for (const route of Object.values(web.routes)) {
    for (const kind of ["loader", "action"] as const) {
      const access = accessOf(route.module[kind]);
      if (access === undefined || access.kind === "open") continue;
      const requirements = access.kind === "permission" ? { "": access } : access.intents;
      for (const [intent, { permission, provider }] of Object.entries(requirements)) {
        const what = `${route.id} ${kind} ${intent}`;
        handlers.push({ route, kind, intent, permission, what, ...(provider && { provider }) });
      }
    }
  }
  return handlers;
}

/** Calls one route alone, as the browser's own code does. */
function call(
  browser: Browser,
  { route, kind, intent }: Handler,
  fields: Record<string, string> = {},
  headers = {},
) {
  const target = new URL(addressFor(route), "http://any");
  if (route.isIndex) target.searchParams.set("index", "");
  if ("default" in route.module) target.searchParams.set("_data", route.id);
  const address = target.pathname + target.search;
  if (kind === "loader") return browser.get(address);
  return browser.post(address, { ...(intent === "" ? {} : { intent }), ...fields }, headers);
}

/** Where a data request is sent to; a page's redirect stands in the location. */
const destination = (response: Response) =>
  response.headers.get("X-Remix-Redirect") ?? response.headers.get("Location");

describe("the routes", () => {
  it("are all in the table, with what each asks for", () => {
    const found = Object.fromEntries(
      Object.values(web.routes).map(({ id, module }) => {
        const loader = ruleOf(module["loader"]);
        const action = ruleOf(module["action"]);
        return [id, { ...(loader && { loader }), ...(action && { action }) }];
      }),
    );
    expect(found).toEqual(routeTable);
  });

  it("send whoever is not signed in to the sign-in page", async () => {
    const handlers = guardedHandlers();
    expect(handlers.length).toBeGreaterThan(20);
    for (const handler of handlers) {
      const response = await call(web.anonymous(), handler);
      expect.soft(destination(response), handler.what).toMatch(/^\/sign-in/);
    }
  });

  it("refuse every role that may not, and let every role in that may", async () => {
    for (const handler of guardedHandlers()) {
      for (const role of roles) {
        // Signing out would end the browser's session for the rest of this test.
        if (handler.route.id === "routes/sign-out") continue;
        const response = await call(tenant.as[role], handler);
        const what = `${handler.what} as ${role}`;
        if (allows(role, handler.permission)) expect.soft(response.status, what).not.toBe(403);
        else expect.soft(response.status, what).toBe(403);
        expect.soft(response.status, what).toBeLessThan(500);
      }
    }
  });

  it("refuse every action without the session's token, and from another site", async () => {
    const before = await tenant.as.admin.get("/settings/account");
    expect(before.status).toBe(200);
    for (const handler of guardedHandlers().filter(({ kind }) => kind === "action")) {
      const noToken = await call(tenant.as.admin, handler, { csrf: "not the token" });
      expect.soft(noToken.status, `${handler.what} without a token`).toBe(403);
      const elsewhere = { Origin: "https://elsewhere.example", "Sec-Fetch-Site": "cross-site" };
      const foreign = await call(tenant.as.admin, handler, {}, elsewhere);
      expect.soft(foreign.status, `${handler.what} from elsewhere`).toBe(403);
    }
    expect((await tenant.as.admin.get("/settings/account")).status).toBe(200);
  });

  it("do not have the provider's pages in an edition without it", async () => {
    const community = await createWebWorld({ EDITION: "community" });
    try {
      const { as } = await community.tenant();
      const handlers = guardedHandlers().filter(({ provider }) => provider !== undefined);
      expect(handlers.length).toBeGreaterThan(0);
      for (const handler of handlers) {
        const response = await call(as.admin, handler);
        expect.soft(response.status, handler.what).toBe(404);
      }
    } finally {
      await community.close();
    }
  });
});
