import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { apiIdempotencyKeys, auditLog } from "@db/schema";
import { apiCallerOf, type ApiCaller, type WebTenant } from "@tests/support/api";
import { createClient, createIntegration } from "@tests/support/factories";
import { createWebWorld, type WebWorld } from "@tests/support/web";

import { createThings } from "./things";

let web: WebWorld;
let tenant: WebTenant;
let api: ApiCaller;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());
beforeEach(async () => {
  tenant = await web.tenant();
  api = await apiCallerOf(web, tenant);
});

const actionsOf = async ({ id }: WebTenant) =>
  (await web.database.db.select().from(auditLog).where(eq(auditLog.tenantId, id))).map(
    ({ action }) => action,
  );

const night = {
  name: "Patch night",
  startsAt: "2026-11-28T22:00",
  endsAt: "2026-11-29T02:00",
  rule: "FREQ=WEEKLY;BYDAY=SA",
};

describe("maintenance windows over the API", () => {
  it("are planned, read, changed, paused, resumed and deleted, and the audit log says so", async () => {
    const { id: clientId } = await createClient(web.database.db, { tenantId: tenant.id });
    const made = await api.post("/maintenance-windows", { ...night, conditions: { clientIds: [clientId] } });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ ...night, isPaused: false, suppressesTickets: true, timeZone: "UTC" });
    expect(made.body.conditions.clientIds).toEqual([clientId]);
    expect(made.body.next.startsAt).toMatch(/T22:00/);
    const path = `/maintenance-windows/${made.body.id}`;
    const changed = await api.call("PUT", path, { body: { ...night, rule: null, suppressesTickets: false } });
    expect(changed.body).toMatchObject({ rule: null, suppressesTickets: false });
    expect((await api.post(`${path}/pause`)).body.isPaused).toBe(true);
    expect((await api.post(`${path}/resume`)).body.isPaused).toBe(false);
    expect((await api.get("/maintenance-windows")).body.data).toEqual([(await api.get(path)).body]);
    expect((await api.call("DELETE", path)).status).toBe(200);
    expect((await api.get(path)).status).toBe(404);
    expect(await actionsOf(tenant)).toEqual(
      expect.arrayContaining(
        ["created", "changed", "paused", "resumed", "deleted"].map((what) => `maintenance.${what}`),
      ),
    );
  });

  it.each([
    [{ name: "" }, "body.name"],
    [{ endsAt: night.startsAt }, "body.endsAt"],
    [{ startsAt: "tomorrow" }, "body.startsAt"],
    [{ rule: "FREQ=SOMETIMES" }, "body.rule"],
    [{ suppressesNotices: false, suppressesTickets: false }, "body.suppressesNotices"],
    [{ conditions: { severities: ["red"] } }, "body.conditions.severities.0"],
    [{ conditions: { assetIds: ["0193a0f2-0000-7000-8000-000000000000"] } }, "body.conditions.assetIds"],
  ])("that the page would refuse are refused, naming the field: %j", async (part, field) => {
    const { status, body } = await api.post("/maintenance-windows", { ...night, ...part });
    expect(status).toBe(400);
    expect(body.errors[0].field).toBe(field);
  });

  it("do not overwrite somebody else's change", async () => {
    const { body } = await api.post("/maintenance-windows", night);
    const path = `/maintenance-windows/${body.id}`;
    const headers = { "If-Match": (await api.get(path)).headers.get("ETag")! };
    await api.call("PUT", path, { body: { ...night, name: "Another" }, headers });
    for (const [method, at, sent] of [
      ["PUT", path, night],
      ["POST", `${path}/pause`, undefined],
      ["DELETE", path, undefined],
    ] as const) {
      expect((await api.call(method, at, { body: sent, headers })).status, `${method} ${at}`).toBe(412);
    }
    expect((await api.get(path)).body).toMatchObject({ name: "Another", isPaused: false });
  });

  it("preview what they would have suppressed, and write nothing", async () => {
    await createThings(web.database.db, tenant, "ours");
    const before = (await api.get("/maintenance-windows")).body.data.length;
    const { status, body } = await api.post("/maintenance-windows/preview", { ...night, rule: null });
    expect(status).toBe(200);
    expect(body).toMatchObject({ found: 1, of: 1, isCapped: false });
    expect((await api.get("/maintenance-windows")).body.data).toHaveLength(before);
  });
});

const rule = { name: "Disks", conditions: { name: "*" }, actions: { mails: true } };

