import { IN_FLIGHT } from "@domain/in-flight";
import type { RunRef } from "@domain/refs";
import { eq, sql } from "drizzle-orm";

import { queryRows, withTenant } from "@db/client";
import { getRun, type RunRow } from "@db/queries/sync-runs/runs";
import { assets, tenantExternalEntityMappings } from "@db/schema";
import { createRequestSlots } from "~/connectors/request-slots";
import { openProvider, tryKey, type CallOptions } from "~/features/connections/open-provider.server";
import { createVault } from "~/platform/vault.server";
import { beginRun } from "~/features/sync-execution/begin-run";
import { connect } from "~/features/connections/connect.server";
import type { ConnectDeps } from "~/platform/ports";
import type { Actor } from "@domain/actor";
import { mapTopLevelGroups } from "~/features/mapping/mapping.server";
import { requestSync, type SyncRequest } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";
import { runStage } from "~/features/sync-execution/stages";

import { startSimulator, type Simulator, type SimulatorOptions } from "../level-simulator";
import { createTestDatabase, type TestDatabase } from "./database";
import { createTenant } from "./factories";

export const TEST_ACTOR: Actor = { userId: null, name: "test", ip: null };

export const TEST_APP_SECRET = "a-secret-for-tests-of-at-least-32-characters";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A tenant with a connected Level account, on a database and a simulator of its own. */
export interface SyncWorld {
  database: TestDatabase;
  simulator: Simulator;
  deps: ConnectDeps;
  tenantId: string;
  connectionId: string;
  /** Sets the clock of the use cases; null for the real time. */
  setNow(now: Date | null): void;
  /** Runs a sync to its end in this process. */
  sync(type: SyncRequest["type"], externalDeviceId?: string): Promise<RunRow>;
  mapAll(): Promise<void>;
  /** Rows of the devices' assets and mappings, without generated ids and times: equal worlds give equal rows. */
  deviceRows(): Promise<Record<string, unknown>[]>;
  updateRows(): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export type SyncWorldOptions = SimulatorOptions & {
  stepBudgetMs?: number;
  requestsInFlight?: number;
  database?: TestDatabase;
  calls?: CallOptions;
  retryDelayMs?: (failedTries: number) => number;
};

export const createSyncWorld = (options: SyncWorldOptions = {}): Promise<SyncWorld> => openSyncWorld(options);

/** The same on a database that already has the tenant and the connection. */
export async function openSyncWorld(
  options: SyncWorldOptions,
  ids?: Pick<SyncWorld, "tenantId" | "connectionId">,
): Promise<SyncWorld> {
  const { stepBudgetMs, requestsInFlight, database: given, calls, retryDelayMs, ...simulated } = options;
  const slotsOf = createRequestSlots(requestsInFlight ?? IN_FLIGHT.default);
  const database = given ?? (await createTestDatabase());
  const simulator = await startSimulator(simulated);
  const vault = createVault(TEST_APP_SECRET);
  let now: Date | null = null;
  const deps: ConnectDeps = {
    db: database.db,
    clock: () => now ?? new Date(),
    log: silent,
    transport: "direct",
    hasProvider: () => Promise.resolve(true),
    vault,
    openProvider: (ref, stats) =>
      openProvider(
        { ...calls, db: database.db, vault, baseUrl: simulator.url, slots: slotsOf(ref.connectionId) },
        ref,
        stats,
      ),
    tryKey: (apiKey) => tryKey(apiKey, simulator.url),
    nudge: () => {},
    startedAt: new Date(0),
    ...(stepBudgetMs === undefined ? {} : { stepBudgetMs }),
    ...(requestsInFlight === undefined ? {} : { requestsInFlight }),
  };
  const { tenantId, connectionId } = ids ?? (await connectTenant(deps, simulator));
  return {
    database,
    simulator,
    deps,
    tenantId,
    connectionId,
    setNow: (date) => {
      now = date;
    },
    async sync(type, externalDeviceId) {
      const request = { tenantId, connectionId, type, trigger: "manual" as const, actor: "test" };
      const outcome = await requestSync(deps, { ...request, ...(externalDeviceId && { externalDeviceId }) });
      if (outcome.state !== "queued") throw new Error(`not queued: ${outcome.state}`);
      await runDirect(deps, { tenantId, runId: outcome.run.id }, retryDelayMs);
      return (await withTenant(database.db, tenantId, (tx) => getRun(tx, tenantId, outcome.run.id)))!;
    },
    async mapAll() {
      await mapTopLevelGroups(deps, { tenantId, connectionId }, TEST_ACTOR);
    },
    deviceRows: () => listDeviceRows(database, tenantId),
    updateRows: () => listUpdateRows(database, tenantId),
    close: async () => {
      await simulator.close();
      await database.close();
    },
  };
}

async function connectTenant(deps: ConnectDeps, { apiKey }: Simulator) {
  const { id: tenantId } = await createTenant(deps.db);
  const connection = { tenantId, provider: "levelio", label: "Level", apiKey, actor: TEST_ACTOR } as const;
  const connected = await connect(deps, connection);
  if (connected.state !== "saved") throw new Error(`not connected: ${connected.state}`);
  return { tenantId, connectionId: connected.integration.id };
}

/** The rows in an order and form in which two worlds can be compared. */
export function listDeviceRows(
  database: Pick<TestDatabase, "db">,
  tenantId: string,
): Promise<Record<string, unknown>[]> {
  return queryRows(
    database.db,
    sql`select m.external_id, m.external_group_id, m.display_name, m.skip_reason, m.content_hash, m.agent_status,
          m.lifecycle_status, m.last_seen_at::text, m.last_reboot_at::text, m.gone_at is not null as is_gone,
          c.name as client, a.asset_type, a.name, a.serial_number, a.location, a.status, d.os_type, d.os_version,
          d.lan_ip, d.cpu_model, d.cpu_cores, d.ram_gb, d.disks, d.last_logged_in_user, d.pending_os_patches,
          d.system_info
        from tenant_external_entity_mappings m
        left join assets a on a.id = m.asset_id left join clients c on c.id = a.client_id
        left join asset_details d on d.asset_id = a.id
        where m.tenant_id = ${tenantId} order by m.external_id`,
  );
}

export function listUpdateRows(
  database: Pick<TestDatabase, "db">,
  tenantId: string,
): Promise<Record<string, unknown>[]> {
  return queryRows(
    database.db,
    sql`select external_update_id, external_device_id, name, category, version, kb_ids, size_bytes::text, error,
          published_on, is_available, content_hash from rmm_device_updates
        where tenant_id = ${tenantId} order by external_update_id`,
  );
}

/** The asset of a device, or undefined when it has none. */
export async function assetOf({ database, tenantId }: SyncWorld, externalId: string) {
  const [row] = await database.db
    .select({ asset: assets, mapping: tenantExternalEntityMappings })
    .from(tenantExternalEntityMappings)
    .innerJoin(assets, eq(assets.id, tenantExternalEntityMappings.assetId))
    .where(
      sql`${tenantExternalEntityMappings.tenantId} = ${tenantId} and ${tenantExternalEntityMappings.externalId} = ${externalId}`,
    );
  return row;
}

/** Starts a full sync that reads all groups and devices, and stops there. */
export async function meetDevices({ deps, tenantId, connectionId }: SyncWorld): Promise<RunRef> {
  const request = { tenantId, connectionId, type: "full", trigger: "manual", actor: "test" } as const;
  const asked = await requestSync(deps, request);
  if (asked.state !== "queued") throw new Error(asked.state);
  const ref = { tenantId, runId: asked.run.id };
  await beginRun(deps, ref);
  await runStage(deps, ref, "groups");
  await runStage(deps, ref, "devices");
  return ref;
}
