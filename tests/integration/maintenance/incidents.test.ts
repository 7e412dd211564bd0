import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { maintenanceWindows } from "@db/schema";
import { anyAlert, type AlertConditions } from "@domain/alert-conditions";
import type { AlertSnapshot } from "@domain/snapshots";

import { createTestDatabase, type TestDatabase } from "../../support/database";
import {
  createAsset,
  createClient,
  createIntegration,
  createTenant,
  createUser,
} from "../../support/factories";
import { reportAndForm } from "../../support/reported-alerts";

const at = (clock: string) => new Date(`2026-06-10T${clock}:00.000Z`);

let database: TestDatabase;
let place: { tenantId: string; connectionId: string };
let clientId: string;
let now = at("21:00");

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  const tenantId = (await createTenant(database.db)).id;
  place = { tenantId, connectionId: (await createIntegration(database.db, { tenantId })).id };
  clientId = (await createClient(database.db, { tenantId, name: "Acme" })).id;
  await createUser(database.db, { tenantId, role: "admin", email: "ann@example.com", passwordHash: "x" });
  await database.db.execute(sql`
    insert into outgoing_subscriptions (id, tenant_id, url, event_names)
    values (gen_random_uuid(), ${tenantId}, 'https://example.com/hook',
      array['INCIDENT_OPENED', 'INCIDENT_UPDATED', 'INCIDENT_RESOLVED'])`);
});

/** Every night from 22:00 to 23:00 UTC. */
const nightly = async (conditions: Partial<AlertConditions> = {}, other: object = {}) => {
  const [row] = await database.db
    .insert(maintenanceWindows)
    .values({
      tenantId: place.tenantId,
      name: "Patch night",
      conditions: { ...anyAlert, ...conditions },
      startsAt: "2026-06-01T22:00",
      endsAt: "2026-06-01T23:00",
      rule: "FREQ=DAILY",
      suppressesNotices: true,
      suppressesTickets: true,
      ...other,
    })
    .returning();
  return row!.id;
};

async function pass(clock: string, ...alerts: AlertSnapshot[]): Promise<void> {
  now = at(clock);
  await reportAndForm(database.db, place, now, alerts);
}

const alert = (device: string, from: string, to: string | null = null, name = "Offline"): AlertSnapshot => ({
  externalId: `${device} ${name} ${from}`,
  externalDeviceId: device,
  deviceHostname: device,
  name,
  description: null,
  payload: null,
  severity: "major",
  providerSeverity: "critical",
  status: to === null ? "active" : "resolved",
  startedAt: at(from),
  resolvedAt: to === null ? null : at(to),
});

async function ownDevice(externalId: string, isInMaintenance = false): Promise<string> {
  const asset = await createAsset(database.db, { tenantId: place.tenantId, clientId, name: externalId });
  await database.db.execute(sql`
    insert into asset_details (asset_id, tenant_id, system_info)
    values (${asset.id}, ${place.tenantId}, ${JSON.stringify({ maintenanceMode: isInMaintenance, tags: ["lab"] })}::text::jsonb)
    on conflict (asset_id) do update set system_info = excluded.system_info`);
  await database.db.execute(sql`
    insert into tenant_external_entity_mappings
      (id, tenant_id, integration_id, integration_type, external_type, external_id, asset_id, display_name, content_hash, observed_at)
    values (gen_random_uuid(), ${place.tenantId}, ${place.connectionId}, 'levelio', 'device', ${externalId}, ${asset.id},
      ${externalId}, '', now())`);
  return asset.id;
}

/** The notices that subscribers got. */
const told = async () =>
  (
    await queryRows<{ name: string }>(
      database.db,
      sql`select e.name from outgoing_deliveries d join rmm_events e on e.id = d.event_id
          where d.tenant_id = ${place.tenantId} order by e.id`,
    )
  ).map(({ name }) => name);

const mails = () =>
  queryRows<{ subject: string; body: string; recipients: string[]; path: string }>(
    database.db,
    sql`select subject, body, recipients, path from notifications where tenant_id = ${place.tenantId} order by id`,
  );

const states = () =>
  queryRows<{ state: string; quiet: boolean; ticketless: boolean }>(
    database.db,
    sql`select state, notices_suppressed as quiet, tickets_suppressed as ticketless from incidents
        where tenant_id = ${place.tenantId} and merged_into_id is null order by opened_at`,
  );

