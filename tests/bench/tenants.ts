import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";

import { queryRows, type Db } from "@db/client";

import { startSimulatorProcess, type SimulatorProcess } from "../../scripts/demo/simulator-process";
import { deferSchedules } from "../support/schedule";
import { createCompany, openOffice, readCompany, type Company, type Office } from "./companies";
import { startInstallation } from "./installation";
import { openMeters, type Load } from "./meters";
import { copyTenants } from "./tenant-copies";

export interface TenantsChoice {
  tenants: number;
  devices: number;
  /** Address of an Inngest server; the embedded runner if absent. */
  inngest: string | undefined;
  syncsAtOnce: number | undefined;
  /** Minutes over which the schedules are spread: 60 as in production, 0 for all at once. */
  spreadMinutes: number;
  /** A database that is filled if it does not exist, and kept for the next time. */
  keep: string | undefined;
  /** Minutes after which to give up. */
  minutes: number;
}

export interface TenantsFigures {
  /** Full syncs that completed, that ended otherwise, and that had not ended when the run gave up. */
  completed: number;
  failed: number;
  open: number;
  /** Minutes from the first due time to the last end. */
  minutes: number;
  /** Completed syncs a minute while the middle eight tenths of them ended. */
  perMinute: number;
  /** Seconds from due to end. */
  p50: number;
  p95: number;
  max: number;
  /** Of the samples. */
  deepestQueue: number;
  mostRunning: number;
  rateLimited: number;
  load: Load;
}

/** Fleets that the accounts share: each is synced once, and its rows are copied for the other accounts. */
const FLEETS = 8;
const SAMPLE_MS = 2_000;
const TELL_EVERY = 15;

/** Makes the schedules of many small companies due, and follows their full syncs until the last has ended. */
export async function measureTenants(postgresUrl: string, choice: TenantsChoice): Promise<TenantsFigures> {
  const fleets = Math.min(FLEETS, choice.tenants);
  const sizes = { devices: choice.devices, accounts: choice.tenants, fleets };
  const api = await startSimulatorProcess(
    Object.entries(sizes).flatMap(([name, n]) => [`--${name}`, String(n)]),
  );
  try {
    const office = await openOffice({
      postgresUrl,
      levelUrl: api.url,
      inngest: choice.inngest,
      keep: choice.keep,
    });
    try {
      await seed(office, api, choice.tenants, fleets);
      return await follow(office, api, choice);
    } finally {
      await office.close();
    }
  } finally {
    await api.stop();
  }
}

async function seed(office: Office, api: SimulatorProcess, tenants: number, fleets: number): Promise<void> {
  const [there] = await queryRows<{ n: number }>(
    office.app.db,
    sql`select count(*)::int as n from rmm_integrations`,
  );
  if (there!.n === tenants) return;
  if (there!.n > 0) throw new Error(`The database that was kept has ${there!.n} tenants.`);
  const companies: Company[] = [];
  for (let n = 0; n < tenants; n++)
    companies.push(await createCompany(office, `company-${n}`, n === 0 ? api.apiKey : `${api.apiKey}-${n}`));
  for (const company of companies.slice(0, fleets)) await readCompany(office, company);
  const copies = companies.slice(fleets).map((company, n) => ({ ...company, from: companies[n % fleets]! }));
  await copyTenants(office.databaseUrl, copies);
  process.stderr.write(`  ${tenants} tenants seeded\n`);
}

