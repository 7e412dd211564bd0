import { Agent, createServer, get, request, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";

import { afterEach, describe, expect, it } from "vitest";

import { withLogContext } from "~/platform/log-context";

import { listen } from "../../../scripts/lib/web-server.mjs";

interface LoaderArgs {
  context: { clientIp: string };
  request: Request;
}

/** The minimum of a Remix build: resource routes that all answer a form the same way. */
function buildOf(loaders: Record<string, (args: LoaderArgs) => Response>) {
  const entries = Object.entries(loaders);
  const route = (id: string, loader: unknown) => ({
    id,
    path: id,
    parentId: undefined,
    module: { loader, action: loader },
  });
  return {
    entry: { module: { default: () => new Response() } },
    routes: Object.fromEntries(entries.map(([id, loader]) => [id, route(id, loader)])),
    assets: { entry: { module: "", imports: [] }, routes: {}, url: "", version: "1" },
    publicPath: "/build/",
    assetsBuildDirectory: "public/build",
    future: {},
    isSpaMode: false,
  };
}

const PUBLIC_URL = "https://plumbline.example.com";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(loaders: Parameters<typeof buildOf>[0] = {}, trustedProxies = ["loopback"]) {
  const logged: object[] = [];
  const app = {
    config: { port: 0, publicUrl: PUBLIC_URL, trustedProxies },
    baseHeaders: { "X-Frame-Options": "DENY", "Content-Security-Policy": "default-src 'none'" },
    log: { error: (entry: object) => logged.push(entry), warn: (entry: object) => logged.push(entry) },
    withLogContext,
    closed: 0,
  };
  const boot = async () => ({ ...app, windDown: () => {}, close: async () => void app.closed++ });
  const server = await listen(buildOf(loaders), { port: 0, boot });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await server.close();
    isOpen = false;
  };
  closers.push(close);
  return { url: `http://127.0.0.1:${server.port}`, app, logged, close };
}

/** An endless event stream that sends one event at once. */
const eventStream = () =>
  new Response(
    new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode("data: now\n\n")),
    }),
    { headers: { "content-type": "text/event-stream" } },
  );

