import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createMetrics } from "~/platform/metrics.server";
import { relayEvents } from "~/platform/outbox/relay";
import { createSyncWorld, type SyncWorld } from "@tests/support/sync";
import { beforeTransactions } from "@tests/support/transactions";
import { alertEvent, createWebhookWorld, type WebhookWorld } from "@tests/support/webhook";

let world: SyncWorld;
let hook: WebhookWorld;
/** Number of the next transactions that fail, and the database error. */
let broken: { code: string; transactions: number };

beforeEach(async () => {
  world = await createSyncWorld({ devices: 5, alerts: 0 });
  hook = await createWebhookWorld(world);
  broken = { code: "", transactions: 0 };
  world.deps.db = beforeTransactions(world.deps.db, () => {
    if (broken.transactions-- > 0) throw Object.assign(new Error("broken on purpose"), { code: broken.code });
  });
  // The secret is cached, so from here on only the writing fails.
  expect((await hook.signed(alertEvent("alert_active", 0))).status).toBe(202);
});
afterEach(() => world.close());

const next = () => alertEvent("alert_resolved", 5);

describe("a database that fails", () => {
  it("is answered 503 with Retry-After, and the same delivery is stored afterwards", async () => {
    const event = next();
    broken = { code: "08006", transactions: 1 };
    const failed = await hook.signed(event);
    expect(failed.status).toBe(503);
    expect(Number(failed.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await hook.alerts()).toMatchObject([{ status: "active" }]);
    expect((await hook.signed(event)).status).toBe(202);
    expect(await hook.alerts()).toMatchObject([{ status: "resolved" }]);
  });

  it.each(["40P01", "40001"])("because of a conflict (%s) is tried again", async (code) => {
    broken = { code, transactions: 3 };
    expect((await hook.signed(next())).status).toBe(202);
    expect(await hook.alerts()).toMatchObject([{ status: "resolved" }]);
  });

  it("because of repeated conflicts is answered 503", async () => {
    broken = { code: "40P01", transactions: 1_000 };
    expect((await hook.signed(next())).status).toBe(503);
  });
});

describe("the work that follows deliveries, if the runner does not accept it,", () => {
  it("waits for the next relay, and the failure is counted", async () => {
    const { db } = world.database;
    const metrics = createMetrics();
    const { clock, log } = world.deps;
    const failures = async () => {
      const read = await metrics.read({ db, now: new Date(), isLeader: undefined });
      return /^plumbline_webhook_kick_off_failures_total (\d+)$/m.exec(read)?.[1];
    };
    const relay = (send: () => Promise<void>) => relayEvents({ db, clock, log, meter: metrics.meter, send });
    const refuse = () => Promise.reject(new Error("nobody listens"));
    expect(await relay(refuse)).toBe(0);
    expect(await failures()).toBe("1");
    expect(await relay(async () => {})).toBeGreaterThan(0);
    await world.sync("organizations");
    await relay(refuse);
    expect(await failures()).toBe("1");
  });
});