async function follow(office: Office, api: SimulatorProcess, choice: TenantsChoice): Promise<TenantsFigures> {
  const { app, databaseUrl } = office;
  const { db } = app;
  await deferSchedules(db);
  const installation = await startInstallation({ ...choice, databaseUrl, levelUrl: api.url });
  try {
    const meters = await openMeters(db, {
      app: installation.pids,
      inngest: choice.inngest,
      simulator: api.pid,
    });
    await fallDue(db, choice.spreadMinutes);
    const begunAt = performance.now();
    const queue = { deepest: 0, most: 0 };
    for (let sample = 0; ; sample++) {
      const now = await countRuns(db);
      queue.deepest = Math.max(queue.deepest, now.queued);
      queue.most = Math.max(queue.most, now.running);
      const minutes = (performance.now() - begunAt) / 60_000;
      if (sample % TELL_EVERY === 0)
        process.stderr.write(
          `  ${minutes.toFixed(1)} min: ${now.due} due, ${now.queued} queued, ${now.running} running, ${now.ended} ended; ${await meters.words()}\n`,
        );
      if (now.ended >= choice.tenants || minutes > choice.minutes) break;
      await sleep(SAMPLE_MS);
    }
    const load = await meters.read();
    const times = await readTimes(db);
    const rateLimited = await readRateLimited(api);
    return { ...times, deepestQueue: queue.deepest, mostRunning: queue.most, rateLimited, load };
  } finally {
    await installation.stop();
  }
}

/** Sets when each connection is due. Comparisons of alerts run every quarter of an hour, evenly spread. */
async function fallDue(db: Db, spreadMinutes: number): Promise<void> {
  await db.execute(sql`
    create table if not exists bench_dues (connection_id uuid primary key, due_at timestamptz not null)`);
  await db.execute(sql`truncate bench_dues`);
  await db.execute(sql`
    insert into bench_dues
    select id, now() + make_interval(secs => 60.0 * ${spreadMinutes}::float8
      * (row_number() over (order by md5(id::text)) - 1) / count(*) over ())
    from rmm_integrations`);
  await db.execute(sql`
    update rmm_integrations i
    set next_full_sync_at = due_at,
      next_alerts_sync_at = now() + interval '14 minutes' * (('x' || left(md5(i.id::text), 7))::bit(28)::int / 268435456.0)
    from bench_dues where connection_id = i.id`);
}

/** The full syncs since the schedules fell due. */
const dueRuns = sql`bench_dues d left join lateral (
  select r.status, r.started_at, r.ended_at from rmm_sync_runs r
  where r.integration_id = d.connection_id and r.type = 'full' and r.trigger = 'schedule'
    and r.requested_at >= d.due_at - interval '2 seconds'
  order by r.requested_at limit 1) r on true`;

async function countRuns(db: Db) {
  const [row] = await queryRows<{ due: number; queued: number; running: number; ended: number }>(
    db,
    sql`select count(*) filter (where r.status is null and d.due_at <= now())::int as due,
          count(*) filter (where r.status = 'queued')::int as queued,
          count(*) filter (where r.status = 'running')::int as running,
          count(*) filter (where r.ended_at is not null)::int as ended
        from ${dueRuns}`,
  );
  return row!;
}

async function readTimes(db: Db) {
  const took = sql`extract(epoch from r.ended_at - d.due_at)`;
  const [row] = await queryRows<
    Record<"completed" | "failed" | "open" | "minutes" | "perMinute" | "p50" | "p95" | "max", number>
  >(
    db,
    sql`select count(*) filter (where r.status = 'completed')::int as completed,
          count(*) filter (where r.status <> 'completed' and r.ended_at is not null)::int as failed,
          count(*) filter (where r.ended_at is null)::int as open,
          (extract(epoch from max(r.ended_at) - min(d.due_at)) / 60)::float8 as minutes,
          (0.8 * count(r.ended_at) * 60 / nullif(extract(epoch from
            percentile_disc(0.9) within group (order by r.ended_at)
            - percentile_disc(0.1) within group (order by r.ended_at)), 0))::float8 as "perMinute",
          percentile_cont(0.5) within group (order by ${took})::float8 as p50,
          percentile_cont(0.95) within group (order by ${took})::float8 as p95,
          max(${took})::float8 as max
        from ${dueRuns}`,
  );
  return row!;
}

async function readRateLimited({ url }: SimulatorProcess): Promise<number> {
  const answer = await fetch(`${url}/_control/stats`);
  return ((await answer.json()) as { rateLimited: number }).rateLimited;
}
