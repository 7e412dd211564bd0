import { and, eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { tenantSecrets } from "@db/schema";
import { levelWebhookReader } from "~/connectors/levelio/webhook-reader.server";
import { WEBHOOK_SECRET } from "~/features/connections/secrets.server";
import { answerWebhook } from "~/features/webhooks/endpoint.server";
import { WebhookThrottle } from "~/features/webhooks/throttle.server";
import { createSyncWorld, type SyncWorld } from "@tests/support/sync";
import { beforeTransactions } from "@tests/support/transactions";
import { alertEvent, createWebhookWorld, type WebhookWorld } from "@tests/support/webhook";

import { signWebhook } from "../../level-simulator";

let world: SyncWorld;
let hook: WebhookWorld;
/** Called before each transaction, from the second delivery on. */
let before: () => void | Promise<void>;

beforeEach(async () => {
  world = await createSyncWorld({ devices: 5, alerts: 0 });
  hook = await createWebhookWorld(world);
  before = () => {};
  world.deps.db = beforeTransactions(world.deps.db, () => before());
  expect((await hook.signed(alertEvent("alert_active", 0))).status).toBe(202);
});
afterEach(() => world.close());

function countTransactions(): () => number {
  let count = 0;
  before = () => void count++;
  return () => count;
}

describe("a secret that is resealed while its delivery is written", () => {
  /** The same secret under another seal, as after a rotation of the installation's key. */
  const reseal = async () => {
    const owner = { tenantId: world.tenantId, connectionId: world.connectionId, name: WEBHOOK_SECRET };
    await world.database.db
      .update(tenantSecrets)
      .set(world.deps.vault.seal(hook.secret, owner))
      .where(and(eq(tenantSecrets.connectionId, world.connectionId), eq(tenantSecrets.name, WEBHOOK_SECRET)));
  };

  it.each([
    ["once", 1, 202],
    ["twice", 3, 202],
    ["without end", 100, 503],
  ])("%s is never taken for a wrong one", async (_, transactions, status) => {
    let left = transactions;
    before = async () => {
      if (left-- > 0) await reseal();
    };
    expect((await hook.signed(alertEvent("alert_resolved", 5))).status).toBe(status);
    expect(await hook.rejections()).toEqual([]);
  });
});

describe("a flood", () => {
  it("of wrong secrets costs the database nothing once it is throttled", async () => {
    const guess = () => hook.automation({ event: "alert.triggered", alert_id: "a" }, "guess");
    while ((await guess()).status !== 429);
    const transactions = countTransactions();
    for (let n = 0; n < 20; n++) expect((await guess()).status).toBe(429);
    expect(transactions()).toBe(0);
    expect((await hook.signed(alertEvent("alert_resolved", 5))).status).toBe(202);
  });

  it("of wrong secrets is one, however the tenant's id is written", async () => {
    const guess = (tenant: string) =>
      hook.request({
        tenant,
        body: "{}",
        headers: { "content-type": "application/json", "x-alga-webhook-secret": "guess" },
      });
    while ((await guess(hook.tenant)).status !== 429);
    const transactions = countTransactions();
    expect((await guess(hook.tenant.toUpperCase())).status).toBe(429);
    expect(transactions()).toBe(0);
  });

  it("of valid secrets is told when to come back", async () => {
    const throttle = new WebhookThrottle({ receivedPerMinute: 3 });
    const app = { sync: world.deps, log: world.deps.log as never };
    const url = `http://app.local/api/webhooks/levelio?tenant=${hook.tenant}`;
    const send = (minute: number, ip: string) => {
      const body = JSON.stringify(alertEvent("alert_active", minute, { id: `alert-${minute}` }));
      const headers = {
        "content-type": "application/json",
        "x-level-signature": signWebhook(body, hook.secret),
      };
      return answerWebhook(
        app,
        levelWebhookReader,
        new Request(url, { method: "POST", body, headers }),
        ip,
        throttle,
      );
    };
    for (let minute = 1; minute <= 3; minute++) expect((await send(minute, "192.0.2.1")).status).toBe(202);
    const refused = await send(4, "192.0.2.1");
    expect(refused.status).toBe(429);
    const seconds = Number(refused.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect((await send(5, "192.0.2.2")).status).toBe(202);
    expect(await hook.deliveries()).toHaveLength(5);
  });
});

describe("an unknown tenant", () => {
  let looks: number;
  beforeEach(() => {
    looks = 0;
    world.deps.db = new Proxy(world.deps.db, {
      get: (target, name) => {
        if (name === "select") looks++;
        return Reflect.get(target, name) as unknown;
      },
    });
  });

  const name = async (tenant: string, more: { ip?: string } = {}) =>
    (
      await hook.request({
        tenant,
        body: "{}",
        headers: { "content-type": "application/json" },
        ...more,
      })
    ).status;

  it("is looked up once, however often it is named", async () => {
    for (let n = 0; n < 70; n++) expect(await name("nobody")).toBe(400);
    expect(looks).toBe(1);
  });

  it("is not looked up once a network has made up many; known tenants are served, and other networks are", async () => {
    expect((await hook.signed(alertEvent("alert_resolved", 5))).status).toBe(202);
    let made = 0;
    while ((await name(`nobody-${made}`)) !== 429) made++;
    looks = 0;
    for (let n = 1; n <= 10; n++) expect(await name(`nobody-${made + n}`)).toBe(429);
    expect(looks).toBe(0);
    expect((await hook.signed(alertEvent("alert_active", 6))).status).toBe(202);
    expect(await name("nobody-0", { ip: "192.0.2.2" })).toBe(400);
  });

  it("is not looked up for bodies that declare too large a length", async () => {
    const headers = { "content-type": "application/json", "content-length": String(256 * 1024 + 1) };
    for (let n = 0; n < 70; n++) {
      expect((await hook.request({ tenant: `nobody-${n}`, body: "{}", headers })).status).toBe(413);
    }
    expect(looks).toBe(60);
  });
});

describe("a body that declares too large a length", () => {
  const send = (tenant?: string) =>
    hook.request({
      body: "{}",
      headers: { "content-type": "application/json", "content-length": String(256 * 1024 + 1) },
      ...(tenant !== undefined && { tenant }),
    });

  it("is refused for any tenant, and counted if the tenant exists", async () => {
    expect((await send("nobody")).status).toBe(413);
    expect((await send("' or 1=1 --")).status).toBe(413);
    expect(await hook.rejections()).toEqual([]);
    expect((await send()).status).toBe(413);
    expect(await hook.rejections()).toMatchObject([{ reason: "too_large", count: 1 }]);
  });
});
