import type { RunRef } from "@domain/refs";
import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";

import { queryRows, withTenant } from "@db/client";
import { getRun, type RunRow } from "@db/queries/sync-runs/runs";
import { createApp } from "~/main.server";
import { loadConfig } from "~/platform/env.server";
import { createLogger } from "~/platform/logger.server";
import { cancelSync } from "~/features/sync-execution/cancel-sync.server";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";

import { Random } from "../level-simulator/random";
import { deferSchedules } from "./schedule";
import { createSyncWorld, TEST_APP_SECRET, type SyncWorld } from "./sync";
import type { TestDatabase } from "./database";

type Transport = "direct" | "durable";

/** The instant of a cancellation, and the transport that executes the run. */
export type CancelPoint = { transport: Transport } & (
  | /** `delayMs` after the simulator is about to send the n-th page of a resource. */
    { at: "page"; resource: "groups" | "devices" | "updates"; page: number; delayMs: number }
    /** While the run sleeps because Level sent a rate limit at the n-th page of devices. */
  | { at: "waiting"; page: number }
  /** `delayMs` after the request: before the run begins, or just as it does. */
  | { at: "queued"; delayMs: number }
);

const FLEET = { devices: 120, seed: 31, latencyMs: 6, stepBudgetMs: 60 };
/** Number of pages that the account has of each resource. */
const PAGES = { groups: 1, devices: 2, updates: 3 };

/** Half of the points are at a page; any six in a row cover every kind of point and both transports. */
export function randomCancelPoints(count: number, seed: number): CancelPoint[] {
  const random = new Random(seed, "cancel");
  const atPage = (transport: Transport): CancelPoint => {
    const resource = random.pick(["groups", "devices", "devices", "updates"] as const);
    const page = random.int(1, PAGES[resource]);
    return { transport, at: "page", resource, page, delayMs: random.int(0, 30) };
  };
  const kinds = [
    () => atPage("direct"),
    (): CancelPoint => ({ transport: "durable", at: "waiting", page: random.int(1, PAGES.devices) }),
    (): CancelPoint => ({ transport: "direct", at: "queued", delayMs: random.int(0, 15) }),
    () => atPage("durable"),
    (): CancelPoint => ({ transport: "durable", at: "queued", delayMs: random.int(0, 15) }),
    () => atPage("direct"),
  ];
  return Array.from({ length: count }, (_, n) => kinds[n % kinds.length]!());
}

/** An account that was synced once and has changed since, so that every kind of decision is due. */
const openWorld = async (database: TestDatabase): Promise<SyncWorld> => {
  const world = await createSyncWorld({ ...FLEET, database });
  await world.sync("organizations");
  await world.mapAll();
  await world.sync("full");
  await deferSchedules(database.db);
  await changeTheAccount(world);
  return world;
};

/** Renames, moves, removed, re-enrolled and new devices: too few of each for the mass-change guard. */
async function changeTheAccount({ simulator: { account }, deviceRows }: SyncWorld): Promise<void> {
  const rows = (await deviceRows()).filter((row) => row["client"] !== null);
  const ids = rows.map((row) => row["external_id"] as string);
  const elsewhere = rows.find((row) => row["client"] !== rows[0]!["client"])!["external_group_id"] as string;
  for (const id of ids.slice(0, 3)) account.patchDevice(id, { nickname: `RENAMED-${id}` });
  for (const id of ids.slice(3, 5)) account.moveDevice(id, elsewhere);
  account.moveDevice(ids[5]!, null);
  for (const id of ids.slice(6, 9)) account.removeDevice(id);
  for (const id of ids.slice(9, 12)) {
    const old = [...account.devices].find((device) => device.id === id)!;
    account.addDevice({ ...old, id: `${id}-again` });
    account.removeDevice(id);
  }
  account.addDevice({ id: "brand-new", group_id: elsewhere, hostname: "BRAND-NEW" });
}

const rowsOf = async (world: SyncWorld) => [...(await world.deviceRows()), ...(await world.updateRows())];

/** The rows after an undisturbed full sync of the changed account. */
export async function undisturbedRows(database: TestDatabase): Promise<Record<string, unknown>[]> {
  const world = await openWorld(database);
  try {
    await world.sync("full");
    return await rowsOf(world);
  } finally {
    await world.simulator.close();
  }
}

export interface CancelOutcome {
  /** Status of the cancelled run. */
  status: string;
  /** Rows that are half-written or inconsistent after the cancellation. */
  faults: Record<string, unknown>[];
  /** Status of the next run, and the rows after both runs. */
  next: { status: string; rows: Record<string, unknown>[] };
}

/** Cancels the full sync of a changed account at the point, checks the rows, and syncs once more. */
export async function syncWithCancel(database: TestDatabase, point: CancelPoint): Promise<CancelOutcome> {
  const world = await openWorld(database);
  const runner = await openRunner(world, point.transport);
  try {
    const { tenantId, connectionId, simulator } = world;
    const request = { tenantId, connectionId, type: "full", trigger: "manual", actor: "test" } as const;
    const asked = await requestSync(runner.deps, request);
    if (asked.state !== "queued") throw new Error(asked.state);
    const ref = { tenantId, runId: asked.run.id };
    const cancelled = cancelAt(world, ref, point);
    const run = await runner.runToEnd(ref);
    await cancelled();
    const faults = await findFaults(world, ref.runId);
    simulator.faults.clear();
    const next = await world.sync("full");
    return { status: run.status, faults, next: { status: next.status, rows: await rowsOf(world) } };
  } finally {
    await runner.stop();
    await world.simulator.close();
  }
}

