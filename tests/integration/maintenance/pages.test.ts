import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { auditLog, incidents, maintenanceWindows, tenants } from "@db/schema";
import { createAsset, createClient, createIntegration } from "@tests/support/factories";
import { createWebWorld, type FormFields, type WebWorld } from "@tests/support/web";

type Tenant = Awaited<ReturnType<WebWorld["tenant"]>>;

const HERE = "/settings/maintenance";
const DAY = 86_400_000;

let web: WebWorld;
let ours: Tenant;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());
beforeEach(async () => {
  ours = await web.tenant();
});

const nightly: FormFields = {
  name: "Patch night",
  startsAt: "2026-11-01T22:00",
  endsAt: "2026-11-02T04:00",
  repeat: "daily",
  every: "1",
  notices: "on",
  tickets: "on",
};

const windows = () =>
  web.database.db
    .select()
    .from(maintenanceWindows)
    .where(sql`tenant_id = ${ours.id}`);

async function actions(): Promise<string[]> {
  const rows = await web.database.db
    .select()
    .from(auditLog)
    .where(sql`tenant_id = ${ours.id} and action like 'maintenance%'`)
    .orderBy(auditLog.id);
  return rows.map(({ action }) => action);
}

async function read<T>(path: string, route: string): Promise<T> {
  const mark = path.includes("?") ? "&" : "?";
  const response = await ours.as.technician.get(`${path}${mark}_data=${encodeURIComponent(route)}`);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

it("a technician plans a window, changes it, pauses it and deletes it, and the audit log says so", async () => {
  const { technician, viewer } = ours.as;
  expect((await technician.post(`${HERE}/new`, { intent: "save", ...nightly })).status).toBe(303);
  const [window] = await windows();
  expect(window).toMatchObject({ name: "Patch night", rule: "FREQ=DAILY", startsAt: "2026-11-01T22:00" });
  const list = await read<{ windows: { times: string; about: string }[] }>(
    `${HERE}?index`,
    "routes/_app.settings.maintenance._index",
  );
  expect(list.windows).toMatchObject([{ times: "every day, 22:00 to 04:00", about: "Every alert" }]);

  const weekly = { ...nightly, repeat: "weekly", day: ["SA", "SU"], pattern: "*offline*" };
  expect((await technician.post(`${HERE}/${window!.id}`, { intent: "save", ...weekly })).status).toBe(303);
  expect((await windows())[0]).toMatchObject({
    rule: "FREQ=WEEKLY;BYDAY=SA,SU",
    conditions: { name: "*offline*" },
  });
  await technician.post(`${HERE}?index`, { intent: "pause", window: window!.id });
  expect((await windows())[0]!.pausedAt).not.toBeNull();
  await technician.post(`${HERE}?index`, { intent: "resume", window: window!.id });
  expect((await windows())[0]!.pausedAt).toBeNull();
  expect((await viewer.post(`${HERE}?index`, { intent: "delete", window: window!.id })).status).toBe(403);
  await technician.post(`${HERE}?index`, { intent: "delete", window: window!.id });
  expect(await windows()).toEqual([]);
  expect(await actions()).toEqual([
    "maintenance.created",
    "maintenance.changed",
    "maintenance.paused",
    "maintenance.resumed",
    "maintenance.deleted",
  ]);
});

it("a window that covers nothing, ends before it begins or lasts for weeks is refused with what was typed", async () => {
  const post = (fields: FormFields) =>
    ours.as.technician.post(`${HERE}/new`, { intent: "save", ...nightly, ...fields });
  for (const [fields, field] of [
    [{ name: "" }, "name"],
    [{ endsAt: "2026-11-01T21:00" }, "endsAt"],
    [{ endsAt: "2026-11-20T21:00" }, "endsAt"],
    [{ startsAt: "tomorrow" }, "startsAt"],
    [{ repeat: "custom", rule: "FREQ=SECONDLY" }, "rule"],
    [{ device: "no-such-device" }, "device"],
    [{ client: "no-such-client" }, "conditions"],
  ] as [FormFields, string][]) {
    const response = await post(fields);
    expect(response.status, field).toBe(422);
    const page = await response.text();
    expect(page.includes('name="tickets" checked'), field).toBe(true);
  }
  expect(await windows()).toEqual([]);
});

it("says before saving what it would have suppressed in the last 30 days", async () => {
  const { db } = web.database;
  const connectionId = (await createIntegration(db, { tenantId: ours.id })).id;
  const client = await createClient(db, { tenantId: ours.id, name: "Harborlight" });
  const at = (daysAgo: number, hour: number) => {
    const day = new Date(Date.now() - daysAgo * DAY);
    day.setUTCHours(hour, 0, 0, 0);
    return day;
  };
  const rows = [
    ["at night", at(3, 23), client.id],
    ["by day", at(3, 12), client.id],
    ["at night, of nobody", at(5, 23), null],
    ["long ago", at(40, 23), client.id],
  ] as const;
  for (const [name, openedAt, clientId] of rows) {
    const [incident] = await db
      .insert(incidents)
      .values({
        tenantId: ours.id,
        connectionId,
        clientId,
        name,
        severity: "major",
        severityRank: 1,
        openedAt,
        lastAlertAt: openedAt,
      })
      .returning();
    await db.execute(sql`
      insert into rmm_alerts (id, tenant_id, integration_id, external_alert_id, name, severity, status, started_at,
        content_hash, observed_at, observed_via, incident_id, grouping_due)
      values (gen_random_uuid(), ${ours.id}, ${connectionId}, ${name}, ${name}, 'major', 'active',
        ${openedAt.toISOString()}, '', now(), 'webhook', ${incident!.id}, 0)`);
  }
  const preview = async (fields: FormFields) => {
    const path = `${HERE}/new?_data=${encodeURIComponent("routes/_app.settings.maintenance.new")}`;
    const response = await ours.as.technician.post(path, { intent: "preview", ...nightly, ...fields });
    const answer = (await response.json()) as {
      preview: { found: number; of: number; incidents: { name: string }[] };
    };
    return answer.preview;
  };
  // The preview counts a future window's occurrences in the past too.
  const future = { startsAt: "2030-01-01T22:00", endsAt: "2030-01-02T04:00" };
  expect(await preview(future)).toMatchObject({
    found: 2,
    of: 3,
    incidents: [{ name: "at night" }, { name: "at night, of nobody" }],
  });
  expect(await preview({ client: client.id })).toMatchObject({ incidents: [{ name: "at night" }] });
  expect(await preview({ ...future, repeat: "never" })).toMatchObject({ found: 3 });
  expect(await windows()).toEqual([]);
});

it("an asset's page says in which window it is, and links to a new one for it", async () => {
  const asset = await createAsset(web.database.db, { tenantId: ours.id, name: "HRB-1" });
  const form = await read<{ values: { name: string; conditions: { assetIds: string[] } } }>(
    `${HERE}/new?asset=${asset.id}`,
    "routes/_app.settings.maintenance.new",
  );
  expect(form.values).toMatchObject({ name: "Work on HRB-1", conditions: { assetIds: [asset.id] } });
  await web.database.db.insert(maintenanceWindows).values({
    tenantId: ours.id,
    name: "All week",
    conditions: { ...form.values.conditions } as never,
    startsAt: new Date(Date.now() - DAY).toISOString().slice(0, 16),
    endsAt: new Date(Date.now() + DAY).toISOString().slice(0, 16),
    suppressesNotices: true,
    suppressesTickets: true,
  });
  expect(await (await ours.as.technician.get(`/assets/${asset.id}`)).text()).toContain("All week");
  const other = await createAsset(web.database.db, { tenantId: ours.id, name: "HRB-2" });
  expect(await (await ours.as.technician.get(`/assets/${other.id}`)).text()).not.toContain("All week");
});

it("only an administrator may set the time zone, and it must exist", async () => {
  const set = (who: keyof Tenant["as"], timeZone: string) =>
    ours.as[who].post(`${HERE}?index`, { intent: "time-zone", timeZone });
  expect((await set("technician", "Europe/Berlin")).status).toBe(403);
  expect((await set("admin", "Middle/Earth")).status).toBe(422);
  expect((await set("admin", "Europe/Berlin")).status).toBe(303);
  const [tenant] = await web.database.db
    .select()
    .from(tenants)
    .where(sql`id = ${ours.id}`);
  expect(tenant!.timeZone).toBe("Europe/Berlin");
});
