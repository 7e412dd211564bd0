import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";

import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Webhook } from "standardwebhooks";

import { queryRows, withTenant } from "@db/client";
import { claimDeliveries } from "@db/queries/event-subscriptions/outgoing";
import { createVault } from "~/platform/vault.server";
import { deliverOutgoing, type OutgoingDeps } from "~/features/event-subscriptions/deliver";
import { createPost, type Post, type PostOutcome } from "~/platform/outgoing/post";
import { replayOutgoing, subscribe, unsubscribe } from "~/features/event-subscriptions/subscriptions.server";
import { emit } from "~/platform/outbox/emit";

import { createTestDatabase, type TestDatabase } from "../../support/database";
import { createIntegration, createTenant } from "../../support/factories";
import { TEST_ACTOR, TEST_APP_SECRET } from "../../support/sync";

interface Heard {
  headers: IncomingHttpHeaders;
  body: string;
}

const MINUTE = 60_000;

let database: TestDatabase;
let deps: OutgoingDeps & { nudge: () => void };
let receiver: Server;
let url: string;
let heard: Heard[];
/** The receiver's answer; 0 drops the connection. */
let answer: number;
let now: Date;
let tenantId: string;
let connectionId: string;

beforeEach(async () => {
  database = await createTestDatabase();
  heard = [];
  answer = 204;
  now = new Date("2026-11-23T10:00:00Z");
  receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      heard.push({ headers: request.headers, body });
      if (answer === 0) response.destroy();
      else response.writeHead(answer, { Location: "http://127.0.0.1:9/" }).end();
    });
  });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
  deps = {
    db: database.db,
    clock: () => now,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    vault: createVault(TEST_APP_SECRET),
    post: createPost({ allowPrivate: true }),
    nudge() {},
  };
  tenantId = (await createTenant(database.db)).id;
  connectionId = (await createIntegration(database.db, { tenantId })).id;
});

afterEach(async () => {
  receiver.close();
  await database.close();
});

async function subscribed(eventNames = ["INTEGRATION_DISCONNECTED"], tenant = tenantId) {
  const outcome = await subscribe(deps, {
    tenantId: tenant,
    url,
    eventNames,
    allowPrivate: true,
    actor: TEST_ACTOR,
  });
  if (outcome.state !== "subscribed") throw new Error(outcome.reason);
  return outcome;
}

const happen = () =>
  withTenant(database.db, tenantId, (tx) =>
    emit(tx, [{ name: "INTEGRATION_DISCONNECTED", data: { tenantId, integrationId: connectionId } }], now),
  );

/** A sender that claims what is due and gets no further. */
const claimAndDie = () =>
  claimDeliveries(database.db, now, new Date(now.getTime() + 2 * MINUTE), {
    total: 20,
    perReceiver: 4,
    inHand: [],
  });

const deliveries = () =>
  queryRows<{ status: string; attempts: number; error: string | null }>(
    database.db,
    sql`select status, attempts, last_error as error from outgoing_deliveries order by created_at, id`,
  );

const signedWith = (secret: string, { headers, body }: Heard): boolean => {
  try {
    // By the test's clock, which the library's check of the time would refuse.
    const at = new Date(Number(headers["webhook-timestamp"]) * 1000);
    const signature = new Webhook(secret).sign(String(headers["webhook-id"]), at, body);
    return signature === headers["webhook-signature"];
  } catch {
    return false;
  }
};

it("sends subscribed events, once, signed with the secret that was shown", async () => {
  const { secret } = await subscribed();
  await subscribed(["RMM_SYNC_FAILED"]);
  await happen();
  expect(await deliverOutgoing(deps)).toBe(1);
  expect(await deliverOutgoing(deps)).toBe(0);
  expect(heard).toHaveLength(1);
  expect(signedWith(secret, heard[0]!)).toBe(true);
  expect(signedWith("another", heard[0]!)).toBe(false);
  expect(heard[0]!.headers["x-plumbline-event"]).toBe("INTEGRATION_DISCONNECTED");
  expect(JSON.parse(heard[0]!.body)).toMatchObject({
    type: "INTEGRATION_DISCONNECTED",
    occurredAt: now.toISOString(),
    data: { tenantId, integrationId: connectionId },
  });
  expect(await deliveries()).toEqual([{ status: "delivered", attempts: 1, error: null }]);
});

it("sends no tenant another's events", async () => {
  await subscribed(undefined, (await createTenant(database.db)).id);
  await happen();
  expect(await deliverOutgoing(deps)).toBe(0);
});

