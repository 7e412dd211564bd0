import { createHmac } from "node:crypto";

import { sql } from "drizzle-orm";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { emit } from "~/platform/outbox/emit";
import { deliverOutgoing } from "~/features/event-subscriptions/deliver";
import type { PostOutcome } from "~/platform/outgoing/post";

import { createAsset, createIntegration } from "../../support/factories";
import { createWebWorld, type WebWorld } from "../../support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let id: string;
let secret: string;
let posted: { url: string; body: string; headers: Record<string, string> }[];
let outcome: PostOutcome;

beforeAll(async () => {
  web = await createWebWorld();
  web.app.post = (url, body, headers) => {
    posted.push({ url, body, headers });
    return Promise.resolve(outcome);
  };
});
afterAll(() => web.close());

const ADDRESS = "https://hooks.example.com/plumbline";

beforeEach(async () => {
  posted = [];
  outcome = { state: "answered", status: 204 };
  tenant = await web.tenant();
  const answer = await act({ intent: "subscribe", url: ADDRESS, "event:INTEGRATION_DISCONNECTED": "on" });
  secret = /whsec_[\w+/]{32}/.exec(await answer.text())![0];
  id = (await subscription()).id;
});

const act = (fields: Record<string, string>) => tenant.as.admin.post("/events/webhooks", fields);

const page = async (query = "") => (await tenant.as.admin.get(`/events/webhooks${query}`)).text();

const subscription = async () =>
  (
    await queryRows<{ id: string; url: string; names: string[]; failures: number; rests: string | null }>(
      web.app.db,
      sql`select id, url, event_names as names, failures, rests_until as rests from outgoing_subscriptions
          where tenant_id = ${tenant.id}`,
    )
  )[0]!;

const makeRest = () =>
  web.app.db.execute(
    sql`update outgoing_subscriptions set failures = 3, rests_until = now() + interval '1 hour' where id = ${id}`,
  );

async function happen() {
  const { id: connectionId } = await createIntegration(web.app.db, { tenantId: tenant.id });
  const data = { tenantId: tenant.id, integrationId: connectionId };
  await withTenant(web.app.db, tenant.id, (tx) =>
    emit(tx, [{ name: "INTEGRATION_DISCONNECTED", data }], web.app.clock()),
  );
}

const deliver = () => deliverOutgoing({ ...web.app.sync, post: web.app.post });

const isSignedWith = (key: string, { headers, body }: (typeof posted)[number]): boolean => {
  try {
    new Webhook(key).verify(body, headers);
    return true;
  } catch {
    return false;
  }
};

describe("the page of an outgoing webhook", () => {
  it("shows its deliveries and their outcomes, newest first", async () => {
    expect(await page(`?edit=${id}`)).toContain("Nothing that it asked for has happened yet.");
    await happen();
    await deliver();
    outcome = { state: "answered", status: 410 };
    await happen();
    await deliver();
    const text = (await page(`?edit=${id}`)).replace(/<[^>]+>/g, " ");
    const log = text.slice(text.indexOf("Latest deliveries"), text.indexOf("Addresses that receive events"));
    expect(log.match(/Delivered|Waiting|Given up|410/g)).toEqual(["410", "Waiting", "Delivered"]);
    expect(await (await tenant.as.viewer.get(`/events/webhooks?edit=${id}`)).text()).not.toContain(
      "Latest deliveries",
    );
  });
});

describe("an outgoing webhook that is paused", () => {
  it("gets nothing, and once it is resumed gets what waited before, not what happened meanwhile", async () => {
    await happen();
    await act({ intent: "pause", id });
    expect(await page()).toContain("Paused");
    await happen();
    expect(await deliver()).toBe(0);
    await act({ intent: "resume", id });
    expect(await page()).not.toMatch(/>Paused</);
    expect(await deliver()).toBe(1);
    await happen();
    expect(await deliver()).toBe(1);
  });
});

