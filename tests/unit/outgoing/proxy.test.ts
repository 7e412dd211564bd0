import { once } from "node:events";
import { createServer as createHttp, type IncomingHttpHeaders } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo, Server } from "node:net";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createLevelClient } from "~/connectors/levelio/client.server";
import { createPost } from "~/platform/outgoing/post";
import { openTunnel, proxyFor } from "~/platform/outgoing/proxy";
import { proxiedFetch } from "~/platform/outgoing/proxied-fetch";

import { HOOKS_EXAMPLE } from "../../support/certificate";
import { startHttpProxy, stubProxies, type TestProxy } from "../../support/http-proxy";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0)) await close();
});

async function portOf(server: Server & { closeAllConnections(): void }): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

async function proxyTo(port: number, options?: Parameters<typeof startHttpProxy>[1]): Promise<TestProxy> {
  const proxy = await startHttpProxy(port, options);
  closing.push(() => proxy.close());
  return proxy;
}

const LOGIN = { user: "me", password: "p@ss:w%rd" };

describe("Level behind an HTTP proxy", () => {
  let level: number;
  beforeEach(async () => {
    stubProxies({});
    level = await portOf(
      createHttp((_request, response) => {
        response.setHeader("Content-Type", "application/json").end('{"data":[]}');
      }),
    );
  });

  const askLevel = () =>
    createLevelClient({
      apiKey: "key",
      baseUrl: "http://level.invalid",
      stats: { requests: 0, retries: 0, rateLimits: 0, rateLimitedMs: 0 },
      fetch: proxiedFetch,
      sleep: () => Promise.resolve(),
    })({ path: "/v2/groups", allowed: [] } as never);

  it.each(["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])("is reached by %s", async (name) => {
    const proxy = await proxyTo(level, LOGIN);
    stubProxies({ [name]: proxy.url });
    expect(await askLevel()).toMatchObject({ body: { data: [] } });
    expect(proxy.asked).toEqual(["level.invalid:80"]);
  });

  it.each(["HTTPS_PROXY", "https_proxy"])(
    "with TLS is reached by %s, and shows its certificate",
    async (name) => {
      const heard: (string | undefined)[] = [];
      const target = createHttps(HOOKS_EXAMPLE, (request, response) => {
        heard.push(request.headers.host);
        response.end("{}");
      });
      const proxy = await proxyTo(await portOf(target));
      stubProxies({ [name]: proxy.url });
      await expect(proxiedFetch("https://hooks.example/v2")).rejects.toMatchObject({
        cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
      });
      vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
      expect((await proxiedFetch("https://hooks.example/v2")).status).toBe(200);
      expect(heard).toEqual(["hooks.example"]);
      expect(new Set(proxy.asked)).toEqual(new Set(["hooks.example:443"]));
    },
  );

  it("is reached directly if NO_PROXY names it, and this machine always", async () => {
    const proxy = await proxyTo(level);
    stubProxies({ HTTP_PROXY: proxy.url });
    expect((await proxiedFetch(`http://127.0.0.1:${level}`)).status).toBe(200);
    for (const name of ["NO_PROXY", "no_proxy"]) {
      stubProxies({ HTTP_PROXY: proxy.url, [name]: "other.example,.invalid" });
      await expect(askLevel()).rejects.toMatchObject({ code: "unreachable" });
    }
    expect(proxy.asked).toEqual([]);
  });

  it.each([
    ["10.0.0.0/8", "http://10.1.2.3/", true],
    ["one.example, 192.168.4.0/22", "http://192.168.7.255:8080/", true],
    ["192.168.4.0/22", "http://192.168.8.0/", false],
    ["fd00::/8", "http://[fd12::1]/", true],
    ["fd00::/8", "http://10.1.2.3/", false],
    ["10.0.0.0/8", "http://ten.example/", false],
    ["10.0.0.0/99,10.0.0.0/,10.0.0.0/8x,/8", "http://10.1.2.3/", false],
  ])("in the network of NO_PROXY=%s: %s is reached directly: %s", (networks, address, isDirect) => {
    for (const name of ["NO_PROXY", "no_proxy"]) {
      stubProxies({ HTTP_PROXY: "http://proxy.example:3128", [name]: networks });
      expect(proxyFor(address) === undefined).toBe(isDirect);
    }
  });

  it.each([
    ["wants another password", 407, "refuses with 407: its user name or password is missing or wrong"],
    ["forbids the host", 403, "refuses with 403"],
  ])(
    "is unreachable through a proxy that %s: the message names the proxy, not its password",
    async (_, status, word) => {
      const proxy = await proxyTo(level, { ...LOGIN, status });
      const url = status === 407 ? `http://me:wrong@${proxy.at}` : proxy.url;
      stubProxies({ HTTP_PROXY: url });
      await expect(askLevel()).rejects.toMatchObject({
        code: "unreachable",
        userMessage: `Level could not be reached (the HTTP proxy ${proxy.at} ${word}).`,
      });
    },
  );

  it("is unreachable through a proxy that does not exist", async () => {
    const proxy = await startHttpProxy(level, LOGIN);
    await proxy.close();
    stubProxies({ HTTP_PROXY: proxy.url });
    const error = await askLevel().catch((error: unknown) => error as Error);
    expect(error).toMatchObject({
      userMessage: `Level could not be reached (the HTTP proxy ${proxy.at} cannot be reached: ECONNREFUSED).`,
    });
    expect(JSON.stringify([error, (error as Error).stack])).not.toContain("p%40ss");
  });

  it("is unreachable through a proxy that accepts the connection and says nothing", async () => {
    const controller = new AbortController();
    const port = await portOf(createHttp().on("connect", () => controller.abort()));
    const end = { host: "level.invalid", port: "443" };
    await expect(openTunnel(new URL(`http://127.0.0.1:${port}`), end, controller.signal)).rejects.toThrow(
      `the HTTP proxy 127.0.0.1:${port} does not answer in time`,
    );
  });

  it.each([
    ["http://me:secret@proxy:port", "the address of the HTTP proxy in the environment is malformed"],
    [
      "socks5://me:secret@proxy:1080",
      "the proxy proxy:1080 is none for HTTP: its address begins with socks5://",
    ],
  ])("is unreachable through a proxy written as %s", async (url, reason) => {
    stubProxies({ ALL_PROXY: url });
    await expect(askLevel()).rejects.toMatchObject({
      userMessage: `Level could not be reached (${reason}).`,
    });
  });

  it("is unreachable through a plain proxy written with https", async () => {
    const proxy = await proxyTo(level);
    stubProxies({ HTTP_PROXY: proxy.url.replace("http:", "https:") });
    await expect(askLevel()).rejects.toMatchObject({
      userMessage: `Level could not be reached (the HTTP proxy ${proxy.at} does not speak TLS: write its address with http://).`,
    });
  });
});

