import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";

import { queryRows, withTenant } from "@db/client";
import { listRecentRuns, type RunRow } from "@db/queries/sync-runs/runs";
import { requestSync } from "~/features/sync-engine/request-sync";

import { Random } from "../level-simulator/random";
import { createTestDatabase } from "./database";
import { endOfSync, kill, startSyncProcess } from "./kill-points";
import { deferSchedules } from "./schedule";
import { createSyncWorld, TEST_APP_SECRET, type SyncWorld } from "./sync";

/** Nine pages each of devices and updates, enough for segments. */
const FLEET = { devices: 900, seed: 37, updatesPerDevice: 1, alerts: 0 };

export interface ResyncOptions {
  /** Seed of the account's changes since the last sync, and of the instants of the kills. */
  seed: number;
  kills: number;
  /** Share of requests that fail, 0 to 1; a fifth of the failures answer with a web page. */
  faults: number;
  /** Whether the account also changes at each page. */
  changesMeanwhile: boolean;
}

export interface ResyncOutcome {
  run: RunRow;
  segments: number;
  rows: Record<string, unknown>[];
  /** Ids of the account's devices, and of the stored devices that are not gone. */
  listed: string[];
  stored: string[];
  maxInFlight: number;
}

/**
 * Changes a synced account, syncs it again in a process that is killed `kills` times at random instants, and returns
 * the outcome. If the account changes meanwhile, an undisturbed sync follows.
 */
export async function resyncThroughKills(options: ResyncOptions): Promise<ResyncOutcome> {
  const database = await createTestDatabase("postgres");
  const world = await createSyncWorld({ ...FLEET, database });
  try {
    await world.sync("organizations");
    await world.mapAll();
    await world.sync("full");
    await deferSchedules(database.db);
    const random = new Random(options.seed, "resync");
    change(world, random, 20);
    const { simulator } = world;
    simulator.stats.reset();
    simulator.setLatency(8);
    misbehave(world, options.faults);
    if (options.changesMeanwhile) simulator.faults.afterPage("devices", 0, () => change(world, random, 1));
    const { tenantId, connectionId, deps } = world;
    const request = { tenantId, connectionId, type: "full", trigger: "manual", actor: "test" } as const;
    await requestSync({ ...deps, transport: "inngest" }, request);
    await runThroughKills(world, database.url!, random, options.kills);
    const run = await lastFull(world);
    const [{ segments }] = (await queryRows<{ segments: number }>(
      database.db,
      sql`select count(*)::int as segments from rmm_sync_run_segments where run_id = ${run.id} and resource = 'devices'`,
    )) as [{ segments: number }];
    simulator.faults.clear();
    const { maxInFlight } = simulator.stats;
    if (options.changesMeanwhile) await world.sync("full");
    const rows = await world.deviceRows();
    return {
      run,
      segments,
      rows: [...rows, ...(await world.updateRows())],
      listed: simulator.account.devices.ids().sort(),
      stored: rows.flatMap((row) => (row["is_gone"] ? [] : [row["external_id"] as string])).sort(),
      maxInFlight,
    };
  } finally {
    await world.close();
  }
}

async function runThroughKills(
  { simulator }: SyncWorld,
  databaseUrl: string,
  random: Random,
  kills: number,
): Promise<void> {
  const env = {
    LEVELIO_API_BASE_URL: simulator.url,
    APP_SECRET: TEST_APP_SECRET,
    DATABASE_URL: databaseUrl,
  };
  let child = startSyncProcess(env);
  for (let n = 0; n < kills && child.exitCode === null; n++) {
    const page = random.int(1, 4);
    const resource = random.chance(0.5) ? "devices" : "updates";
    let forget = () => {};
    const reached = new Promise<void>((resolve) => {
      forget = simulator.faults.afterPage(resource, page, () => resolve());
    });
    await Promise.race([reached, once(child, "exit")]);
    forget();
    if (child.exitCode !== null) break;
    await sleep(random.int(0, 39));
    await kill(child);
    child = startSyncProcess(env);
  }
  await endOfSync(child);
}

/** Changes an account: enrols, deletes and renames devices and installs updates; the list keeps its order. */
function change({ simulator: { account } }: SyncWorld, random: Random, times: number): void {
  for (let n = 0; n < times; n++) {
    const ids = account.devices.ids();
    const id = ids[random.int(0, ids.length - 1)]!;
    const what = random.int(0, 3);
    if (what === 0) account.removeDevice(id);
    else if (what === 1) account.addDevice();
    else if (what === 2) account.renameDevice(id, `renamed-${random.int(0, 999)}`);
    else {
      const [update] = account.updates.idsWithin(id);
      if (update !== undefined) account.installUpdate(update);
    }
  }
}

function misbehave({ simulator: { faults } }: SyncWorld, share: number): void {
  if (share === 0) return;
  for (const kind of ["reset", "cut_json", "html"] as const) faults.add({ kind, probability: share / 5 });
  faults.add({ kind: "status", status: 503, probability: share / 5 });
  faults.add({ kind: "rate_limit", retryAfter: 0.05, probability: share / 5 });
}

async function lastFull({ deps, tenantId }: SyncWorld): Promise<RunRow> {
  const runs = await withTenant(deps.db, tenantId, (tx) => listRecentRuns(tx, tenantId, 20));
  return runs.find(({ type }) => type === "full")!;
}
