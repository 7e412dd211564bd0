import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createSyncWorld, type SyncWorld } from "@tests/support/sync";
import { alertEvent, createWebhookWorld, type WebhookWorld } from "@tests/support/webhook";

import { signWebhook } from "../../level-simulator";

let world: SyncWorld;
let hook: WebhookWorld;
beforeAll(async () => {
  world = await createSyncWorld({ devices: 5, alerts: 0 });
  hook = await createWebhookWorld(world);
});
afterAll(() => world.close());

const json = { "content-type": "application/json" };
const nothingWritten = async () => {
  expect(await hook.deliveries()).toEqual([]);
  expect(await hook.alerts()).toEqual([]);
  expect(await hook.events()).toEqual([]);
};

describe("a request that is none", () => {
  const body = JSON.stringify(alertEvent("alert_active", 0));
  const signature = () => ({ "x-level-signature": signWebhook(body, hook.secret) });

  it.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])(
    "by %s is answered 405 with Allow",
    async (method) => {
      const answer = await hook.request({ method });
      expect(answer.status).toBe(405);
      expect(answer.headers.get("allow")).toBe("POST");
    },
  );

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"])(
    "as %s is answered 415",
    async (type) => {
      expect((await hook.request({ body, headers: { ...signature(), "content-type": type } })).status).toBe(
        415,
      );
      await nothingWritten();
    },
  );

  it.each([null, "", "nobody", "00000000-0000-0000-0000-000000000000", "' or 1=1 --", "a\u0000b"])(
    "for tenant %j is answered 400",
    async (tenant) => {
      const answer = await hook.request({ tenant, body, headers: { ...json, ...signature() } });
      expect(answer.status).toBe(400);
      await nothingWritten();
    },
  );

  it("with more than 256 KiB is answered 413, whether it says so or streams", async () => {
    const big = new Uint8Array(256 * 1024 + 1).fill(32);
    const headers = { ...json, "x-level-signature": signWebhook(big, hook.secret) };
    const said = { ...headers, "content-length": String(big.byteLength) };
    expect((await hook.request({ body: big, headers: said })).status).toBe(413);
    const stream = new ReadableStream({
      start(controller) {
        for (let at = 0; at < big.length; at += 10_000) controller.enqueue(big.slice(at, at + 10_000));
        controller.close();
      },
    });
    const streamed = await hook.request({ body: stream, headers, duplex: "half" } as RequestInit);
    expect(streamed.status).toBe(413);
    await nothingWritten();
  });

  it("that breaks off is answered 400", async () => {
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(body));
        controller.error(new Error("connection reset"));
      },
    });
    const answer = await hook.request({
      body: stream,
      headers: { ...json, ...signature() },
      duplex: "half",
    } as RequestInit);
    expect(answer.status).toBe(400);
    await nothingWritten();
  });
});
