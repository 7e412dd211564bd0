import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { emit } from "~/platform/outbox/emit";

import { createAsset, createIntegration } from "../../support/factories";
import { createWebWorld, type WebWorld } from "../../support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;

beforeAll(async () => {
  web = await createWebWorld();
  tenant = await web.tenant();
});
afterAll(() => web.close());

const subscribeTo = (url: string, event = "INTEGRATION_DISCONNECTED") =>
  tenant.as.admin.post("/events/webhooks", { intent: "subscribe", url, [`event:${event}`]: "on" });

it("subscribes an address, shows the secret only in that answer, and removes it again", async () => {
  const answer = await subscribeTo("https://hooks.example.com/plumbline");
  const secret = /whsec_[\w+/]{32}/.exec(await answer.text())?.[0];
  expect(secret).toBeDefined();
  const page = await (await tenant.as.viewer.get("/events/webhooks")).text();
  expect(page).toContain("https://hooks.example.com/plumbline");
  expect(page).not.toContain("whsec_");
  expect(page).not.toContain("Send events there");
  const [row] = await queryRows<{ id: string }>(web.app.db, sql`select id from outgoing_subscriptions`);
  await tenant.as.admin.post("/events/webhooks", { intent: "unsubscribe", id: row!.id });
  expect(await (await tenant.as.viewer.get("/events/webhooks")).text()).not.toContain("hooks.example.com");
});

it("says what is wrong with an address, and keeps what was typed", async () => {
  const answer = await subscribeTo("https://169.254.169.254/latest");
  expect(answer.status).toBe(422);
  const page = await answer.text();
  expect(page).toContain("not on the open internet");
  expect(page).toContain("https://169.254.169.254/latest");
  expect((await subscribeTo("https://hooks.example.com/", "NO_SUCH_EVENT")).status).toBe(422);
});

it("lists the tenant's events, and what was not delivered", async () => {
  const { id: connectionId } = await createIntegration(web.app.db, {
    tenantId: tenant.id,
    label: "Main account",
  });
  const asset = await createAsset(web.app.db, { tenantId: tenant.id, clientId: null, name: "FRONT-DESK-01" });
  await subscribeTo("https://hooks.example.com/two");
  const data = { tenantId: tenant.id, integrationId: connectionId };
  await withTenant(web.app.db, tenant.id, (tx) =>
    emit(
      tx,
      [
        { name: "INTEGRATION_DISCONNECTED", data },
        {
          name: "RMM_DEVICE_CREATED",
          data: { ...data, assetId: asset.id, externalDeviceId: "d1" },
        },
        {
          name: "RMM_DEVICE_UPDATED",
          data: { ...data, assetId: crypto.randomUUID(), externalDeviceId: "d2" },
        },
        { name: "rmm/groups.sync.requested", data: { ...data, reason: "test" } },
      ],
      new Date(),
    ),
  );
  const list = await (await tenant.as.viewer.get("/events")).text();
  expect(list).toContain("Main account was disconnected");
  const text = list.replace(/<!-- -->/g, "").replace(/<[^>]+>/g, "");
  expect(text).toContain("FRONT-DESK-01 was added from Main account");
  expect(list).toContain(`href="/assets/${asset.id}"`);
  expect(text).toContain("A deleted asset changed in Main account");
  expect(list).not.toContain("groups.sync");
  expect(await (await tenant.as.viewer.get("/events?name=RMM_SYNC_FAILED")).text()).toContain(
    "No event matches",
  );
  const stranger = await web.tenant();
  expect(await (await stranger.as.admin.get("/events")).text()).toContain("No event matches");

  await web.app.db.execute(sql`update outgoing_deliveries set status = 'dead', attempts = 9`);
  expect(await (await tenant.as.viewer.get("/events/webhooks")).text()).toContain("Given up");
  await stranger.as.admin.post("/events/webhooks", { intent: "replay" });
  const states = () => queryRows(web.app.db, sql`select status, attempts from outgoing_deliveries`);
  expect(await states()).toEqual([{ status: "dead", attempts: 9 }]);
  await tenant.as.admin.post("/events/webhooks", { intent: "replay" });
  expect(await states()).toEqual([{ status: "pending", attempts: 0 }]);
});
