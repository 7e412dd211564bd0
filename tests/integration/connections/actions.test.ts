import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { auditLog, rmmIntegrations, rmmSyncRuns } from "@db/schema";
import { createLevelWorld, type LevelWorld } from "@tests/support/level-world";
import type { Browser } from "@tests/support/web";

/** Everything that a person can do with a Level connection, by the pages' addresses. */
let level: LevelWorld;
let admin: Browser;
let technician: Browser;
let id: string;

beforeAll(async () => {
  level = await createLevelWorld();
  admin = level.tenant.as.admin;
  technician = level.tenant.as.technician;
  id = await level.connect(admin, { label: "Head office" });
});
afterAll(() => level.close());

const rowOf = async () =>
  (await level.web.database.db.select().from(rmmIntegrations).where(eq(rmmIntegrations.id, id)))[0]!;
const actions = async () =>
  (await level.web.database.db.select({ action: auditLog.action }).from(auditLog)).map((row) => row.action);

describe("saving a configuration", () => {
  it("tries the key against Level before anything is stored", async () => {
    const before = await queryRows(level.web.database.db, sql`select id from rmm_integrations`);
    const answer = await admin.post("/settings/integrations/levelio?index", {
      intent: "connect",
      label: "Branch",
      apiKey: "no-such-key",
    });
    expect(answer.status).toBe(422);
    const page = await answer.text();
    expect(page).toContain("invalid API key");
    expect(page).not.toContain("no-such-key");
    expect(await queryRows(level.web.database.db, sql`select id from rmm_integrations`)).toEqual(before);
  });

  it.each([
    ["an empty key", "", "Paste an API key"],
    ["a blank key", "   ", "Paste an API key"],
    ["two words", "two words", "no spaces"],
    ["a line break", "line\nbreak", "no spaces"],
    ["another script", "ключ", "no spaces"],
    ["501 characters", "k".repeat(501), "too long"],
  ])("refuses %s without asking Level", async (_what, apiKey, message) => {
    const asked = level.simulator.stats.requests;
    const answer = await admin.post("/settings/integrations/levelio?index", {
      intent: "connect",
      label: "Branch",
      apiKey,
    });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain(message);
    expect(level.simulator.stats.requests).toBe(asked);
  });

  it("says beside the name if another connection has it", async () => {
    const answer = await admin.post("/settings/integrations/levelio?index", {
      intent: "connect",
      label: "Head office",
      apiKey: level.simulator.readOnlyApiKey,
    });
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain("Another connection has this name");
  });

  it("makes a webhook secret with the first key, and replaces a key without touching it", async () => {
    const secrets = () =>
      queryRows<{ name: string; sealed: string }>(
        level.web.database.db,
        sql`select name, sealed from tenant_secrets where integration_id = ${id} order by name`,
      );
    const before = await secrets();
    expect(before.map((secret) => secret.name)).toEqual(["api_key", "webhook_secret"]);
    const apiKey = level.simulator.readOnlyApiKey;
    const answer = await level.act(admin, id, "", { intent: "replace-key", apiKey: `Bearer ${apiKey}` });
    expect(answer.location).toContain(id);
    const after = await secrets();
    expect(after[0]!.sealed).not.toBe(before[0]!.sealed);
    expect(after[1]).toEqual(before[1]);
    expect((await rowOf()).keyLastCharacters).toBe(apiKey.slice(-4));
    expect(await actions()).toContain("integration.key_replaced");
  });

  it("keeps the old key when the new one does not work", async () => {
    const before = await rowOf();
    const answer = await level.act(admin, id, "", { intent: "replace-key", apiKey: "wrong" });
    expect(answer).toMatchObject({ status: 422, body: { errors: { apiKey: expect.any(String) as string } } });
    expect(await rowOf()).toEqual(before);
  });
});

