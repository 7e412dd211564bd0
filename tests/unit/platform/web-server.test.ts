import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";

import { afterEach, describe, expect, it } from "vitest";

import { withLogContext } from "~/sync/log-context";

import { listen } from "../../../scripts/lib/web-server.mjs";

/** The least that Remix takes for a build: three resource routes. */
function buildOf(loaders: Record<string, (args: { context: { clientIp: string } }) => Response>) {
  const entries = Object.entries(loaders);
  const route = (id: string, loader: unknown) => ({ id, path: id, parentId: undefined, module: { loader } });
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

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(loaders: Parameters<typeof buildOf>[0] = {}) {
  const logged: object[] = [];
  const app = {
    config: { port: 0 },
    log: { error: (entry: object) => logged.push(entry) },
    withLogContext,
    closed: 0,
  };
  const boot = async () => ({ ...app, close: async () => void app.closed++ });
  const server = await listen(buildOf(loaders), { port: 0, boot });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await server.close();
    isOpen = false;
  };
  closers.push(close);
  return { url: `http://127.0.0.1:${server.port}`, app, logged, close };
}

/** An endless event stream that says one thing at once. */
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

  it("believes a proxy on this machine about the caller's address", async () => {
    const { url } = await serve({ ip: ({ context }) => new Response(context.clientIp) });
    expect(await (await fetch(`${url}/ip`)).text()).toContain("127.0.0.1");
    const forwarded = await fetch(`${url}/ip`, { headers: { "x-forwarded-for": "203.0.113.9" } });
    expect(await forwarded.text()).toBe("203.0.113.9");
  });

  it("answers a Host header that is no host with 400, and does not log it", async () => {
    const { url, logged } = await serve({ page: () => new Response("page") });
    const response = await new Promise<IncomingMessage>((resolve, reject) =>
      get(`${url}/page`, { headers: { host: "a b" } }, resolve).on("error", reject),
    );
    expect(response.statusCode).toBe(400);
    expect(logged).toEqual([]);
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
    const boot = async () => ({ config: { port }, close: async () => void closed++ });
    await expect(listen(buildOf({}), { boot })).rejects.toMatchObject({ code: "EADDRINUSE", port });
    expect(closed).toBe(1);
    other.close();
  });

  it("does not listen when the app does not boot", async () => {
    const boot = async () => Promise.reject(new Error("no database"));
    await expect(listen(buildOf({}), { port: 0, boot })).rejects.toThrow("no database");
  });
});
