import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { asc, sql } from "drizzle-orm";

import { queryRows, type Db } from "@db/client";
import { rmmAlerts, rmmIntegrations } from "@db/schema";
import { canonicalJson } from "@domain/content-hash";
import { formIncidents } from "~/features/incidents/form-incidents";

import { BuiltServer, freePort } from "./built-server";
import { createTestDatabase, type DatabaseKind, type TestDatabase } from "./database";
import { makeStorm, type AlertState, type StormDelivery } from "./delivery-storm";
import { openFolder } from "./embedded-folder";
import { openOwnCluster } from "./own-cluster";
import { openStormTickets, type TicketOutcome } from "./storm-tickets";
import { createSyncWorld, TEST_APP_SECRET } from "./sync";
import { createWebhookWorld } from "./webhook";

export interface StormOutcome {
  /** Alerts that differ from the model: the first few, each beside the expected state. */
  wrong: { is: AlertState | undefined; mustBe: AlertState | undefined }[];
  /** Recorded deliveries and published events; each must equal the number of events sent. */
  recorded: number;
  published: number;
  events: number;
  /** Number of kills or outages. */
  kills: number;
  /** Incidents with their alerts: as the killed server formed them, and as formed from the alerts in order. */
  incidents: { formed: string[]; inOrder: string[] };
  tickets: TicketOutcome;
}

/** Milliseconds that the database is away. */
const AWAY_MS = 700;

/** Concurrent requests. */
const AT_ONCE = 16;

/**
 * Sends a storm of deliveries to a server process that is killed and restarted meanwhile, retrying on a 5xx or a
 * dropped connection, and returns the outcome.
 */
