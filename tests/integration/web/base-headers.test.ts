import { afterAll, beforeAll, expect, it } from "vitest";

import { createWebWorld, type WebWorld } from "@tests/support/web";

import { listen } from "../../../scripts/lib/web-server.mjs";

let web: WebWorld;
let server: Awaited<ReturnType<typeof listen>>;
let cookie: string;

beforeAll(async () => {
  web = await createWebWorld();
  const { as } = await web.tenant();
  cookie = [...as.admin.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  // The world closes its app itself.
  server = await listen(web.build, { port: 0, boot: async () => ({ ...web.app, close: async () => {} }) });
});
afterAll(async () => {
  await server.close();
  await web.close();
});

/** Each route as a page and as data, with unknown ids. */
const addresses = () =>
  Object.values(web.routes).flatMap(({ id, address }) => {
    const path = address
      .replace(/:\w+/g, "0193a0f2-0000-7000-8000-000000000000")
      .replace("*", "no/such/page");
    return [path, `${path}?_data=${encodeURIComponent(id)}`];
  });

const files = ["/healthz", "/favicon.svg", "/build/gone.js", "/%00", "/%"];

it("every answer of every route tells the browser to load, frame, sniff and cache nothing", async () => {
  const ask = async (path: string, init: RequestInit, who: string) => {
    const { headers, status, body } = await fetch(server.url + path, { redirect: "manual", ...init });
    const what = `${init.method ?? "GET"} ${path} as ${who}: ${status}`;
    expect.soft(headers.get("Content-Security-Policy"), what).toMatch(/^default-src 'none'/);
    expect.soft(headers.get("Content-Security-Policy"), what).toContain("frame-ancestors 'none'");
    expect.soft(headers.get("X-Content-Type-Options"), what).toBe("nosniff");
    expect.soft(headers.get("X-Frame-Options"), what).toBe("DENY");
    expect.soft(headers.get("Referrer-Policy"), what).toBe("same-origin");
    // One policy: of two, browsers allow only what both allow, and no script of a page would run.
    expect.soft(headers.get("Content-Security-Policy")?.match(/default-src/g), what).toHaveLength(1);
    if (path !== "/favicon.svg") expect.soft(headers.get("Cache-Control"), what).toContain("no-store");
    await body?.cancel();
  };
  for (const path of [...addresses(), ...files]) {
    await ask(path, {}, "anybody");
    await ask(path, { headers: { Cookie: cookie } }, "an administrator");
    await ask(path, { method: "POST", headers: { Origin: "https://elsewhere.example" } }, "another site");
  }
});
