import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Requirement } from "~/auth/guard.server";
import { allows, roles } from "@domain/permissions";
import { accessOf, call, guardedHandlers } from "./route-calls";
import { routeTable, type Asked, type Rule } from "./route-table";
import { createWebWorld, type WebWorld } from "@tests/support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;

beforeAll(async () => {
  web = await createWebWorld();
  tenant = await web.tenant();
});
afterAll(() => web.close());

const asked = ({ permission, provider }: Requirement): Asked =>
  provider === undefined ? permission : `${permission} of ${provider}`;

/** A handler's requirement, in the words of the table. */
function ruleOf(handler: unknown): Rule | undefined {
  if (handler === undefined) return undefined;
  const access = accessOf(handler);
  if (access === undefined) return "own";
  if (access.kind === "open") return access.why.length > 10 ? "open" : undefined;
  if (access.kind === "permission") return asked(access);
  return Object.fromEntries(Object.entries(access.intents).map(([name, intent]) => [name, asked(intent)]));
}

/** The redirect target of a data request; a page's redirect is in the Location header. */
const destination = (response: Response) =>
  response.headers.get("X-Remix-Redirect") ?? response.headers.get("Location");

describe("the routes", () => {
  it("are all in the table, with their requirements", () => {
    const found = Object.fromEntries(
      Object.values(web.routes).map(({ id, module }) => {
        const loader = ruleOf(module["loader"]);
        const action = ruleOf(module["action"]);
        return [id, { ...(loader && { loader }), ...(action && { action }) }];
      }),
    );
    expect(found).toEqual(routeTable);
  });

  it("send visitors who are not signed in to the sign-in page", async () => {
    const handlers = guardedHandlers(web);
    expect(handlers.length).toBeGreaterThan(20);
    for (const handler of handlers) {
      const response = await call(web.anonymous(), handler);
      expect.soft(destination(response), handler.what).toMatch(/^\/sign-in/);
    }
  });

  it("refuse every role without the permission, and admit every role with it", async () => {
    for (const handler of guardedHandlers(web)) {
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
    for (const handler of guardedHandlers(web).filter(({ kind }) => kind === "action")) {
      const noToken = await call(tenant.as.admin, handler, { fields: { csrf: "not the token" } });
      expect.soft(noToken.status, `${handler.what} without a token`).toBe(403);
      const headers = { Origin: "https://elsewhere.example", "Sec-Fetch-Site": "cross-site" };
      const foreign = await call(tenant.as.admin, handler, { headers });
      expect.soft(foreign.status, `${handler.what} from elsewhere`).toBe(403);
    }
    expect((await tenant.as.admin.get("/settings/account")).status).toBe(200);
  });

  it("answer a refused form with a page that says why, never with a bare error", async () => {
    const pages = guardedHandlers(web).filter(
      ({ kind, route }) => kind === "action" && "default" in route.module,
    );
    expect(pages.length).toBeGreaterThan(20);
    for (const handler of pages) {
      const refusals = {
        "of a viewer": call(tenant.as.viewer, handler, { asDocument: true }),
        "to something that does not exist": call(tenant.as.admin, handler, { asDocument: true }),
        "under another sign-in": call(tenant.as.admin, handler, {
          asDocument: true,
          fields: { csrf: "not the token" },
        }),
      };
      for (const [what, answer] of Object.entries(refusals)) {
        const response = await answer;
        const page = await response.text();
        expect.soft(response.status, `${handler.what} ${what}`).toBeLessThan(500);
        if (response.status >= 400) expect.soft(page, `${handler.what} ${what}`).toContain("<h1");
      }
    }
  });

  it.each([
    ["an edition without it", { EDITION: "community" }],
    ["an installation without its flag", { FEATURE_FLAGS: "something-else" }],
  ])("contain nothing of a provider in %s", async (_where, env) => {
    const without = await createWebWorld(env);
    try {
      const { as } = await without.tenant();
      const handlers = guardedHandlers(web).filter(({ provider }) => provider !== undefined);
      expect(handlers.length).toBeGreaterThan(0);
      for (const handler of handlers) {
        const response = await call(as.admin, handler);
        expect.soft(response.status, handler.what).toBe(404);
      }
    } finally {
      await without.close();
    }
  });
});
