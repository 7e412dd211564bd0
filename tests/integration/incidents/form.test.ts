import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { queryRows, withTenant, type Db } from "@db/client";
import type { AlertSnapshot } from "@domain/snapshots";
import { recordAlerts } from "~/features/alert-sync/record-alerts";
import { formIncidents } from "~/features/incidents/form-incidents";

import { Random } from "../../level-simulator/random";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { createAsset, createClient, createIntegration, createTenant } from "../../support/factories";

const NOON = Date.UTC(2026, 9, 8, 12);
const minute = (at: number) => new Date(NOON + at * 60_000);

let database: TestDatabase;
let place: { tenantId: string; connectionId: string };
let now = minute(0);

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  place = await newAccount();
  now = minute(0);
});

async function newAccount() {
  const tenantId = (await createTenant(database.db)).id;
  return { tenantId, connectionId: (await createIntegration(database.db, { tenantId })).id };
}

const form = (db: Db = database.db) => formIncidents({ db, clock: () => now, nudge: () => {} });

/** An alert of a device, from a minute to another or without end. */
function alert(
  id: string,
  device: string,
  from: number,
  to: number | null,
  name = "Low disk space",
): AlertSnapshot {
  return {
    externalId: id,
    externalDeviceId: device,
    deviceHostname: device.toUpperCase(),
    name,
    description: null,
    payload: null,
    severity: "major",
    providerSeverity: "critical",
    status: to === null ? "active" : "resolved",
    startedAt: minute(from),
    resolvedAt: to === null ? null : minute(to),
  };
}

/** Delivers alerts by webhook, each as of its last change. */
const tell = (...alerts: AlertSnapshot[]) =>
  withTenant(database.db, place.tenantId, (tx) =>
    recordAlerts(
      tx,
      { ...place, now },
      alerts.map((one) => ({
        alert: one,
        observedAt: one.resolvedAt ?? one.startedAt!,
        observedVia: "webhook" as const,
      })),
    ),
  );

interface Formed {
  name: string;
  state: string;
  kind: string;
  isInStorm: boolean;
  active: number;
  alerts: string;
}

/** Incidents by their alerts, without ids: equal alerts give equal incidents. */
const incidents = (tenantId = place.tenantId) =>
  queryRows<Formed>(
    database.db,
    sql`select i.name, i.state, i.severity, i.device_count as devices, i.opened_at::text, i.resolved_at::text,
          i.kind, i.active_count as active, i.storm_id is not null as "isInStorm",
          (select string_agg(a.external_alert_id, ' ' order by a.external_alert_id) from rmm_alerts a
           where a.incident_id = i.id) as alerts
        from incidents i where i.tenant_id = ${tenantId} and i.merged_into_id is null
        order by i.kind, alerts`,
  );

const events = () =>
  queryRows<{ name: string; n: number }>(
    database.db,
    sql`select name, count(*)::int as n from rmm_events where tenant_id = ${place.tenantId} group by name order by name`,
  );

it("an alert that gets another name leaves the incident to alerts of the former name, in any order", async () => {
  await tell(alert("a", "d1", 0, null), alert("b", "d2", 1, null));
  await form();
  now = minute(2);
  await tell({ ...alert("a", "d1", 0, 2), name: "Disk failing" });
  await form();
  expect(await incidents()).toMatchObject([
    { name: "Disk failing", alerts: "a", active: 0 },
    { name: "Low disk space", alerts: "b", active: 1 },
  ]);
});

it("an incident whose only alert gets another name keeps what people did to it, and takes the name", async () => {
  await tell(alert("a", "d1", 0, null, "Unnamed alert"));
  await form();
  const [before] = await queryRows<{ id: string }>(
    database.db,
    sql`update incidents set acknowledged_at = now() where tenant_id = ${place.tenantId} returning id`,
  );
  now = minute(2);
  await tell({ ...alert("a", "d1", 0, 2), name: "Disk failing" });
  await form();
  const after = await queryRows(
    database.db,
    sql`select id, name, acknowledged_at is not null as "isAcknowledged", merged_into_id as "mergedInto"
        from incidents where tenant_id = ${place.tenantId}`,
  );
  expect(after).toEqual([{ id: before!.id, name: "Disk failing", isAcknowledged: true, mergedInto: null }]);
});

