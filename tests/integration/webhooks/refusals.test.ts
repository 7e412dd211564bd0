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

describe("a malformed request", () => {
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

  it.each([null, "", "nobody", "00000000-0000-0000-0000-000000000000", "' or 1=1 --", "a\u0000b"])(
    "for tenant %j is answered 400",
    async (tenant) => {
      const answer = await hook.request({ tenant, body, headers: { ...json, ...signature() } });
      expect(answer.status).toBe(400);
      await nothingWritten();
    },
  );

  it("with more than 256 KiB is answered 413, whether it declares its length or streams", async () => {
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
    expect(await hook.rejections()).toContainEqual(
      expect.objectContaining({ reason: "broken_body", count: 1 }),
    );
  });

  it("with a secret that is no POST is counted, one without is not", async () => {
    expect((await hook.request({ method: "PUT", body, headers: { ...json, ...signature() } })).status).toBe(
      405,
    );
    expect((await hook.request({ method: "GET" })).status).toBe(405);
    await nothingWritten();
    const counted = (await hook.rejections()).filter(({ reason }) => reason === "wrong_method");
    expect(counted).toMatchObject([{ scheme: "signed", count: 1 }]);
  });
});

describe("a content type of any kind", () => {
  const request = (type: string | null, body: string, credential: Record<string, string>) =>
    hook.request({
      // As bytes, because a text would bring a content type of its own.
      body: new TextEncoder().encode(body),
      headers: { ...(type === null ? {} : { "content-type": type }), ...credential },
    });
  const types = ["text/plain", "text/json", "application/octet-stream", null];

  it.each(types)("%s does not matter if the signature is valid", async (type) => {
    const body = JSON.stringify(alertEvent("alert_active", 0));
    const answer = await request(type, body, { "x-level-signature": signWebhook(body, hook.secret) });
    expect(answer.status).toBe(202);
  });

  it.each(types)("%s does not matter if the secret is valid", async (type) => {
    const body = JSON.stringify({ event: "alert.triggered", hostname: `HOST ${type}`, name: "Disk" });
    expect((await request(type, body, { "x-alga-webhook-secret": hook.secret })).status).toBe(202);
  });

  it("is counted and shown if the signature is wrong", async () => {
    expect((await request("text/plain", "{}", { "x-level-signature": "sha256=0" })).status).toBe(401);
    const counted = (await hook.rejections()).filter(({ reason }) => reason === "wrong_signature");
    expect(counted).toMatchObject([{ scheme: "signed", count: 1 }]);
  });
});
