import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { getIntegration } from "@db/queries/connections/connections";
import { readFlagOverrides, writeFlagOverride } from "@db/queries/operations/feature-flags";
import { auditLog, rmmWebhookDeliveries } from "@db/schema";
import { setTenantFlags } from "~/auth/feature-flags.server";
import { LEVEL_FEATURE_FLAG } from "~/platform/env.server";
import { levelWebhookReader } from "~/connectors/levelio/webhook-reader.server";
import { startDueSyncs } from "~/features/connections/schedule";
import { revealWebhookSecret, rotateWebhookSecret } from "~/features/connections/secrets.server";
import { answerWebhook } from "~/features/webhooks/endpoint.server";
import { createIntegration } from "@tests/support/factories";
import { TEST_ACTOR } from "@tests/support/sync";
import { createWebWorld, type WebWorld } from "@tests/support/web";
import { alertEvent } from "@tests/support/webhook";

import { signWebhook } from "../../level-simulator";

type Tenant = Awaited<ReturnType<WebWorld["tenant"]>> & { connectionId: string; secret: string };

let web: WebWorld;
let first: Tenant;
let second: Tenant;

const open = async (env: Record<string, string> = {}) => {
  web = await createWebWorld(env);
  [first, second] = [await connected(), await connected()];
};

async function connected(): Promise<Tenant> {
  const tenant = await web.tenant();
  const { id: connectionId } = await createIntegration(web.database.db, {
    tenantId: tenant.id,
    status: "active",
  });
  const owner = { tenantId: tenant.id, connectionId };
  await rotateWebhookSecret(web.app.sync, owner, TEST_ACTOR);
  const revealed = await revealWebhookSecret(web.app.sync, owner, TEST_ACTOR);
  if (revealed.state !== "revealed") throw new Error(revealed.state);
  return { ...tenant, connectionId, secret: revealed.secret };
}

const set = (tenant: Tenant, isOn: boolean | null) =>
  setTenantFlags(web.app, {
    tenantId: tenant.id,
    changes: [{ flag: LEVEL_FEATURE_FLAG, isOn }],
    actor: TEST_ACTOR,
  });

const statusOf = async (tenant: Tenant) =>
  (await tenant.as.admin.get(`/settings/integrations/levelio/${tenant.connectionId}/mapping`)).status;

const integrationsPage = async (tenant: Tenant) =>
  (await tenant.as.admin.get("/settings/integrations")).text();

let minute = 0;
async function deliver({ id, secret }: Tenant, withSecret = secret): Promise<Response> {
  const body = JSON.stringify(alertEvent("alert_active", minute++));
  const url = `http://app.local/api/webhooks/levelio?tenant=${id}`;
  const headers = { "x-level-signature": signWebhook(body, withSecret) };
  return answerWebhook(
    web.app,
    levelWebhookReader,
    new Request(url, { method: "POST", body, headers }),
    "192.0.2.9",
  );
}

const countDeliveries = async ({ id }: Tenant) =>
  (
    await web.database.db
      .select({ id: rmmWebhookDeliveries.id })
      .from(rmmWebhookDeliveries)
      .where(eq(rmmWebhookDeliveries.tenantId, id))
  ).length;

describe("a tenant without Level, beside one that has it", () => {
  beforeAll(() => open());
  afterAll(() => web.close());
  beforeEach(async () => {
    await set(first, null);
    await set(second, null);
  });

  it("finds no page of Level, while the other has them all, until its flag is the environment's again", async () => {
    await set(first, false);
    expect([await statusOf(first), await statusOf(second)]).toEqual([404, 200]);
    expect(await integrationsPage(first)).toContain("No RMM is available to your company");
    expect(await integrationsPage(second)).not.toContain("No RMM is available");
    await set(first, null);
    expect(await statusOf(first)).toBe(200);
  });

  it("has its webhook refused at once, even if its sender was accepted just before, and accepted again afterwards", async () => {
    expect((await deliver(first)).status).toBe(202);
    await set(first, false);
    const refused = await deliver(first);
    expect(refused.status).toBe(404);
    expect((await deliver(first, "not the secret")).status).toBe(404);
    expect((await deliver(second)).status).toBe(202);
    expect(await countDeliveries(first)).toBe(1);
    await set(first, null);
    expect((await deliver(first)).status).toBe(202);
  });

  it("has none of its schedules run, and they block nobody else's", async () => {
    await set(first, false);
    const started = await startDueSyncs(web.app.sync);
    expect(new Set(started.map(({ tenantId }) => tenantId))).toEqual(new Set([second.id]));
    const hidden = await withTenant(web.database.db, first.id, (tx) =>
      getIntegration(tx, first.id, first.connectionId),
    );
    expect(hidden?.nextFullSyncAt).not.toBeNull();
    expect(hidden?.nextAlertsSyncAt).not.toBeNull();
  });

  it("can read its flags, but not set them, and each change is recorded", async () => {
    await set(first, false);
    const inTenant = <T>(work: Parameters<typeof withTenant<T>>[2]) =>
      withTenant(web.database.db, first.id, work);
    expect(await inTenant((tx) => readFlagOverrides(tx, first.id))).toEqual({ [LEVEL_FEATURE_FLAG]: false });
    for (const isOn of [true, null]) {
      const change = { flag: LEVEL_FEATURE_FLAG, isOn };
      const attempt = inTenant((tx) => writeFlagOverride(tx, first.id, change, new Date()));
      await expect(attempt).rejects.toMatchObject({ cause: { code: "42501" } });
    }
    await set(first, false);
    const entries = await web.database.db.select().from(auditLog).where(eq(auditLog.tenantId, first.id));
    const last = entries.filter(({ action }) => action === "feature_flag.changed").at(-1);
    expect(last).toMatchObject({ targetId: LEVEL_FEATURE_FLAG, details: { from: "default", to: "off" } });
  });
});

describe("a tenant that has Level although the environment hides it", () => {
  afterAll(() => web.close());

  it("has its pages and its webhook; the others do not", async () => {
    await open({ FEATURE_FLAGS: "something-else" });
    await set(first, true);
    expect([await statusOf(first), await statusOf(second)]).toEqual([200, 404]);
    expect([(await deliver(first)).status, (await deliver(second)).status]).toEqual([202, 404]);
    await web.close();
    await open({ EDITION: "community" });
    await set(first, true);
    expect(await statusOf(first)).toBe(404);
  });
});