export async function stormKilledServer(
  kind: DatabaseKind,
  size: number,
  kills: number,
): Promise<StormOutcome> {
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-storm-"));
  const dataDir = path.join(folder, "data");
  const database = kind === "postgres" ? await createTestDatabase("postgres") : await openFolder(dataDir);
  try {
    return await stormServer({ database, dataDir, size, times: kills }, (server) => server.killAndRestart());
  } finally {
    if (kind === "postgres") await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sends such a storm while the server's Postgres is stopped and started `times` times. */
export async function stormThroughOutages(size: number, times: number): Promise<StormOutcome> {
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-storm-"));
  const { database, server } = await openOwnCluster();
  let back: Promise<void> = Promise.resolve();
  const goAway = () => {
    back = back
      .then(() => server.halt())
      .then(() => sleep(AWAY_MS))
      .then(() => server.start());
    back.catch(() => {});
  };
  try {
    const storm = { database, dataDir: path.join(folder, "data"), size, times, until: () => back };
    return await stormServer(storm, goAway);
  } finally {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface DisturbedStorm {
  database: TestDatabase;
  dataDir: string;
  size: number;
  times: number;
  /** Work that must end before the outcome is read. */
  until?: () => Promise<void>;
}

async function stormServer(
  { database, dataDir, size, times, until }: DisturbedStorm,
  disturb: (server: BuiltServer) => void,
): Promise<StormOutcome> {
  const { kind } = database;
  const world = await createSyncWorld({ database, devices: 20, alerts: 0 });
  const helpdesk = await openStormTickets(world);
  try {
    const { secret, tenant } = await createWebhookWorld(world);
    const storm = makeStorm(size, 7, secret);
    // Level knows none of these alerts, so a scheduled comparison would rightly close them all.
    await database.db.update(rmmIntegrations).set({ pausedAt: new Date(), alertsPausedAt: new Date() });
    if (kind === "embedded") await database.close();
    const server = new BuiltServer(await freePort(), {
      LEVELIO_API_BASE_URL: world.simulator.url,
      APP_SECRET: TEST_APP_SECRET,
      DATA_DIR: dataDir,
      ...helpdesk.env,
      ...(database.url === undefined ? {} : { DATABASE_URL: database.url }),
    });
    await server.start();
    const url = `${server.url}/api/webhooks/levelio?tenant=${tenant}`;
    let answered = 0;
    const killAt = Array.from({ length: times }, (_, n) => Math.floor(((n + 1) * size) / (times + 1)));
    await sendAll(url, storm.deliveries, () => {
      if (++answered === killAt[0]) {
        killAt.shift();
        disturb(server);
      }
    });
    await until?.();
    await server.stop();
    const open = kind === "postgres" ? database : await openFolder(dataDir);
    const read = await readOutcome(open.db);
    const tickets = await helpdesk.finish(open.db);
    const incidents = await readIncidents(open.db);
    if (kind === "embedded") await open.close();
    const { alerts, ...counts } = read;
    return {
      ...counts,
      wrong: differences(alerts, storm.expected).slice(0, 5),
      events: storm.events,
      kills: times - killAt.length,
      incidents,
      tickets,
    };
  } finally {
    await helpdesk.close();
    await world.simulator.close();
  }
}

function differences(alerts: AlertState[], expected: AlertState[]): StormOutcome["wrong"] {
  const is = new Map(alerts.map((alert) => [alert.externalId, alert]));
  const mustBe = new Map(expected.map((alert) => [alert.externalId, alert]));
  return [...new Set([...is.keys(), ...mustBe.keys()])]
    .map((id) => ({ is: is.get(id), mustBe: mustBe.get(id) }))
    .filter((pair) => canonicalJson(pair.is) !== canonicalJson(pair.mustBe));
}

async function readOutcome(db: Db) {
  const alerts = await db
    .select({
      externalId: rmmAlerts.externalAlertId,
      status: rmmAlerts.status,
      name: rmmAlerts.name,
      severity: rmmAlerts.severity,
      description: rmmAlerts.description,
    })
    .from(rmmAlerts)
    .orderBy(asc(sql`${rmmAlerts.externalAlertId} collate "C"`));
  const [counts] = (await db.execute(sql`
    select (select count(*)::int from rmm_webhook_deliveries) as recorded,
           (select count(*)::int from rmm_events where name = 'RMM_WEBHOOK_RECEIVED') as published`)) as unknown as [
    { recorded: number; published: number },
  ];
  return { alerts, ...counts };
}

/** Forms the incidents that are still due, reads them, and forms them again from the alerts alone. */
async function readIncidents(db: Db): Promise<StormOutcome["incidents"]> {
  const deps = { db, clock: () => new Date(), nudge: () => {} };
  await formIncidents(deps);
  const formed = await listIncidents(db);
  await db.execute(sql`update rmm_alerts set incident_id = null, grouped_from = null, grouping_due = 1`);
  await db.execute(sql`delete from incidents`);
  await formIncidents(deps);
  return { formed, inOrder: await listIncidents(db) };
}

async function listIncidents(db: Db): Promise<string[]> {
  const rows = await queryRows<{ text: string }>(
    db,
    sql`select concat_ws(' ', i.name, i.severity, i.storm_id is not null,
          (select string_agg(a.external_alert_id, ',' order by a.external_alert_id collate "C")
           from rmm_alerts a where a.incident_id = i.id)) as text
        from incidents i where i.kind = 'condition' and i.merged_into_id is null`,
  );
  return rows.map(({ text }) => text).sort();
}

/** Sends each delivery until it is answered; any answer but 2xx or 5xx is an error of the test. */
async function sendAll(url: string, deliveries: StormDelivery[], onAnswer: () => void): Promise<void> {
  const waiting = [...deliveries];
  const send = async ({ body, headers }: StormDelivery) => {
    for (;;) {
      const status = await fetch(url, {
        method: "POST",
        body,
        headers: { "content-type": "application/json", ...headers },
      }).then(
        async (response) => {
          await response.arrayBuffer();
          return response.status;
        },
        () => 599,
      );
      if (status < 300) return onAnswer();
      if (status < 500) throw new Error(`A delivery was answered ${status}.`);
      await sleep(100);
    }
  };
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await send(next);
    }),
  );
}