it("keeps the secret sealed", async () => {
  const { secret } = await subscribed();
  const rows = await queryRows(
    database.db,
    sql`select * from tenant_secrets, outgoing_subscriptions, audit_log`,
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain(secret);
});

it("writes no event of a transaction that was rolled back", async () => {
  await subscribed();
  const failed = withTenant(database.db, tenantId, async (tx) => {
    await emit(
      tx,
      [{ name: "INTEGRATION_DISCONNECTED", data: { tenantId, integrationId: connectionId } }],
      now,
    );
    throw new Error("rolled back");
  });
  await expect(failed).rejects.toThrow("rolled back");
  expect(await deliveries()).toEqual([]);
});

it.each([500, 404, 301, 0])(
  "retries later if the receiver answers %i, and follows no redirect",
  async (code) => {
    await subscribed();
    await happen();
    answer = code;
    expect(await deliverOutgoing(deps)).toBe(1);
    expect(await deliverOutgoing(deps)).toBe(0);
    expect(await deliveries()).toMatchObject([{ status: "pending", attempts: 1, error: expect.any(String) }]);
    answer = 200;
    now = new Date(now.getTime() + MINUTE);
    expect(await deliverOutgoing(deps)).toBe(1);
    expect(await deliveries()).toEqual([{ status: "delivered", attempts: 2, error: null }]);
    expect(new Set(heard.map(({ headers }) => headers["x-plumbline-delivery"])).size).toBe(1);
  },
);

it("gives up after a day, keeps what could not be delivered, and sends it again on request", async () => {
  await subscribed();
  await happen();
  answer = 503;
  const start = now.getTime();
  while ((await deliveries())[0]!.status === "pending") {
    await deliverOutgoing(deps);
    now = new Date(now.getTime() + 13 * MINUTE);
    expect(now.getTime() - start).toBeLessThan(27 * 60 * MINUTE);
  }
  expect(heard).toHaveLength(9);
  expect(now.getTime() - start).toBeGreaterThanOrEqual(24 * 60 * MINUTE);
  expect(await deliveries()).toMatchObject([{ status: "dead", attempts: 9 }]);

  answer = 200;
  expect(await replayOutgoing(deps, { tenantId }, TEST_ACTOR)).toBe(1);
  expect(await replayOutgoing(deps, { tenantId }, TEST_ACTOR)).toBe(0);
  await deliverOutgoing(deps);
  expect(await deliveries()).toMatchObject([{ status: "delivered" }]);
});

it("sends each event once if two senders look at once, and takes over from a dead one", async () => {
  await subscribed();
  for (let n = 0; n < 15; n++) await happen();
  const made = await Promise.all([deliverOutgoing(deps), deliverOutgoing(deps)]);
  expect(made[0] + made[1]).toBe(15);
  expect(new Set(heard.map(({ headers }) => headers["x-plumbline-delivery"])).size).toBe(15);
  expect(heard).toHaveLength(15);

  await happen();
  await claimAndDie();
  expect(await deliverOutgoing(deps)).toBe(0);
  now = new Date(now.getTime() + 2 * MINUTE);
  expect(await deliverOutgoing(deps)).toBe(1);
});

it("sends nothing to private addresses where that is not allowed, whatever was subscribed before", async () => {
  await subscribed();
  await happen();
  await deliverOutgoing({ ...deps, post: createPost({ allowPrivate: false }) });
  expect(heard).toEqual([]);
  expect((await deliveries())[0]).toMatchObject({
    status: "pending",
    error: expect.stringContaining("https"),
  });
});

it("deletes a subscription with its secret and its waiting events", async () => {
  const { id } = await subscribed();
  await happen();
  expect(await unsubscribe(deps, { tenantId: (await createTenant(database.db)).id, id }, TEST_ACTOR)).toBe(
    false,
  );
  expect(await unsubscribe(deps, { tenantId, id }, TEST_ACTOR)).toBe(true);
  expect(await deliverOutgoing(deps)).toBe(0);
  const secrets = await queryRows(database.db, sql`select 1 from tenant_secrets`);
  expect(secrets).toEqual([]);
});

/** Receivers by name that answer as configured, and what was posted to each, in order. */
function receivers(answers: Record<string, () => Promise<PostOutcome>>) {
  const posted: string[] = [];
  const post: Post = (address) => {
    const name = new URL(address).hostname.split(".")[0]!;
    posted.push(name);
    return answers[name]!();
  };
  return { posted, sender: { ...deps, post } };
}

const well = () => Promise.resolve({ state: "answered", status: 200 } as const);
const away = () => Promise.resolve({ state: "failed", reason: "no answer within 10 s" } as const);

/** A tenant whose events go to an address, with this many of them waiting. */
async function backlog(name: string, events: number): Promise<string> {
  const { id } = await createTenant(database.db);
  url = `https://${name}.example.com/hook`;
  await subscribed(undefined, id);
  const integration = await createIntegration(database.db, { tenantId: id });
  const data = { tenantId: id, integrationId: integration.id };
  await withTenant(database.db, id, (tx) =>
    emit(
      tx,
      Array.from({ length: events }, () => ({ name: "INTEGRATION_DISCONNECTED" as const, data })),
      now,
    ),
  );
  return id;
}

const waiting = async (tenant: string) =>
  (
    await queryRows<{ status: string; n: number }>(
      database.db,
      sql`select status, count(*)::int as n from outgoing_deliveries where tenant_id = ${tenant} group by 1`,
    )
  ).reduce<Record<string, number>>((all, { status, n }) => ({ ...all, [status]: n }), {});

describe("a receiver that hangs", () => {
  it("delays nobody else, however much waits for it", async () => {
    const hanging = await backlog("hanging", 300);
    now = new Date(now.getTime() + 1);
    const quick = await backlog("quick", 30);
    let release = () => {};
    const hang = new Promise<void>((resolve) => (release = resolve)).then(away);
    const { posted, sender } = receivers({ hanging: () => hang, quick: well });
    const delivering = deliverOutgoing(sender);
    await expect.poll(() => waiting(quick)).toEqual({ delivered: 30 });
    expect(posted.filter((name) => name === "hanging")).toHaveLength(4);
    release();
    expect(await delivering).toBe(34);
    // It is left alone, and events without a turn have lost no attempt.
    expect(await deliverOutgoing(sender)).toBe(0);
    expect(await waiting(hanging)).toEqual({ pending: 300 });
    const [untried] = await queryRows<{ n: number }>(
      database.db,
      sql`select count(*)::int as n from outgoing_deliveries where tenant_id = ${hanging} and attempts = 0`,
    );
    expect(untried!.n).toBe(296);
  });

  it("is tried with one event at a time, and gets all of them once it answers", async () => {
    const tenant = await backlog("hanging", 40);
    let answers = away as () => Promise<PostOutcome>;
    const { posted, sender } = receivers({ hanging: () => answers() });
    await deliverOutgoing(sender);
    posted.length = 0;
    for (const minutes of [1, 5, 15, 15]) {
      now = new Date(now.getTime() + minutes * MINUTE - 1_000);
      expect(await deliverOutgoing(sender)).toBe(0);
      now = new Date(now.getTime() + 1_000);
      expect(await deliverOutgoing(sender)).toBe(1);
    }
    answers = well;
    now = new Date(now.getTime() + 15 * MINUTE);
    await deliverOutgoing(sender);
    now = new Date(now.getTime() + 15 * MINUTE);
    await deliverOutgoing(sender);
    expect(await waiting(tenant)).toEqual({ delivered: 40 });
  });

  it("loses what has waited for a day, and gets it again on request, at once", async () => {
    const tenant = await backlog("hanging", 150);
    let answers = away as () => Promise<PostOutcome>;
    const { posted, sender } = receivers({ hanging: () => answers() });
    const start = now.getTime();
    while ((await waiting(tenant))["pending"] !== undefined) {
      await deliverOutgoing(sender);
      now = new Date(now.getTime() + 15 * MINUTE);
      expect(now.getTime() - start).toBeLessThan(26 * 60 * MINUTE);
    }
    expect(now.getTime() - start).toBeGreaterThan(24 * 60 * MINUTE);
    expect(posted.length).toBeLessThan(110);
    answers = well;
    expect(await replayOutgoing(deps, { tenantId: tenant }, TEST_ACTOR)).toBe(150);
    await deliverOutgoing(sender);
    expect(await waiting(tenant)).toEqual({ delivered: 150 });
  });
});

it("continues with the others if a receiver refuses one event", async () => {
  const tenant = await backlog("picky", 20);
  let n = 0;
  const picky = () => Promise.resolve({ state: "answered", status: n++ === 3 ? 400 : 200 } as const);
  const { sender } = receivers({ picky });
  await deliverOutgoing(sender);
  expect(await waiting(tenant)).toEqual({ delivered: 19, pending: 1 });
});

it("does not let a suspended sender overwrite what a later one has written", async () => {
  await subscribed();
  await happen();
  let resume = () => {};
  const suspended = new Promise<void>((resolve) => (resume = resolve)).then(away);
  const late = deliverOutgoing({ ...deps, post: () => suspended });
  await expect.poll(async () => (await deliveries())[0]!.attempts).toBe(1);
  now = new Date(now.getTime() + 3 * MINUTE);
  await deliverOutgoing(deps);
  resume();
  await late;
  expect(await deliveries()).toEqual([{ status: "delivered", attempts: 2, error: null }]);
});