describe("rules over the API", () => {
  it("are made off, changed, moved, switched and deleted", async () => {
    const first = (await api.post("/rules", rule)).body;
    const second = (await api.post("/rules", { ...rule, name: "Second" })).body;
    expect(first).toMatchObject({ position: 1, isEnabled: false, hits: 0 });
    expect((await api.post(`/rules/${second.id}/move`, { to: "up" })).body.position).toBe(1);
    expect((await api.post(`/rules/${first.id}/enable`)).body).toMatchObject({
      isEnabled: true,
      position: 2,
    });
    const hours = { days: ["MO"], from: "08:00", to: "18:00" };
    const put = await api.call("PUT", `/rules/${first.id}`, { body: { ...rule, hours, stops: true } });
    expect(put.body).toMatchObject({ hours, stops: true, isEnabled: true });
    expect((await api.post(`/rules/${first.id}/disable`)).body.isEnabled).toBe(false);
    await api.call("DELETE", `/rules/${second.id}`);
    expect((await api.get("/rules")).body.data.map(({ id }: { id: string }) => id)).toEqual([first.id]);
  });

  it.each([
    [{ actions: {} }, "body.actions"],
    [{ actions: { ownerId: "0193a0f2-0000-7000-8000-000000000000" } }, "body.actions"],
    [{ actions: { mails: true, ignoreHours: 5 } }, "body.actions"],
    [{ hours: { days: [], from: "8", to: "18:00" } }, "body.hours"],
    [{ name: "x".repeat(101) }, "body.name"],
  ])("that the page would refuse are refused, naming the field: %j", async (part, field) => {
    const { status, body } = await api.post("/rules", { ...rule, ...part });
    expect(status).toBe(400);
    expect(body.errors[0].field).toBe(field);
  });

  it("refer to nobody and no channel of another company", async () => {
    const theirs = await createThings(web.database.db, await web.tenant(), "theirs");
    const actions = { channelIds: [theirs.subscriptionId] };
    expect((await api.post("/rules", { ...rule, actions })).status).toBe(400);
  });

  it("do not overwrite somebody else's change", async () => {
    const { id } = (await api.post("/rules", rule)).body;
    const headers = { "If-Match": (await api.get(`/rules/${id}`)).headers.get("ETag")! };
    await api.post(`/rules/${id}/enable`, undefined, headers);
    expect((await api.call("PUT", `/rules/${id}`, { body: rule, headers })).status).toBe(412);
    expect((await api.call("DELETE", `/rules/${id}`, { headers })).status).toBe(412);
  });

  it("preview what they would have done", async () => {
    await createThings(web.database.db, tenant, "ours");
    const { body } = await api.post("/rules/preview", rule);
    expect(body).toMatchObject({ found: 1, keptByEarlier: 0, mostAnHour: 1 });
    expect(body.incidents).toHaveLength(1);
  });
});

const hook = { url: "https://hooks.msp.test/in", events: ["RMM_SYNC_FAILED"] };

describe("event subscriptions over the API", () => {
  it("are made with a secret that is shown once, then changed, rotated, tested and deleted", async () => {
    const made = (await api.post("/event-subscriptions", hook)).body;
    expect(made).toMatchObject({ ...hook, format: "json", isPaused: false });
    expect(made.secret).toMatch(/^whsec_/);
    const path = `/event-subscriptions/${made.id}`;
    expect(JSON.stringify((await api.get(path)).body)).not.toContain("secret");
    const change = { events: ["RMM_SYNC_COMPLETED"], isPaused: true };
    expect((await api.call("PATCH", path, { body: change })).body).toMatchObject({
      url: hook.url,
      ...change,
    });
    const rotated = (await api.post(`${path}/rotate-secret`)).body.secret;
    expect(rotated).toMatch(/^whsec_/);
    expect(rotated).not.toBe(made.secret);
    expect((await api.post(`${path}/test`)).body).toMatchObject({ isTaken: false });
    expect((await api.call("DELETE", path)).status).toBe(200);
    expect((await api.get(path)).status).toBe(404);
  });

  it("with an address that the page would refuse are refused", async () => {
    for (const url of ["http://127.0.0.1/", "ftp://hooks.msp.test", "nonsense"]) {
      const { status, body } = await api.post("/event-subscriptions", { ...hook, url });
      expect(status, url).toBe(400);
      expect(body.errors[0].field, url).toBe("body.url");
    }
  });

  it("answer a repeated request with the same secret, which cannot be read anywhere", async () => {
    const headers = { "Idempotency-Key": "once" };
    const [first, again] = [
      await api.post("/event-subscriptions", hook, headers),
      await api.post("/event-subscriptions", hook, headers),
    ];
    expect(again.body).toEqual(first.body);
    expect((await api.get("/event-subscriptions")).body.data).toHaveLength(1);
    const rows = await web.database.db.select().from(apiIdempotencyKeys);
    expect(JSON.stringify(rows)).not.toContain(first.body.secret);
  });
});

it("a rule over the API takes the address of an automation's trigger and never returns it", async () => {
  const { id: connectionId } = await createIntegration(web.database.db, { tenantId: tenant.id });
  const allowed = await api.call("PUT", `/connections/${connectionId}/automations`, {
    body: { rulesStartAutomations: true },
  });
  expect(allowed.body).toMatchObject({ id: connectionId, rulesStartAutomations: true });
  const rule = (automation: object) => ({ name: "Clean up", actions: { automation } });
  const refused = await api.post("/rules", rule({ connectionId }));
  expect(refused.status).toBe(400);
  expect(refused.body.errors[0].field).toBe("body.actions.automation.trigger");
  const trigger = "https://api.level.io/v2/automations/webhooks/Wh-secret_7kQ2";
  const made = await api.post("/rules", rule({ connectionId, trigger }));
  expect(made.status).toBe(201);
  const automation = { connectionId, sendsKey: false };
  expect(made.body.actions.automation).toEqual(automation);
  const path = `/rules/${made.body.id}`;
  const changed = await api.call("PUT", path, { body: rule({ connectionId, sendsKey: true }) });
  expect(changed.body.actions.automation).toEqual({ ...automation, sendsKey: true });
  expect(JSON.stringify([made.body, changed.body, (await api.get(path)).body])).not.toContain("Wh-secret");
});