it("200 equal alerts on 200 devices within five minutes are one incident, which closes after all are resolved", async () => {
  for (let n = 0; n < 200; n += 20) {
    const some = Array.from({ length: 20 }, (_, i) => alert(`a${n + i}`, `d${n + i}`, (n + i) / 40, null));
    await tell(...some);
    await form();
  }
  expect(await incidents()).toMatchObject([{ state: "open", devices: 200, active: 200 }]);

  now = minute(20);
  await tell(...Array.from({ length: 199 }, (_, n) => alert(`a${n}`, `d${n}`, n / 40, 10)));
  await form();
  now = minute(60);
  await form();
  expect(await incidents()).toMatchObject([{ state: "open", active: 1 }]);

  await tell(alert("a199", "d199", 199 / 40, 58));
  await form();
  expect(await incidents()).toMatchObject([{ state: "open", active: 0 }]);
  now = minute(63);
  await form();
  expect(await incidents()).toMatchObject([{ state: "resolved", devices: 200, active: 0 }]);
  expect(await events()).toEqual([
    { name: "INCIDENT_OPENED", n: 1 },
    { name: "INCIDENT_RESOLVED", n: 1 },
    { name: "INCIDENT_UPDATED", n: 9 },
    { name: "RMM_ALERT_RESOLVED", n: 200 },
    { name: "RMM_ALERT_TRIGGERED", n: 200 },
  ]);
});

it("flapping every minute for three hours is one incident, and a repeat a day later is another", async () => {
  for (let n = 0; n < 90; n++) {
    now = minute(n * 2 + 1);
    await tell(alert(`f${n}`, "d1", n * 2, n * 2 + 1));
    await form();
  }
  expect(await incidents()).toMatchObject([{ state: "open", devices: 1 }]);
  now = minute(24 * 60);
  await form();
  await tell(alert("late", "d1", 24 * 60, null));
  await form();
  expect((await incidents()).map(({ state }) => state).sort()).toEqual(["open", "resolved"]);
});

it("1,000 shuffled, doubled deliveries with the process killed five times give the same incidents as in order", async () => {
  const random = new Random(11, "deliveries");
  const deliveries = Array.from({ length: 250 }, (_, n) => {
    const start = random.int(0, 600);
    const end = random.int(0, 5) === 0 ? null : start + random.int(1, 40);
    const device = `d${random.int(1, 12)}`;
    const name = `Condition ${random.int(1, 6)}`;
    const told = [alert(`a${n}`, device, start, null, name)];
    if (end !== null) told.push(alert(`a${n}`, device, start, end, name));
    return told;
  });
  const ordered = deliveries
    .flat()
    .sort((one, other) => +(one.resolvedAt ?? one.startedAt!) - +(other.resolvedAt ?? other.startedAt!));
  now = minute(24 * 60);
  const inOrder = place;
  await ownDevices();
  for (let n = 0; n < ordered.length; n += 10) {
    await tell(...ordered.slice(n, n + 10));
    await form();
  }

  place = await newAccount();
  await ownDevices();
  const doubled = random.shuffled([...ordered, ...ordered]);
  const rest = random.shuffled(ordered).slice(0, 1_000 - doubled.length);
  let kills = 0;
  for (const [index, delivery] of [...doubled, ...rest].entries()) {
    await tell(delivery);
    if (index % 25 === 0) await form();
    if (index % 40 === 39 && kills < 5)
      await form(dyingAfter(database.db, 3 + kills * 2)).catch(() => {
        kills++;
      });
  }
  await form();
  expect(kills).toBe(5);
  expect(await incidents()).toEqual(await incidents(inOrder.tenantId));
  expect((await incidents()).length).toBeGreaterThan(20);

  /** The first eight devices belong to two clients; the others to none. */
  async function ownDevices() {
    for (let n = 1; n <= 8; n++) await ownDevice(`d${n}`, n % 2 === 0 ? "even" : "odd");
  }
});

it("the rest of a flood of one client's conditions stands under one summary incident", async () => {
  await tell(...Array.from({ length: 50 }, (_, n) => alert(`s${n}`, "d1", n / 20, null, `Condition ${n}`)));
  await form();
  const all = await incidents();
  expect(all.filter(({ kind, isInStorm }) => kind === "condition" && !isInStorm)).toHaveLength(20);
  expect(all.filter(({ kind }) => kind === "storm")).toMatchObject([{ state: "open", active: 30 }]);
  now = minute(60);
  await tell(...Array.from({ length: 50 }, (_, n) => alert(`s${n}`, "d1", n / 20, 50, `Condition ${n}`)));
  await form();
  expect((await incidents()).map(({ state }) => state)).toEqual(Array(51).fill("resolved"));
});