describe("the settings", () => {
  it("show the key's age and end, and no secret", async () => {
    const settings = await level.load<{ key: Record<string, unknown>; schedule: Record<string, unknown> }>(
      admin,
      id,
    );
    expect(settings.key).toEqual({
      lastCharacters: level.simulator.readOnlyApiKey.slice(-4),
      savedAt: expect.any(String) as string,
      instanceUrl: level.simulator.url,
    });
    expect(settings.schedule).toMatchObject({ fullSyncEnabled: true, fullSyncIntervalMinutes: 60 });
  });

  it("accept a new name that no other connection has", async () => {
    await level.connect(admin, { label: "Taken" });
    const refused = await level.act(admin, id, "", { intent: "rename", label: "Taken" });
    expect(refused.status).toBe(409);
    const renamed = await level.act(admin, id, "", { intent: "rename", label: "  Main office " });
    expect(renamed.location).toContain(id);
    expect((await rowOf()).label).toBe("Main office");
  });

  it.each(["", "x", "14", "10081", "1e9", "-60", "60.5"])(
    "refuse a full sync every %j minutes",
    async (minutes) => {
      const before = await rowOf();
      const form = { intent: "schedule", enabled: "on", minutes, alertsMinutes: "15" };
      const answer = await level.act(admin, id, "", form);
      expect(answer.status).toBe(422);
      expect(await rowOf()).toEqual(before);
    },
  );

  it("accept a new schedule, and say when it is due", async () => {
    const form = { intent: "schedule", enabled: "on", minutes: "120", alertsMinutes: "15" };
    await level.act(admin, id, "", form);
    const row = await rowOf();
    expect(row.fullSyncIntervalMinutes).toBe(120);
    expect(row.nextFullSyncAt!.getTime()).toBeLessThanOrEqual(Date.now() + 120 * 60_000);
    await level.act(admin, id, "", { intent: "schedule", minutes: "120", alertsMinutes: "15" });
    expect(await rowOf()).toMatchObject({ fullSyncEnabled: false, nextFullSyncAt: null });
  });
});

describe("a test", () => {
  it("says that Level accepted the key", async () => {
    const answer = await level.act(technician, id, "", { intent: "test" });
    expect(answer.body).toEqual({ test: { state: "ok", tookMs: expect.any(Number) as number } });
  });

  it("that fails says why, and changes nothing", async () => {
    const before = await rowOf();
    const fault = level.simulator.faults.add({ kind: "status", status: 401 });
    const answer = await level.act(technician, id, "", { intent: "test" });
    fault.remove();
    expect(answer.body).toMatchObject({
      test: { state: "failed", message: expect.stringMatching(/key/) as string },
    });
    expect(await rowOf()).toEqual(before);
  });

  it("of the setup looks at each list, and names the one that cannot be read", async () => {
    const before = await rowOf();
    const fault = level.simulator.faults.add({ kind: "forbidden", resource: "updates" });
    const answer = await level.act(technician, id, "", { intent: "check-setup" });
    fault.remove();
    expect(answer.body).toEqual({
      probes: [
        { resource: "groups", state: "ok", isEmpty: false },
        { resource: "devices", state: "ok", isEmpty: false },
        {
          resource: "updates",
          state: "failed",
          message: "This API key may not read updates.",
          hint: expect.stringContaining("API keys") as string,
        },
        { resource: "alerts", state: "ok", isEmpty: false },
      ],
    });
    expect(await rowOf()).toEqual(before);
  });
});

