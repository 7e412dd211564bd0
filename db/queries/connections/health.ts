import { and, eq, sql, type SQL } from "drizzle-orm";

import type { ConnectionHealth } from "@domain/connection-health";

import { queryRows, type TenantDb } from "../../client";
import { rmmIntegrations, type IntegrationStatus, type SyncStatus } from "../../schema";
import { lostCodes } from "./connections";

/** The state of one schedule of a connection. */
interface ScheduleHealth {
  isPaused: boolean;
  /** Failures in a row; enough of them pause the schedule. */
  failuresInARow: number;
  /** Whether nobody executed any of the last `LOST_RUNS` runs. */
  isLost: boolean;
  /** Whether the last run that was not cancelled completed; null before the first run. */
  lastCompleted: boolean | null;
  lastError: string | null;
  lastHint: string | null;
}

/** A connection's facts, and the health that was last reported. */
export interface HealthRow {
  label: string;
  provider: string;
  health: ConnectionHealth;
  healthSinceMs: number | null;
  status: IntegrationStatus;
  statusReason: string | null;
  fullSyncStatus: SyncStatus;
  lastSyncError: string | null;
  lastSyncHint: string | null;
  heldChanges: number;
  fullSyncEnabled: boolean;
  full: ScheduleHealth;
  alerts: ScheduleHealth;
}

/** The number of runs in a row without execution that counts as a fault rather than chance. */
const LOST_RUNS = 3;

const lost = sql.join(
  lostCodes.map((code) => sql`${code}`),
  sql`, `,
);

/** A schedule as a JSON object, from the connection's columns and its last runs. */
const scheduleHealth = (type: "full" | "alerts", paused: SQL, failures: SQL) => sql`
  (select json_build_object('isPaused', ${paused} is not null, 'failuresInARow', ${failures},
     'isLost', count(*) filter (where error_code in (${lost})) = ${LOST_RUNS}::int,
     'lastCompleted', (array_agg(status <> 'failed' order by requested_at desc))[1],
     'lastError', (array_agg(error_message order by requested_at desc))[1],
     'lastHint', (array_agg(error_hint order by requested_at desc))[1])
   from (
     select status, error_code, error_message, error_hint, requested_at from rmm_sync_runs r
     where r.tenant_id = i.tenant_id and r.integration_id = i.id and r.type = ${type}
       and r.target_external_id in ('', 'active') -- a run of one alert says nothing of the others
       and r.status in ('completed', 'completed_with_errors', 'failed')
     order by requested_at desc limit ${LOST_RUNS}
   ) last)`;

/**
 * The facts from which a connection's health follows, with the health last reported; undefined if there is no such
 * connection.
 */
export async function readHealth(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
): Promise<HealthRow | undefined> {
  const [row] = await queryRows<HealthRow>(
    tx,
    sql`select label, provider, health, (extract(epoch from health_since) * 1000)::float8 as "healthSinceMs",
          status, status_reason as "statusReason", full_sync_status as "fullSyncStatus", full_sync_enabled as "fullSyncEnabled", last_sync_error as "lastSyncError", last_sync_hint as "lastSyncHint",
          (select count(*)::int from rmm_held_changes h
           where h.tenant_id = i.tenant_id and h.integration_id = i.id and h.state = 'held') as "heldChanges",
          ${scheduleHealth("full", sql`i.paused_at`, sql`i.consecutive_failures`)} as full,
          ${scheduleHealth("alerts", sql`i.alerts_paused_at`, sql`i.alerts_failures`)} as alerts
        from rmm_integrations i where i.tenant_id = ${tenantId} and i.id = ${connectionId}`,
  );
  return row;
}

/** Sets the health of a connection, as of `now`. */
export async function setHealth(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  health: ConnectionHealth,
  now: Date,
): Promise<void> {
  await tx
    .update(rmmIntegrations)
    .set({ health, healthSince: now })
    .where(and(eq(rmmIntegrations.tenantId, tenantId), eq(rmmIntegrations.id, connectionId)));
}