it("a flood across clients stands under one summary of the connection, whatever the order of deliveries", async () => {
  const random = new Random(17, "flood");
  const deliveries = Array.from({ length: 140 }, (_, n) =>
    alert(`a${n}`, `d${random.int(1, 10)}`, random.int(0, 140) / 10, null, `Condition ${n}`),
  );
  // One of the clients exceeds its own rate before all of them do.
  deliveries.push(
    ...Array.from({ length: 30 }, (_, n) => alert(`b${n}`, "d1", -1 - n / 100, null, `Other ${n}`)),
  );
  now = minute(20);
  const inOrder = place;
  await ownDevices();
  await tell(...[...deliveries].sort((one, other) => +one.startedAt! - +other.startedAt!));
  await form();

  place = await newAccount();
  await ownDevices();
  for (const [n, one] of random.shuffled([...deliveries, ...deliveries]).entries()) {
    await tell(one);
    if (n % 12 === 0) await form();
  }
  await form();
  expect(await incidents()).toEqual(await incidents(inOrder.tenantId));
  const kinds = (await incidents()).map(({ kind, active }) => ({ kind, active }));
  expect(kinds.filter(({ kind }) => kind === "connection_storm")).toHaveLength(1);
  expect(kinds.filter(({ kind }) => kind === "storm")).toHaveLength(1);
  const inStorms = kinds.filter(({ kind }) => kind !== "condition").reduce((sum, one) => sum + one.active, 0);
  expect((await incidents()).filter(({ isInStorm }) => isInStorm)).toHaveLength(inStorms);

  async function ownDevices() {
    for (let n = 1; n <= 10; n++) await ownDevice(`d${n}`, `client ${n}`);
  }
});

it("an alert whose device becomes known moves to the incident of its client", async () => {
  await ownDevice("d1", "acme");
  await tell(alert("a1", "d1", 0, null), alert("a2", "d2", 1, null));
  await form();
  expect((await incidents()).map(({ alerts }) => alerts)).toEqual(["a1", "a2"]);
  const assetId = await ownDevice("d2", "acme");
  await database.db.execute(sql`update rmm_alerts set asset_id = ${assetId} where external_alert_id = 'a2'`);
  await form();
  expect((await incidents()).map(({ alerts }) => alerts)).toEqual(["a1 a2"]);
});

it("a late report between two incidents of a device merges them, and keeps what people wrote", async () => {
  await tell(alert("a1", "d1", 0, 5), alert("a3", "d1", 60, 61));
  now = minute(90);
  await form();
  const [, second] = await queryRows<{ id: string }>(
    database.db,
    sql`select id from incidents where tenant_id = ${place.tenantId} order by opened_at`,
  );
  await database.db
    .execute(sql`insert into incident_entries (id, tenant_id, incident_id, kind, actor, text, at)
    values (gen_random_uuid(), ${place.tenantId}, ${second!.id}, 'commented', 'Ann', 'on it', now())`);
  await tell(alert("a2", "d1", 30, 40));
  await form();
  expect((await incidents()).map(({ alerts }) => alerts)).toEqual(["a1 a2 a3"]);
  const comments = await queryRows(
    database.db,
    sql`select e.text from incident_entries e join incidents i on i.id = e.incident_id
        where i.tenant_id = ${place.tenantId} and i.merged_into_id is null and e.kind = 'commented'`,
  );
  expect(comments).toEqual([{ text: "on it" }]);
});

const clientIds = new Map<string, string>();

/** Gives a device an asset of a client of the current tenant. */
async function ownDevice(externalId: string, clientName: string): Promise<string> {
  const { tenantId, connectionId } = place;
  const key = `${tenantId} ${clientName}`;
  if (!clientIds.has(key))
    clientIds.set(key, (await createClient(database.db, { tenantId, name: clientName })).id);
  const asset = await createAsset(database.db, { tenantId, clientId: clientIds.get(key)!, name: externalId });
  await database.db.execute(sql`
    insert into tenant_external_entity_mappings
      (id, tenant_id, integration_id, integration_type, external_type, external_id, asset_id, display_name, content_hash, observed_at)
    values (gen_random_uuid(), ${tenantId}, ${connectionId}, 'levelio', 'device', ${externalId}, ${asset.id},
      ${externalId}, '', now())`);
  return asset.id;
}

/** The database of a process that dies after this many statements: its open transaction is rolled back. */
function dyingAfter(db: Db, statements: number): Db {
  let left = statements;
  const counted = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(from, name) {
        const value: unknown = Reflect.get(from, name);
        if (typeof value !== "function") return value;
        const call = value.bind(from) as (...args: unknown[]) => unknown;
        if (name === "execute")
          return (...args: unknown[]) => {
            if (left-- <= 0) throw new Error("killed");
            return call(...args);
          };
        if (name === "transaction")
          return (work: (tx: object) => unknown, ...rest: unknown[]) =>
            call((tx: object) => work(counted(tx)), ...rest);
        return call;
      },
    });
  return counted(db);
}
