import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";

import { queryRows, type Db } from "@db/client";
import { requestSync } from "~/features/sync-engine/request-sync";

import { compileProgram } from "./compiled";
import { createTestDatabase } from "./database";
import { deferSchedules } from "./schedule";
import { createSyncWorld, TEST_APP_SECRET, type SyncWorld } from "./sync";

/** Slow enough that runs are open when a process is killed. */
const FLEET = { devices: 700, seed: 17, latencyMs: 150 };
const DEVICE_PAGES = 7;

export interface TwoProcessesOutcome {
  /** Statuses of the requested runs. */
  statuses: string[];
  /** Number of other runs, of any kind. */
  otherRuns: number;
  /** Milliseconds from each kill to the first page that the other process committed. */
  takeoversMs: number[];
  /** Device pages in the checkpoints, and the expected number. */
  pages: number;
  expectedPages: number;
  /** `RMM_SYNC_STARTED` and `RMM_SYNC_COMPLETED` in the outbox. */
  published: number;
  /** Fetches of device pages beyond one each: only pages in flight at a kill are fetched again. */
  extraFetches: number;
}

/**
 * Runs full syncs of several accounts by two processes on one database, kills the executing process `kills` times and
 * starts another in its place, and returns the outcome of the runs.
 */
export async function syncOnTwoProcesses(accounts: number, kills: number): Promise<TwoProcessesOutcome> {
  const database = await createTestDatabase("postgres");
  const worlds: SyncWorld[] = [];
  const processes: AppProcess[] = [];
  try {
    for (let n = 0; n < accounts; n++) worlds.push(await openWorld(database));
    const { simulator } = worlds[0]!;
    const env = {
      DATABASE_URL: database.url!,
      LEVELIO_API_BASE_URL: simulator.url,
      APP_SECRET: TEST_APP_SECRET,
    };
    const { db } = database;
    const runIds = await Promise.all(worlds.map(queueFull));
    simulator.stats.reset();
    processes.push(new AppProcess(env), new AppProcess(env));

    const takeoversMs: number[] = [];
    for (let kill = 0; kill < kills; kill++) {
      const pagesBefore = await countDevicePages(db);
      await until(async () => (await countDevicePages(db)) > pagesBefore + 1);
      const leader = processes.find((each) => each.isLeader)!;
      await leader.kill();
      const killedAt = new Date();
      processes.splice(processes.indexOf(leader), 1, new AppProcess(env));
      takeoversMs.push((await firstPageAfter(db, killedAt)).getTime() - killedAt.getTime());
    }
    await until(async () => (await statusesOf(db)).every(({ ended }) => ended));
    const fetches = simulator.stats.log.filter(({ url }) => url.startsWith("/v2/devices?")).length;
    const all = await statusesOf(db);
    const asked = all.filter(({ id }) => runIds.includes(id));
    return {
      statuses: asked.map(({ status }) => status),
      otherRuns: all.length - asked.length,
      takeoversMs,
      pages: await countDevicePages(db),
      expectedPages: accounts * DEVICE_PAGES,
      published: await countPublished(db),
      extraFetches: fetches - accounts * DEVICE_PAGES,
    };
  } finally {
    for (const each of processes) await each.kill();
    for (const world of worlds) await world.simulator.close();
    await database.close();
  }
}

/** A mapped account. All accounts use the first one's simulator, which accepts each of their keys. */
async function openWorld(database: SyncWorld["database"]): Promise<SyncWorld> {
  const world = await createSyncWorld({ ...FLEET, latencyMs: 0, database });
  await world.sync("organizations");
  await world.mapAll();
  world.simulator.setLatency(FLEET.latencyMs);
  await deferSchedules(database.db);
  await database.db.execute(sql`delete from rmm_sync_runs where type = 'organizations'`);
  await database.db.execute(sql`delete from rmm_events`);
  return world;
}

async function queueFull({ deps, tenantId, connectionId }: SyncWorld): Promise<string> {
  const request = { tenantId, connectionId, type: "full", trigger: "manual", actor: "test" } as const;
  const outcome = await requestSync({ ...deps, transport: "inngest" }, request);
  if (outcome.state !== "queued") throw new Error(outcome.state);
  return outcome.run.id;
}

const statusesOf = (db: Db) =>
  queryRows<{ id: string; status: string; ended: boolean }>(
    db,
    sql`select id, status, ended_at is not null as ended from rmm_sync_runs`,
  );

async function countOf(db: Db, count: ReturnType<typeof sql>): Promise<number> {
  const [row] = await queryRows<{ n: number }>(db, sql`select count(*)::int as n from ${count}`);
  return row!.n;
}

const countDevicePages = (db: Db) => countOf(db, sql`rmm_sync_run_pages where resource = 'devices'`);

const countPublished = (db: Db) =>
  countOf(db, sql`rmm_events where name in ('RMM_SYNC_STARTED', 'RMM_SYNC_COMPLETED')`);

async function firstPageAfter(db: Db, at: Date): Promise<Date> {
  let first: number | null = null;
  await until(async () => {
    const [row] = await queryRows<{ ms: number | null }>(
      db,
      sql`select (extract(epoch from min(committed_at)) * 1000)::float8 as ms from rmm_sync_run_pages
          where committed_at > ${at.toISOString()}`,
    );
    first = row!.ms;
    return first !== null;
  });
  return new Date(first!);
}

const GIVE_UP_MS = 120_000;

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + GIVE_UP_MS; !(await condition()); await sleep(50)) {
    if (Date.now() > deadline) throw new Error("Nothing happened for two minutes.");
  }
}

/** Starts `runner-process.ts` with the lease duration of production. */
class AppProcess {
  isLeader = false;
  readonly #child: ChildProcess;

  constructor(env: Record<string, string>) {
    this.#child = spawn(process.execPath, [compileProgram("tests/support/runner-process.ts")], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...env, VITEST: "" },
    });
    createInterface({ input: this.#child.stdout! }).on("line", (line) => {
      if (line === "holding") this.isLeader = true;
    });
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }
}
