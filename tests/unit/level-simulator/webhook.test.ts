import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { deliverWebhook, signWebhook, webhookEvent } from "../../level-simulator";

const SECRET = "example-secret-not-real";
const BODY =
  '{"event_type":"device_deleted","event_id":"1a2b3c05-5b1e-4c0a-9f37-2d6f00a13c05","occurred_at":"2026-10-08T15:55:00.001Z","data":{"id":"Z2lkOi8vbGV2ZWwvRGV2aWNlLzMxODM3Nw"}}';
const SIGNATURE = "sha256=3bd40bef5e530b9873974c02242771597449bfd5ccd5b32635d72e92c29ff0b2";

it("signs the raw body as Level does", () => {
  expect(signWebhook(BODY, SECRET)).toBe(SIGNATURE);
  expect(signWebhook(Buffer.from(BODY), SECRET)).toBe(SIGNATURE);
  expect(signWebhook(`${BODY} `, SECRET)).not.toBe(SIGNATURE);
});

it("builds Level's envelope, in Level's order", () => {
  const event = webhookEvent(
    "device_deleted",
    { id: "Z2lkOi8vbGV2ZWwvRGV2aWNlLzMxODM3Nw" },
    { eventId: "1a2b3c05-5b1e-4c0a-9f37-2d6f00a13c05", occurredAt: new Date("2026-10-08T15:55:00.001Z") },
  );
  expect(JSON.stringify(event)).toBe(BODY);
  expect(webhookEvent("alert_active", {}).event_id).not.toBe(webhookEvent("alert_active", {}).event_id);
});

it("delivers with a signature when there is a secret, and without when there is none", async () => {
  const received: { signature: string | undefined; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const signature = request.headers["x-level-signature"] as string | undefined;
      received.push({ signature, body: Buffer.concat(chunks).toString("utf8") });
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const event = webhookEvent("alert_active", { name: "Søren" });
    expect((await deliverWebhook(url, event, SECRET)).status).toBe(202);
    await deliverWebhook(url, event);
    expect(received[0]?.signature).toBe(signWebhook(received[0]?.body ?? "", SECRET));
    expect(received[1]?.signature).toBeUndefined();
    expect(JSON.parse(received[1]?.body ?? "")).toEqual(event);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