describe("an outgoing webhook that is edited", () => {
  const versionOf = async () => /name="version" value="([^"]+)"/.exec(await page(`?edit=${id}`))![1]!;
  const edit = (fields: Record<string, string>) => act({ intent: "change", id, ...fields });

  it("gets other events at another address, signed with the secret it knows, and without its former wait", async () => {
    await happen();
    await makeRest();
    const url = "https://other.example.com/hook";
    const fields = { url, version: await versionOf(), "event:RMM_SYNC_FAILED": "on" };
    expect((await edit(fields)).status).toBe(303);
    expect(await subscription()).toMatchObject({ url, names: ["RMM_SYNC_FAILED"], failures: 0, rests: null });
    expect(await deliver()).toBe(1);
    expect(posted[0]!.url).toBe(url);
    expect(isSignedWith(secret, posted[0]!)).toBe(true);
    await happen();
    expect(await deliver()).toBe(0);
  });

  it("keeps what it had if the address is refused, or somebody else has changed it meanwhile", async () => {
    const version = await versionOf();
    const events = { "event:RMM_SYNC_FAILED": "on" };
    const refused = await edit({ url: "https://169.254.169.254/", version, ...events });
    expect(await refused.text()).toContain("not on the open internet");
    await edit({ url: "https://first.example.com/", version, ...events });
    const late = await edit({ url: "https://second.example.com/", version, ...events });
    expect(late.status).toBe(409);
    expect(await late.text()).toContain("changed the address");
    expect(await subscription()).toMatchObject({ url: "https://first.example.com/" });
  });

  it("is signed with a new secret after a rotation, shown only in that answer, and for a day with the former one too", async () => {
    const answer = await (await act({ intent: "renew", id })).text();
    const renewed = /whsec_[\w+/]{32}/.exec(answer)![0];
    expect(renewed).not.toBe(secret);
    expect(await page(`?edit=${id}`)).not.toContain("whsec_");
    await happen();
    await deliver();
    expect([isSignedWith(renewed, posted[0]!), isSignedWith(secret, posted[0]!)]).toEqual([true, true]);
    await web.app.db.execute(
      sql`update tenant_secrets set expires_at = now() where name = ${`outgoing:${id}:former`}`,
    );
    await happen();
    await deliver();
    expect([isSignedWith(renewed, posted[1]!), isSignedWith(secret, posted[1]!)]).toEqual([true, false]);
  });

  it("keeps the legacy signature if it had one before, until somebody stops it", async () => {
    await happen();
    await deliver();
    expect(posted[0]!.headers).not.toHaveProperty("X-Plumbline-Signature");
    await web.app.db.execute(
      sql`update outgoing_subscriptions set has_legacy_signature = true where id = ${id}`,
    );
    await happen();
    await deliver();
    const { headers, body } = posted[1]!;
    const [, t, v1] = /^t=(\d+),v1=(.+)$/.exec(headers["X-Plumbline-Signature"]!)!;
    expect(createHmac("sha256", secret).update(`${t}.${body}`).digest("hex")).toBe(v1);
    expect(isSignedWith(secret, posted[1]!)).toBe(true);
    await act({ intent: "drop_legacy", id });
    await happen();
    await deliver();
    expect(posted[2]!.headers).not.toHaveProperty("X-Plumbline-Signature");
  });

  it("sends names with the ids if asked to", async () => {
    const fields = { url: "https://hooks.example.com/", version: await versionOf() };
    await edit({ ...fields, "event:RMM_DEVICE_UPDATED": "on", record: "on" });
    const { id: connectionId } = await createIntegration(web.app.db, { tenantId: tenant.id });
    const asset = await createAsset(web.app.db, {
      tenantId: tenant.id,
      clientId: null,
      name: "FRONT-DESK-01",
    });
    const data = {
      tenantId: tenant.id,
      integrationId: connectionId,
      assetId: asset.id,
      externalDeviceId: "d1",
    };
    await withTenant(web.app.db, tenant.id, (tx) =>
      emit(tx, [{ name: "RMM_DEVICE_UPDATED", data }], web.app.clock()),
    );
    await deliver();
    expect(JSON.parse(posted[0]!.body)).toMatchObject({
      type: "RMM_DEVICE_UPDATED",
      record: { name: "FRONT-DESK-01", link: expect.stringContaining(`/assets/${asset.id}`) },
    });
  });
});

describe("a test of an outgoing webhook", () => {
  it("is sent at once and signed, and ends the wait of a receiver that accepts it", async () => {
    await makeRest();
    const answer = await act({ intent: "test", id });
    expect(answer.status).toBe(303);
    expect(posted).toMatchObject([{ url: ADDRESS, headers: { "X-Plumbline-Event": "PLUMBLINE_TEST" } }]);
    expect(JSON.parse(posted[0]!.body)).toMatchObject({
      type: "PLUMBLINE_TEST",
      data: { tenantId: tenant.id },
    });
    expect(isSignedWith(secret, posted[0]!)).toBe(true);
    expect(await subscription()).toMatchObject({ failures: 0, rests: null });
  });

  it.each<[string, PostOutcome, string]>([
    ["answers 500", { state: "answered", status: 500 }, "refused: the receiver answered 500"],
    ["is away", { state: "failed", reason: "ECONNREFUSED" }, "could not be sent: ECONNREFUSED"],
  ])("says so if the receiver %s", async (_, given, text) => {
    await makeRest();
    outcome = given;
    const answer = await act({ intent: "test", id });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain(text);
    expect(await subscription()).toMatchObject({ failures: 3 });
  });
});

it("of another tenant cannot be paused, edited, tested or given another secret", async () => {
  const other = (await web.tenant()).as.admin;
  const before = await subscription();
  for (const intent of ["pause", "resume", "change", "renew", "test"]) {
    const fields = { intent, id, url: "https://evil.example.com/", "event:RMM_SYNC_FAILED": "on" };
    expect((await other.post("/events/webhooks", fields)).status, intent).toBe(404);
  }
  expect(posted).toEqual([]);
  expect(await subscription()).toEqual(before);
});