it("an incident that begins and ends in a window is recorded without notices", async () => {
  await nightly();
  await pass("22:10", alert("pc", "22:05"));
  expect(await states()).toEqual([{ state: "open", quiet: true, ticketless: true }]);
  await pass("22:30", alert("pc", "22:05", "22:20"));
  expect(await states()).toMatchObject([{ state: "resolved" }]);
  await pass("23:30");
  expect(await told()).toEqual([]);
  expect(await mails()).toEqual([]);
});

it("one e-mail lists what is still open when a window ends, and later ends are reported as usual", async () => {
  await nightly();
  for (const device of ["pc1", "pc2", "pc3"]) await ownDevice(device);
  await pass(
    "22:10",
    alert("pc1", "22:05"),
    alert("pc2", "22:05", null, "Disk <full>"),
    alert("pc3", "22:06", "22:07"),
  );
  await pass("22:59");
  expect(await mails()).toEqual([]);
  await pass("23:00");
  await pass("23:01");
  expect(await mails()).toEqual([
    {
      subject: "Maintenance “Patch night” ended: 2 incidents are still open",
      body: expect.stringMatching(
        /Offline, .*Acme[^]*Disk <full>, pc2, Acme|Disk <full>, pc2, Acme[^]*Offline/,
      ),
      recipients: ["ann@example.com"],
      path: "/alerts",
    },
  ]);
  expect(await told()).toEqual([]);
  await pass("23:20", alert("pc1", "22:05", "23:10"));
  expect(await told()).toEqual(["INCIDENT_RESOLVED"]);
});

it("an alert that began before a window and ends after it is reported as without one", async () => {
  await nightly();
  await pass("21:50", alert("pc", "21:50"));
  await pass("22:30");
  await pass("23:30", alert("pc", "21:50", "23:20"));
  expect(await told()).toEqual(["INCIDENT_OPENED", "INCIDENT_RESOLVED"]);
  expect(await mails()).toEqual([]);
});

it("a late report about what was over before a window's end sends nothing, and one about what lasts does", async () => {
  await nightly();
  await pass("23:02", alert("pc", "22:50", "22:59"));
  expect(await told()).toEqual([]);
  await pass("23:10", alert("nas", "22:55", null, "Disk full"));
  expect(await told()).toEqual(["INCIDENT_OPENED"]);
});

it("a window for one client, one tag or one name leaves everything else alone", async () => {
  await nightly({ clientIds: [clientId], tags: ["lab"], name: "off*" });
  await ownDevice("pc");
  await pass("22:10", alert("pc", "22:05"), alert("pc", "22:05", null, "Disk full"), alert("other", "22:05"));
  expect((await states()).map(({ quiet }) => quiet).sort()).toEqual([false, false, true]);
});

it("a window that suppresses only tickets sends notices", async () => {
  await nightly({}, { suppressesNotices: false });
  await pass("22:10", alert("pc", "22:05"));
  expect(await states()).toEqual([{ state: "open", quiet: false, ticketless: true }]);
  expect(await told()).toEqual(["INCIDENT_OPENED"]);
});

it("the RMM's own maintenance mode counts as a window, and its end is reported", async () => {
  const assetId = await ownDevice("pc", true);
  await pass("12:10", alert("pc", "12:05"));
  await pass("13:00");
  expect(await states()).toMatchObject([{ quiet: true }]);
  expect(await told()).toEqual([]);
  await database.db.execute(
    sql`update asset_details set system_info = '{"maintenanceMode": false}' where asset_id = ${assetId}`,
  );
  await pass("13:01");
  expect(await states()).toMatchObject([{ quiet: false }]);
  expect((await mails()).map(({ subject }) => subject)).toEqual([
    "Maintenance mode ended: 1 incident is still open",
  ]);
});

it("a storm in maintenance is as quiet as its incidents", async () => {
  await nightly();
  await pass("22:10", ...Array.from({ length: 30 }, (_, n) => alert("pc", "22:05", null, `Condition ${n}`)));
  expect(await told()).toEqual([]);
  await pass("23:00");
  expect(await mails()).toMatchObject([
    { subject: "Maintenance “Patch night” ended: 21 incidents are still open" },
  ]);
});

it("a paused window suppresses nothing", async () => {
  await nightly({}, { pausedAt: at("12:00") });
  await pass("22:10", alert("pc", "22:05"));
  expect(await told()).toEqual(["INCIDENT_OPENED"]);
});
