import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";

import { queryRows, type Db } from "@db/client";

import { startSimulatorProcess } from "../../scripts/demo/simulator-process";
import { deferSchedules } from "../support/schedule";
import { createCompany, openOffice, readCompany, signIn, type Company, type Office } from "./companies";
import { startInstallation } from "./installation";
import { seedFleet } from "./list-fleet";
import { openMeters, type Load } from "./meters";
import { openTraffic, pageStream, sharesOf, webhookStream, type Answers } from "./traffic";
import { readDeviceIds } from "./webhook-load";

export interface HeavyChoice {
  assets: number;
  alerts: number;
  closedUpdates: number;
  /** Concurrent searches of the one account. */
  searches: number;
  seconds: number;
  inngest: string | undefined;
  /** A database that is filled if needed and kept for the next time; a database of the lists also works. */
  keep: string | undefined;
}

export interface HeavyFigures {
  searches: Pick<Answers, "p50" | "p95" | "answers"> & {
    /** Number of answers by status; 0 means no answer. */
    statuses: Record<number, number>;
  };
  /** Pages of another company, light pages of the same company, `/readyz`, and webhooks of the other company. */
  others: Answers;
  own: Answers;
  ready: Answers;
  webhook: Answers;
  load: Load;
}

const NEIGHBOUR = "neighbour";
const NEIGHBOUR_DEVICES = 500;
const NEIGHBOUR_PAGES = ["/", "/assets", "/clients", "/alerts", "/patches", "/runs"];
const LIGHT_PAGES = ["/runs", "/settings/people", "/settings/account"];
const SEARCHES = [
  "/search?q=desktop",
  "/search?q=client%2077",
  "/search?q=nothing%20like%20it",
  "/alerts/list?state=all&q=cpu",
  "/alerts?state=all&q=busy",
  "/assets?state=all&q=a1b",
  "/assets?q=laptop&sort=seen",
  "/patches?q=update%2039",
  "/patches/devices?q=desktop",
];

/** Makes one account search as fast as it can, and times what others request meanwhile. */
export async function measureHeavyAccount(postgresUrl: string, choice: HeavyChoice): Promise<HeavyFigures> {
  const { inngest, keep } = choice;
  const api = await startSimulatorProcess(["--devices", String(NEIGHBOUR_DEVICES)]);
  const office = await openOffice({ postgresUrl, levelUrl: api.url, inngest, keep });
  try {
    const { db } = office.app;
    const heavyId = await seedHeavy(db, choice);
    const neighbour = await findNeighbour(office, api.apiKey);
    await deferSchedules(db);
    const deviceIds = await readDeviceIds(api, 200);
    const cookies = {
      heavy: await signIn(office, heavyId),
      neighbour: await signIn(office, neighbour.tenantId),
    };
    const installation = await startInstallation({
      ...choice,
      databaseUrl: office.databaseUrl,
      levelUrl: api.url,
    });
    const { url } = installation;
    try {
      const meters = await openMeters(db, { app: installation.pids, inngest, simulator: api.pid });
      const traffic = openTraffic({
        others: pageStream(url, cookies.neighbour, NEIGHBOUR_PAGES, 5),
        own: pageStream(url, cookies.heavy, LIGHT_PAGES, 1),
        ready: { perSecond: 1, status: 200, ask: () => fetch(`${url}/readyz`) },
        webhook: await webhookStream(office, url, neighbour, { deviceIds, perSecond: 20 }),
      });
      const searches = await searchFor(url, cookies.heavy, choice);
      return { searches, ...(await traffic.stop()), load: await meters.read() };
    } finally {
      await installation.stop();
    }
  } finally {
    await office.close();
    await api.stop();
  }
}

/** Simulates `searches` people of one account, each of whom searches again as soon as they have an answer. */
async function searchFor(url: string, cookie: string, { searches, seconds }: HeavyChoice) {
  const times: number[] = [];
  const statuses: Record<number, number> = {};
  const endAt = performance.now() + seconds * 1000;
  const person = async (first: number) => {
    for (let n = first; performance.now() < endAt; n++) {
      const begunAt = performance.now();
      const status = await fetch(url + SEARCHES[n % SEARCHES.length]!, {
        headers: { cookie },
        redirect: "manual",
      })
        .then(async (response) => (await response.arrayBuffer(), response.status))
        .catch(() => 0);
      statuses[status] = (statuses[status] ?? 0) + 1;
      times.push(performance.now() - begunAt);
      // Waits after a refusal, which comes at once, as a person would.
      if (status !== 200) await sleep(250);
    }
  };
  await Promise.all(Array.from({ length: searches }, (_, n) => person(n)));
  return { ...sharesOf(times), answers: times.length, statuses };
}

/**
 * The company with the most assets, made if there is none, and filled up with closed updates to the number asked for.
 */
async function seedHeavy(db: Db, { assets, alerts, closedUpdates }: HeavyChoice): Promise<string> {
  const [there] = await queryRows<{ id: string }>(
    db,
    sql`select tenant_id as id from assets group by tenant_id order by count(*) desc limit 1`,
  );
  const clients = Math.max(1, Math.round(assets / 125));
  const id = there?.id ?? (await seedFleet(db, { assets, updates: assets * 3, alerts, clients })).tenantId;
  await db.execute(sql`
    insert into rmm_device_updates (id, tenant_id, integration_id, external_update_id, external_device_id, name, category,
      kb_ids, content_hash, is_available, available_since, ended_at, observed_at, created_at)
    select gen_random_uuid(), ${id}, (select id from rmm_integrations where tenant_id = ${id} limit 1), 'closed-' || n,
      'device-' || 1 + n % ${assets}::int, 'Update ' || n % 4000, 'Security', array['KB' || n % 4000], md5(n::text), false,
      now() - make_interval(days => 30 + n % 300), now() - make_interval(days => n % 30), now(), now()
    from generate_series(1 + (select count(*)::int from rmm_device_updates where tenant_id = ${id} and not is_available),
      ${closedUpdates}::int) n`);
  // The incidents of a history were formed as its alerts came, and are no work of this hour.
  await db.execute(sql`update rmm_alerts set grouping_due = 0 where tenant_id = ${id} and grouping_due > 0`);
  await db.execute(sql`vacuum analyze rmm_device_updates, rmm_alerts`);
  return id;
}

async function findNeighbour(office: Office, apiKey: string): Promise<Company> {
  const [there] = await queryRows<Company>(
    office.app.db,
    sql`select t.id as "tenantId", i.id as "connectionId" from tenants t join rmm_integrations i on i.tenant_id = t.id
        where t.slug = ${NEIGHBOUR}`,
  );
  if (there !== undefined) return there;
  const company = await createCompany(office, NEIGHBOUR, apiKey);
  await readCompany(office, company);
  return company;
}