/** Seconds; longer than a call waits out by itself, so that the run sleeps. */
const RETRY_AFTER_S = 30;

/** Arms the cancellation at the point. Returns a promise that resolves once it has happened. */
function cancelAt(world: SyncWorld, ref: RunRef, point: CancelPoint): () => Promise<unknown> {
  const { faults } = world.simulator;
  const cancellations: Promise<unknown>[] = [];
  const cancel = () => cancellations.push(cancelSync(world.deps, ref));
  switch (point.at) {
    case "page":
      faults.afterPage(point.resource, point.page, () => void setTimeout(cancel, point.delayMs));
      break;
    case "queued":
      setTimeout(cancel, point.delayMs);
      break;
    case "waiting":
      faults.add({
        kind: "rate_limit",
        retryAfter: RETRY_AFTER_S,
        resource: "devices",
        afterRequests: point.page - 1,
        times: 1,
      });
      cancellations.push(
        readUntil(world, ref, (run) => run.waitingUntil !== null || run.endedAt !== null).then(cancel),
      );
  }
  return async () => {
    for (let i = 0; i < cancellations.length; i++) await cancellations[i];
  };
}

async function readUntil(world: SyncWorld, ref: RunRef, is: (run: RunRow) => boolean): Promise<RunRow> {
  for (;;) {
    const run = await withTenant(world.deps.db, ref.tenantId, (tx) => getRun(tx, ref.tenantId, ref.runId));
    if (is(run!)) return run!;
    await sleep(20);
  }
}

/** The executor of the runs: this process directly, or the durable functions on the embedded runner. */
async function openRunner(world: SyncWorld, transport: Transport) {
  const hasEnded = (run: RunRow) => run.endedAt !== null;
  if (transport === "direct") {
    return {
      deps: world.deps,
      runToEnd: async (ref: RunRef) => {
        await runDirect(world.deps, ref);
        return readUntil(world, ref, hasEnded);
      },
      stop: () => Promise.resolve(),
    };
  }
  const config = loadConfig({ LEVELIO_API_BASE_URL: world.simulator.url, APP_SECRET: TEST_APP_SECRET });
  const app = await createApp(config, {
    connection: world.database.connection,
    log: createLogger({ level: "silent" }),
    stepBudgetMs: FLEET.stepBudgetMs,
  });
  await app.jobs.start();
  return {
    deps: app.sync,
    runToEnd: (ref: RunRef) => readUntil(world, ref, hasEnded),
    stop: () => app.jobs.stop(),
  };
}

/**
 * Finds pages that were not written as a whole: device, asset and details, checkpoint and counts must agree. Ids listed
 * by earlier runs must be deleted.
 */
function findFaults({ database, tenantId }: SyncWorld, runId: string): Promise<Record<string, unknown>[]> {
  return queryRows(
    database.db,
    sql`with pages as (
          select * from rmm_sync_run_pages where tenant_id = ${tenantId} and run_id = ${runId}
        ), seen as (
          select resource, unnest(ids_seen) as id from rmm_sync_run_pages where tenant_id = ${tenantId}
        ), devices as (
          select m.*, a.id as asset, d.asset_id as details from tenant_external_entity_mappings m
          left join assets a on a.id = m.asset_id left join asset_details d on d.asset_id = a.id
          where m.tenant_id = ${tenantId}
        )
        select 'device without its asset or details' as fault, external_id as what from devices
          where skip_reason is null and (asset is null or details is null)
        union all select 'device that no page has', external_id from devices
          where observed_at >= (select started_at from rmm_sync_runs where id = ${runId})
            and external_id not in (select id from seen where resource = 'devices')
        union all select 'device that a page has and that is not there', id from seen
          where resource = 'devices' and id not in (select external_id from devices)
        union all select 'asset without a device', a.id::text from assets a
          where a.tenant_id = ${tenantId} and a.id not in (select asset from devices where asset is not null)
        union all select 'update that no page has', external_update_id from rmm_device_updates
          where tenant_id = ${tenantId} and observed_at >= (select started_at from rmm_sync_runs where id = ${runId})
            and external_update_id not in (select id from seen where resource = 'updates')
        union all select 'run whose counts are not those of its pages', r.id::text from rmm_sync_runs r
          where r.id = ${runId} and not exists (
            select from (select count(*) as pages, sum(seen) filter (where resource = 'devices') as seen from pages) p
            where (r.pages, r.items_seen) = (p.pages, coalesce(p.seen, 0)))
        union all select 'device that is gone by the word of half a list', external_id from devices d
          join rmm_sync_runs r on r.id = ${runId} and r.status = 'cancelled' where d.gone_at >= r.started_at
        union all select 'device that was tied before all were met', external_id from devices d
          where d.external_id like '%-again' and d.asset is not null
            and exists (select from rmm_sync_runs where id = ${runId} and status = 'cancelled')
        union all select 'change that was put aside and left behind', external_id from rmm_held_changes
          where tenant_id = ${tenantId} and state = 'staged'
        union all select 'run that has not ended', id::text from rmm_sync_runs
          where id = ${runId} and (status in ('queued', 'running') or ended_at is null)
        union all select 'run that ended without its sums, or still shows what it did', id::text from rmm_sync_runs
          where id = ${runId} and (summary is null or stage is not null or waiting_until is not null)
        union all select 'connection that still shows a sync', id::text from rmm_integrations
          where tenant_id = ${tenantId} and sync_status = 'syncing'`,
  );
}