describe("the syncs", () => {
  it("find the groups, store the devices, and fill in the alerts, each as a run of its own", async () => {
    const groups = await level.sync(technician, id, "organizations");
    expect(groups).toMatchObject({ status: "completed", trigger: "manual" });
    expect(groups.itemsCreated).toBe(level.simulator.account.groups.size);
    expect(await level.sync(technician, id, "full")).toMatchObject({
      status: "completed",
      itemsSeen: level.simulator.account.devices.size,
    });
    const alerts = await level.sync(technician, id, "alerts");
    expect(alerts.itemsSeen).toBe(level.simulator.account.alerts.size);
    expect(alerts.itemsSeen).toBeGreaterThan(0);
  });

  it("read one device by its id, and refuse an unknown device", async () => {
    const { rows } = await level.load<{ rows: { externalId: string; reason: string }[] }>(
      technician,
      id,
      "/devices",
    );
    const device = rows[0]!;
    const answer = await level.act(technician, id, "/devices", {
      intent: "sync-device",
      externalDeviceId: device.externalId,
    });
    expect(answer.location).toMatch(/^\/runs\//);
    for (const externalDeviceId of ["nobody", "", "\u0000", "x".repeat(600)]) {
      const refused = await level.act(technician, id, "/devices", {
        intent: "sync-device",
        externalDeviceId,
      });
      expect(refused.status).toBe(404);
    }
  });

  it("are one run if the button is pressed twice, and end at once if cancelled before they start", async () => {
    const press = () => level.act(technician, id, "", { intent: "sync", type: "full" });
    const answers = await Promise.all([press(), press(), press()]);
    expect(answers.map((answer) => answer.location)).toEqual(Array(3).fill(expect.stringContaining(id)));
    const open = await level.web.database.db
      .select()
      .from(rmmSyncRuns)
      .where(sql`${rmmSyncRuns.connectionId} = ${id} and status = 'queued' and type = 'full'`);
    expect(open).toHaveLength(1);
    const progress = await technician.get(`/settings/integrations/levelio/${id}/progress`);
    const { runs } = (await progress.json()) as { runs: { id: string; status: string; type: string }[] };
    expect(runs.find((run) => run.type === "full")).toMatchObject({ id: open[0]!.id, status: "queued" });
    await level.act(technician, id, "", { intent: "cancel", runId: open[0]!.id });
    const [after] = await level.web.database.db
      .select()
      .from(rmmSyncRuns)
      .where(eq(rmmSyncRuns.id, open[0]!.id));
    expect(after!.status).toBe("cancelled");
  });

  it("refuse an unknown kind", async () => {
    for (const type of ["device", "", "everything"]) {
      expect((await level.act(technician, id, "", { intent: "sync", type })).status).toBe(404);
    }
  });
});

describe("the webhook", () => {
  it("has an address, and a secret that is shown once", async () => {
    const { webhook } = await level.load<{ webhook: { url: string; secret: Record<string, unknown> } }>(
      admin,
      id,
      "/webhook",
    );
    expect(webhook.url).toMatch(/^http:\/\/plumbline\.test\/api\/webhooks\/levelio\?tenant=tenant-\d+$/);
    expect(webhook.secret).toEqual({ createdAt: expect.any(String) as string, wasRevealed: false });

    const first = await level.act(admin, id, "/webhook", { intent: "reveal" });
    const { secret } = first.body as { secret: string };
    expect(secret).toMatch(/^[\w-]{32}$/);
    const second = await level.act(admin, id, "/webhook", { intent: "reveal" });
    expect(second.status).toBe(409);
    expect(JSON.stringify(second.body)).not.toContain(secret);
    expect(await (await admin.get(`/settings/integrations/levelio/${id}/webhook`)).text()).not.toContain(
      secret,
    );
  });

  it("gets a new secret, while the former one stays valid for a day", async () => {
    const rotated = await level.act(admin, id, "/webhook", { intent: "rotate" });
    expect((rotated.body as { secret: string }).secret).toMatch(/^[\w-]{32}$/);
    const { webhook } = await level.load<{ webhook: { previousSecretUntil: string } }>(admin, id, "/webhook");
    const hours = (new Date(webhook.previousSecretUntil).getTime() - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
  });
});

describe("the summary", () => {
  it("counts groups and devices, and ticks the finished steps", async () => {
    const summary = await level.summary<{
      label: string;
      counts: Record<string, number>;
      guide: { id: string; done: boolean; current: boolean }[];
    }>(technician, id);
    expect(summary.label).toBe("Main office");
    expect(summary.counts).toMatchObject({
      groups: level.simulator.account.groups.size,
      devices: level.simulator.account.devices.size,
      mappedGroups: 0,
    });
    expect(summary.guide.map(({ id: step, done }) => [step, done])).toEqual([
      ["key", true],
      ["groups", true],
      ["mapping", false],
      ["sync", true],
      ["webhook", false],
    ]);
    expect(summary.guide.find((step) => step.current)?.id).toBe("mapping");
  });
});