describe("an outgoing webhook behind an HTTP proxy", () => {
  const heard: { headers: IncomingHttpHeaders; body: string; servername: unknown }[] = [];
  let status: number;
  let receiver: number;
  beforeEach(async () => {
    heard.length = 0;
    status = 204;
    receiver = await portOf(
      createHttps(HOOKS_EXAMPLE, (request, response) => {
        let body = "";
        request.on("data", (chunk: Buffer) => (body += chunk.toString()));
        request.on("end", () => {
          const { servername } = request.socket as { servername?: unknown };
          heard.push({ headers: request.headers, body, servername });
          response.writeHead(status, { Location: "https://inside.example/" }).end();
        });
      }),
    );
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  });

  const leadingTo = (...addresses: string[]) =>
    createPost({
      allowPrivate: false,
      resolveName: async () =>
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    });

  async function useProxy(options?: Parameters<typeof startHttpProxy>[1]): Promise<TestProxy> {
    const proxy = await proxyTo(receiver, options);
    stubProxies({ HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url });
    return proxy;
  }

  it("goes to the address that was checked, under the receiver's own name", async () => {
    const proxy = await useProxy(LOGIN);
    const post = leadingTo("2606:4700::1", "93.184.215.14");
    expect(await post("https://hooks.example/in", '{"a":1}', { "X-One": "1" })).toEqual({
      state: "answered",
      status: 204,
    });
    expect(proxy.asked).toEqual(["93.184.215.14:443"]);
    expect(heard).toMatchObject([
      { headers: { host: "hooks.example", "x-one": "1" }, body: '{"a":1}', servername: "hooks.example" },
    ]);
    expect(heard[0]!.headers).not.toHaveProperty("proxy-authorization");
  });

  it("goes to an IPv6 address where the receiver has no other", async () => {
    const proxy = await useProxy();
    expect(await leadingTo("2606:4700::1")("https://hooks.example:8443/", "{}", {})).toMatchObject({
      status: 204,
    });
    expect(proxy.asked).toEqual(["[2606:4700::1]:8443"]);
  });

  it("goes to no receiver whose certificate is not its own", async () => {
    await useProxy();
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", undefined);
    expect(await leadingTo("93.184.215.14")("https://hooks.example/", "{}", {})).toEqual({
      state: "failed",
      reason: "DEPTH_ZERO_SELF_SIGNED_CERT",
    });
    expect(heard).toEqual([]);
  });

  it("follows no redirect", async () => {
    const proxy = await useProxy();
    status = 307;
    expect(await leadingTo("93.184.215.14")("https://hooks.example/", "{}", {})).toEqual({
      state: "answered",
      status: 307,
    });
    expect(proxy.asked).toHaveLength(1);
  });

  it.each([["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["fd00::1"], []])(
    "is refused if its name resolves to %s, and the proxy is not used",
    async (...addresses) => {
      const proxy = await useProxy();
      expect(await leadingTo(...addresses)("https://looks-open.example/", "{}", {})).toEqual({
        state: "failed",
        reason: "this name leads to an address that is not on the open internet",
      });
      expect(proxy.asked).toEqual([]);
    },
  );

  it.each([
    "https://10.0.0.1/",
    "https://[::1]/",
    "https://169.254.169.254/",
    "https://localhost/",
    "http://a.example/",
  ])("is refused to %s, and the proxy is not used", async (url) => {
    const proxy = await useProxy();
    expect(await leadingTo("93.184.215.14")(url, "{}", {})).toMatchObject({ state: "failed" });
    expect(proxy.asked).toEqual([]);
  });

  it("may reach private addresses where that is allowed: the proxy gets the name", async () => {
    const proxy = await useProxy();
    const post = createPost({ allowPrivate: true });
    expect(await post("https://hooks.example/", "{}", {})).toMatchObject({ status: 204 });
    expect(proxy.asked).toEqual(["hooks.example:443"]);
  });

  it("goes directly if NO_PROXY names the receiver, and is still checked", async () => {
    const proxy = await useProxy();
    vi.stubEnv("NO_PROXY", "hooks.example");
    expect(await leadingTo("10.0.0.1")("https://hooks.example/", "{}", {})).toMatchObject({
      reason: expect.stringContaining("not on the open internet"),
    });
    expect(proxy.asked).toEqual([]);
  });

  it("that the proxy refuses says so, and holds no password", async () => {
    const proxy = await useProxy(LOGIN);
    vi.stubEnv("HTTPS_PROXY", `http://me:wrong@${proxy.at}`);
    expect(await leadingTo("93.184.215.14")("https://hooks.example/", "{}", {})).toEqual({
      state: "failed",
      reason: `the HTTP proxy ${proxy.at} refuses with 407: its user name or password is missing or wrong`,
    });
  });
});