describe("the web server", () => {
  it("answers 200 on /healthz once it serves, and names no framework", async () => {
    const { url } = await serve();
    const response = await fetch(`${url}/healthz`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("ok\n");
    expect(response.headers.get("x-powered-by")).toBeNull();
  });

  it("answers 405 to TRACE, which no page accepts", async () => {
    const { url, logged } = await serve();
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(`${url}/page`, { method: "TRACE" }, resolve).on("error", reject).end();
    });
    response.resume();
    expect(response.statusCode).toBe(405);
    expect(logged).toEqual([]);
  });

  it("compresses a page, and leaves an event stream alone", async () => {
    const { url } = await serve({ page: () => new Response("x".repeat(5_000)), stream: eventStream });
    const headers = { "accept-encoding": "gzip" };
    expect((await fetch(`${url}/page`, { headers })).headers.get("content-encoding")).toBe("gzip");

    const stream = await fetch(`${url}/stream`, { headers });
    expect(stream.headers.get("content-encoding")).toBeNull();
    const first = await stream.body!.getReader().read();
    expect(new TextDecoder().decode(first.value)).toBe("data: now\n\n");
  });

  it("answers a missing asset with 404 instead of a page", async () => {
    const { url } = await serve();
    expect((await fetch(`${url}/build/gone-0123.js`)).status).toBe(404);
  });

  it("trusts a proxy on this machine about the caller's address", async () => {
    const { url } = await serve({ ip: ({ context }) => new Response(context.clientIp) });
    expect(await (await fetch(url.replace("localhost", "127.0.0.1") + "/ip")).text()).toBe("127.0.0.1");
    const forwarded = await fetch(`${url}/ip`, { headers: { "x-forwarded-for": "203.0.113.9" } });
    expect(await forwarded.text()).toBe("203.0.113.9");
  });

  it("trusts no other proxy unless it is named", async () => {
    const loaders = { ip: ({ context }: LoaderArgs) => new Response(context.clientIp) };
    const seenBy = async (trustedProxies: string[]) => {
      const { url } = await serve(loaders, trustedProxies);
      return (await fetch(`${url}/ip`, { headers: { "x-forwarded-for": "203.0.113.9, 172.17.0.1" } })).text();
    };
    expect(await seenBy(["loopback"])).toBe("172.17.0.1");
    expect(await seenBy(["loopback", "172.16.0.0/12"])).toBe("203.0.113.9");
    expect(await seenBy(["10.0.0.0/8"])).toContain("127.0.0.1");
  });

  it("gives every answer the base headers, except those that it sets itself", async () => {
    const { url } = await serve({
      page: () => new Response("page", { headers: { "Content-Security-Policy": "script-src 'nonce-1'" } }),
      away: () => new Response(null, { status: 302, headers: { Location: "/page" } }),
    });
    const policyOf = async (path: string) => {
      const response = await fetch(url + path, { redirect: "manual" });
      expect(response.headers.get("x-frame-options"), path).toBe("DENY");
      return response.headers.get("content-security-policy");
    };
    for (const path of ["/away", "/healthz", "/build/gone.js", "/favicon.svg", "/nowhere"])
      expect(await policyOf(path), path).toBe("default-src 'none'");
    expect(await policyOf("/page")).toBe("script-src 'nonce-1'");
  });

  it("answers an invalid Host header with 400, and does not log it", async () => {
    const { url, logged } = await serve({ page: () => new Response("page") });
    const response = await new Promise<IncomingMessage>((resolve, reject) =>
      get(`${url}/page`, { headers: { host: "a b" } }, resolve).on("error", reject),
    );
    expect(response.statusCode).toBe(400);
    expect(logged).toEqual([]);
  });

  it(
    "discards the unread rest of a request, so that the sender gets the answer and can continue",
    { timeout: 10_000 },
    async () => {
      const { url } = await serve({ page: () => new Response("Too large", { status: 413 }) });
      // One connection: the second request waits for the first, as in a browser.
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      closers.push(async () => agent.destroy());
      const send = (path: string, method: string, body: Buffer) =>
        new Promise<number>((resolve, reject) => {
          const sent = request(`${url}${path}`, {
            method,
            agent,
            headers: { "content-length": body.length },
          });
          sent.on("error", reject).on("response", (response) => {
            response.resume().on("end", () => resolve(response.statusCode!));
          });
          sent.end(body);
        });
      expect(await send("/page", "POST", Buffer.alloc(10 * 1024 * 1024))).toBe(413);
      expect(await send("/healthz", "GET", Buffer.alloc(0))).toBe(200);
    },
  );

  it("answers Expect: 100-continue, and accepts the body", async () => {
    const { url } = await serve({ page: () => new Response("taken") });
    const body = "x".repeat(2_000);
    const sent = request(`${url}/page`, {
      method: "POST",
      headers: { expect: "100-continue", "content-length": body.length },
    });
    const answered = once(sent, "response") as Promise<[IncomingMessage]>;
    await once(
      sent.on("continue", () => sent.end(body)),
      "continue",
    );
    const [answer] = await answered;
    answer.resume();
    expect(answer.statusCode).toBe(200);
  });

  it.each(["GET", "HEAD", "OPTIONS", "PUT", "TRACE", "PROPFIND", "REPORT", "PURGE"])(
    "tells a sender that uses %s on a webhook's address to use POST",
    async (method) => {
      const { url, logged } = await serve({ "api/webhooks/levelio": () => new Response("taken") });
      const ask = request(`${url}/api/webhooks/levelio?tenant=x`, { method }).end();
      const [answer] = (await once(ask, "response")) as [IncomingMessage];
      answer.resume();
      expect(answer.statusCode).toBe(405);
      expect(answer.headers.allow).toBe("POST");
      expect(logged).toEqual([]);
      const posted = await fetch(`${url}/api/webhooks/levelio?tenant=x`, { method: "POST" });
      expect(await posted.text()).toBe("taken");
    },
  );

  it("answers a form from another site with a page that says how to fix it", async () => {
    const { url, logged } = await serve({ page: () => new Response("done") });
    const answer = await fetch(`${url}/page`, {
      method: "POST",
      headers: { origin: 'https://<b>"evil' },
      body: new URLSearchParams(),
    });
    expect(answer.status).toBe(403);
    const elsewhere = await fetch(`${url}/page`, {
      method: "POST",
      headers: { origin: "https://rmm.example.org" },
      body: new URLSearchParams(),
    });
    expect(elsewhere.status).toBe(403);
    expect(elsewhere.headers.get("content-security-policy")).toContain("default-src 'none'");
    const page = await elsewhere.text();
    expect(page).toContain("It was sent from rmm.example.org");
    expect(page).toContain("PUBLIC_URL");
    expect(await answer.text()).not.toContain("<b>");
    expect(logged).toHaveLength(2);
  });

  it("accepts a form from the public address although a proxy passes another host", async () => {
    const { url } = await serve({ host: ({ request }) => new Response(new URL(request.url).host) });
    const hostSeen = async (headers: Record<string, string>) =>
      (await fetch(`${url}/host`, { method: "POST", headers, body: new URLSearchParams() })).text();
    expect(await hostSeen({ origin: PUBLIC_URL })).toBe("plumbline.example.com");
    const passed = { origin: PUBLIC_URL, "x-forwarded-host": "internal:3000" };
    expect(await hostSeen(passed)).toBe("plumbline.example.com");
    expect(await hostSeen({ origin: url })).toBe(new URL(url).host);
  });

  it("ends although an event stream is open, and closes the app after the last request", async () => {
    const { url, app, close } = await serve({ stream: eventStream });
    const stream = await fetch(`${url}/stream`);
    const cut = stream.text().catch(() => "cut");
    expect(app.closed).toBe(0);
    await close();
    expect(app.closed).toBe(1);
    expect(await cut).toBe("cut");
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  it("closes the app again when the port is taken, and says which port", async () => {
    const other = createServer().listen(0);
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    let closed = 0;
    const boot = async () => ({
      config: { port, publicUrl: PUBLIC_URL },
      baseHeaders: {},
      close: async () => void closed++,
    });
    await expect(listen(buildOf({}), { boot })).rejects.toMatchObject({ code: "EADDRINUSE", port });
    expect(closed).toBe(1);
    other.close();
  });

  it("does not listen if the app does not boot", async () => {
    const boot = async () => Promise.reject(new Error("no database"));
    await expect(listen(buildOf({}), { port: 0, boot })).rejects.toThrow("no database");
  });
});
