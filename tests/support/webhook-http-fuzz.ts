import { METHODS, request, type IncomingMessage } from "node:http";
import path from "node:path";

import fc from "fast-check";
import { expect } from "vitest";

import { setApp } from "~/platform/app.server";
import { createApp } from "~/main.server";
import { loadConfig } from "~/platform/env.server";
import { createLogger } from "~/platform/logger.server";

import { ensureBuilt } from "../../scripts/lib/build.mjs";
import { listen } from "../../scripts/lib/web-server.mjs";
import { signWebhook } from "../level-simulator";
import { createSyncWorld, TEST_APP_SECRET } from "./sync";
import { createWebhookWorld } from "./webhook";
import { arbitraryBody, arbitraryHeaders, arbitraryTenant, bytesOf } from "./webhook-arbitraries";
import { forMany } from "./webhook-fuzz";

/** Requests that a client library would not send, or would wait to be answered. */
const methods = METHODS.filter((method) => method !== "CONNECT");

const arbitraryRequest = fc.record({
  method: fc.oneof(
    { weight: 9, arbitrary: fc.constant("POST") },
    { weight: 1, arbitrary: fc.constantFrom(...methods) },
  ),
  body: arbitraryBody,
  headers: arbitraryHeaders,
  tenant: arbitraryTenant,
  isChunked: fc.boolean(),
  credential: fc.constantFrom("none", "none", "signature", "secret"),
});

/**
 * Sends generated requests to the server as Level does, through the web server and the build: never a 5xx, and nothing
 * written without a valid secret.
 */
export async function fuzzServer(requests: number): Promise<void> {
  await ensureBuilt();
  const world = await createSyncWorld({ devices: 5, alerts: 0 });
  const config = loadConfig({ LEVELIO_API_BASE_URL: world.simulator.url, APP_SECRET: TEST_APP_SECRET });
  const { connection } = world.database;
  const app = await createApp(config, { connection, log: createLogger({ level: "silent" }) });
  setApp(app);
  const build: unknown = await import(path.resolve("build/index.js"));
  // The world closes the database.
  const server = await listen(build, { port: 0, boot: () => Promise.resolve({ ...app, close: () => {} }) });
  try {
    const hook = await createWebhookWorld(world, app.sync);
    const seen = new Set<number>();
    let taken = 0;
    await forMany(
      requests,
      arbitraryRequest,
      async ({ method, body, headers, tenant, isChunked, credential }) => {
        const bytes = bytesOf(body);
        const right = {
          none: {},
          signature: { "x-level-signature": signWebhook(bytes, hook.secret) },
          secret: { "x-alga-webhook-secret": hook.secret },
        }[credential] as Record<string, string>;
        const name = tenant === "right" ? hook.tenant : tenant;
        const query = name === null ? "" : `?${new URLSearchParams({ tenant: name })}`;
        const status = await send(`http://127.0.0.1:${server.port}/api/webhooks/levelio${query}`, {
          method,
          bytes,
          headers: { ...headers, ...right },
          isChunked,
        });
        expect([200, 202, 400, 401, 405, 413, 415]).toContain(status);
        if (status === 200 || status === 202) {
          expect(credential).not.toBe("none");
          taken++;
        }
        seen.add(status);
      },
    );
    expect([...seen]).toEqual(expect.arrayContaining([202, 400, 401, 405]));
    const heard = (await hook.deliveries()).filter(({ outcome }) => outcome !== "unreadable");
    expect(heard.reduce((sum, { duplicates }) => sum + 1 + duplicates, 0)).toBe(taken);
  } finally {
    await server.close();
    await world.close();
  }
}

interface Sent {
  method: string;
  bytes: Uint8Array;
  headers: Record<string, string>;
  isChunked: boolean;
}

let senders = 0;

function send(url: string, { method, bytes, headers, isChunked }: Sent): Promise<number> {
  // A wrong length would make the server wait for the rest, and take the next request as part of the body.
  const { "content-length": _, ...others } = headers;
  const length = isChunked ? { "transfer-encoding": "chunked" } : { "content-length": String(bytes.length) };
  // Each request from an address of its own, because throttling is not under test here.
  const from = { "x-forwarded-for": `198.51.${senders >> 8}.${senders++ & 255}` };
  return new Promise((resolve, reject) => {
    const ask = request(url, { method, headers: { ...others, ...length, ...from } });
    ask.on("response", (answer: IncomingMessage) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode!));
    });
    ask.on("error", reject);
    ask.end(bytes);
  });
}
