import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";

import { queryRows } from "@db/client";
import { listTenants } from "@db/queries/connections/connections";

import type { Resource } from "../level-simulator/records";
import { compileProgram } from "./compiled";
import { createTestDatabase, type DatabaseKind, type TestDatabase } from "./database";
import { openFolder } from "./embedded-folder";
import { deferSchedules } from "./schedule";
import { mountSmallDisk } from "./small-disk";
import { createSyncWorld, listDeviceRows, listUpdateRows, TEST_APP_SECRET } from "./sync";

/** The instant of a kill: `delayMs` after the simulator is about to send the n-th page of a resource. */
export interface KillPoint {
  resource: Resource;
  page: number;
  delayMs: number;
}

export interface Outcome {
  status: string;
  rows: Record<string, unknown>[];
  /** The published events, with their counts. */
  events: Record<string, unknown>[];
}

/** Runs a full sync in a process of its own, kills it at the point, starts it again, and returns the outcome. */
export async function syncWithKill(
  kind: DatabaseKind,
  point: KillPoint | null,
  devices: number,
): Promise<Outcome> {
  const home = await prepare(kind, devices);
  try {
    const { simulator } = home;
    let child = startSyncProcess(home.env);
    if (point !== null) {
      const reached = new Promise<void>((resolve) => {
        simulator.faults.afterPage(point.resource, point.page, () => resolve());
      });
      await Promise.race([reached, once(child, "exit")]);
      await sleep(point.delayMs);
      await kill(child);
      child = startSyncProcess(home.env);
    }
    const status = await endOfSync(child);
    return { status, ...(await home.outcome()) };
  } finally {
    await home.close();
  }
}

const DISK_MB = 200;
const FULL_MS = 2_000;

/**
 * The same on an embedded database whose disk is full for a while from a page of the resource on. A process that ends
 * because of that is started again once there is room.
 */
export async function syncWithFullDisk(resource: Resource, devices: number): Promise<Outcome> {
  const disk = mountSmallDisk(DISK_MB)!;
  const home = await prepare("embedded", devices, disk.folder);
  let child: ChildProcess | undefined;
  try {
    child = startSyncProcess(home.env);
    const reached = new Promise<void>((resolve) => {
      home.simulator.faults.afterPage(resource, 2, () => resolve());
    });
    await Promise.race([reached, once(child, "exit")]);
    disk.fill();
    // Without room a table refuses the statement; the log ends the process.
    await Promise.race([once(child, "exit"), sleep(FULL_MS)]);
    disk.makeRoom();
    let status = await endOfSync(child);
    if (status === "died") status = await endOfSync((child = startSyncProcess(home.env)));
    return { status, ...(await home.outcome()) };
  } finally {
    child?.kill("SIGKILL");
    await home.close();
    disk.close();
  }
}

export interface Stopped extends Outcome {
  /** Exit code of the stopped process, and the pages of the sync stored by then. */
  exitCode: number | null;
  storedPages: number;
  /** Requests to Level for the whole sync. */
  requests: number;
}

/**
 * The same with a process that gets SIGTERM, as from a supervisor, while it writes the page it just received. Without a
 * point nothing stops it.
 */
export async function syncWithStop(
  kind: DatabaseKind,
  point: Omit<KillPoint, "delayMs"> | null,
  devices: number,
): Promise<Stopped> {
  const home = await prepare(kind, devices);
  try {
    const { simulator } = home;
    simulator.stats.reset();
    let child = startSyncProcess(home.env);
    let stopped = { exitCode: null as number | null, storedPages: 0 };
    if (point !== null) {
      const exit = once(child, "exit") as Promise<[number | null]>;
      simulator.faults.afterPage(point.resource, point.page, () => child.kill("SIGTERM"));
      const [exitCode] = await exit;
      stopped = { exitCode, storedPages: await home.storedPages() };
      child = startSyncProcess(home.env);
    }
    const status = await endOfSync(child);
    return { status, ...stopped, requests: simulator.stats.requests, ...(await home.outcome()) };
  } finally {
    await home.close();
  }
}

/** Starts a process that executes the last requested full sync, or requests one. */
export function startSyncProcess(env: Record<string, string>): ChildProcess {
  // Loads the driver as the server does; unpatched, it ends the process when the database goes away.
  const mend = ["--import", path.resolve("scripts/lib/mend-driver.mjs")];
  const child = spawn(process.execPath, [...mend, compileProgram("tests/support/sync-process.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env, VITEST: "" },
  });
  ends.set(child, readEnd(child));
  return child;
}

/** How the sync of each process ends. Read from its start on: Node drops what a process wrote that nobody reads by its exit. */
const ends = new WeakMap<ChildProcess, Promise<string>>();

async function readEnd(child: ChildProcess): Promise<string> {
  const exited = exitOf(child);
  let end = "died";
  for await (const line of createInterface({ input: child.stdout! }))
    if (line.startsWith("ended ")) end = line.slice("ended ".length);
  await exited;
  return end;
}

/** Waits until a process has exited. One that has already exited emits no further event. */
const exitOf = (child: ChildProcess): Promise<unknown> =>
  child.exitCode === null && child.signalCode === null ? once(child, "exit") : Promise.resolve();

/** Kills a process, unless it has exited by itself, and waits for its exit. */
export async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await exitOf(child);
}

/** The status of the process's sync; `died` if the process ended first. */
export const endOfSync = (child: ChildProcess): Promise<string> => ends.get(child)!;

/** A connected and mapped account in a database that another process can open. */
async function prepare(kind: DatabaseKind, devices: number, parent = tmpdir()) {
  const folder = mkdtempSync(path.join(parent, "plumbline-kill-"));
  const dataDir = path.join(folder, "data");
  const database = kind === "postgres" ? await createTestDatabase(kind) : await openFolder(dataDir);
  const world = await createSyncWorld({ devices, seed: 23, latencyMs: 8, database });
  await world.sync("organizations");
  await world.mapAll();
  await deferSchedules(database.db);
  const { simulator } = world;
  if (kind === "embedded") await database.close();
  const env = {
    LEVELIO_API_BASE_URL: simulator.url,
    APP_SECRET: TEST_APP_SECRET,
    DATA_DIR: dataDir,
    ...(database.url === undefined ? {} : { DATABASE_URL: database.url }),
  };
  return {
    simulator,
    env,
    /** Number of pages of the last sync that have a checkpoint. */
    storedPages: async () => {
      const open = kind === "postgres" ? database : await openFolder(dataDir);
      const [row] = await queryRows<{ pages: number }>(
        open.db,
        sql`select count(*)::int as pages from rmm_sync_run_pages
            where run_id = (select id from rmm_sync_runs where type = 'full' order by requested_at desc limit 1)`,
      );
      if (kind === "embedded") await open.close();
      return row!.pages;
    },
    outcome: async () => {
      const open = kind === "postgres" ? database : await openFolder(dataDir);
      const [tenant] = await listTenants(open.db);
      const rows = [...(await listDeviceRows(open, tenant!.id)), ...(await listUpdateRows(open, tenant!.id))];
      const events = await listEvents(open);
      if (kind === "embedded") await open.close();
      return { rows, events };
    },
    close: async () => {
      await simulator.close();
      if (kind === "postgres") await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Events without generated ids and times, with their counts: equal syncs publish equal events. */
const listEvents = ({ db }: TestDatabase): Promise<Record<string, unknown>[]> =>
  queryRows(
    db,
    sql`select name, data->>'externalDeviceId' as device, data->>'type' as type, data->>'status' as status,
          count(*)::int as times
        from rmm_events group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
  );
