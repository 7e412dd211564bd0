import { sql } from "drizzle-orm";

import type { ConnectionRef } from "@domain/refs";

import { queryRows, type TenantDb } from "../../client";

/**
 * How many devices refresh requests have read by id since an instant, and how many requests the last full sync made;
 * null if there was none.
 */
export async function countDevicesLookedAt(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  since: Date,
): Promise<{ devices: number; sweepRequests: number | null }> {
  const [row] = await queryRows<{ devices: number; sweepRequests: number | null }>(
    tx,
    sql`select
          (select count(distinct target_external_id)::int from rmm_sync_runs
           where tenant_id = ${tenantId} and integration_id = ${connectionId}
             and requested_at >= ${since.toISOString()} and type = 'device' and trigger = 'webhook') as devices,
          (select requests from rmm_sync_runs
           where tenant_id = ${tenantId} and integration_id = ${connectionId} and type = 'full'
             and status in ('completed', 'completed_with_errors')
           order by requested_at desc limit 1) as "sweepRequests"`,
  );
  return row ?? { devices: 0, sweepRequests: null };
}

/** How many groups have had a refresh request since an instant, counted over at most 1,000 requests. */
export async function countGroupsToRefresh(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  since: Date,
): Promise<number> {
  const [row] = await queryRows<{ groups: number }>(
    tx,
    sql`select count(distinct "externalGroupId")::int as groups from (
          select data->>'externalGroupId' as "externalGroupId" from rmm_events
          where tenant_id = ${tenantId} and occurred_at >= ${since.toISOString()}
            and integration_id = ${connectionId} and name = 'rmm/group.sync.requested'
          limit 1000
        ) requests`,
  );
  return row?.groups ?? 0;
}

/** Whether a run is reading the account's groups, or is about to. It may miss what is written meanwhile. */
export async function areGroupsBeingRead(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
): Promise<boolean> {
  const [row] = await queryRows<{ reading: boolean }>(
    tx,
    sql`select exists (select from rmm_sync_runs
          where tenant_id = ${tenantId} and integration_id = ${connectionId} and status = 'running'
            and type in ('organizations', 'full') and coalesce(stage, 'groups') = 'groups') as reading`,
  );
  return row?.reading ?? false;
}

/** Whether a full sync that began after an instant has read the whole account. */
export async function wasReadSince(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  at: Date,
): Promise<boolean> {
  const [row] = await queryRows<{ read: boolean }>(
    tx,
    sql`select exists (select from rmm_sync_runs
          where tenant_id = ${tenantId} and integration_id = ${connectionId} and type = 'full'
            and status in ('completed', 'completed_with_errors') and started_at > ${at.toISOString()}) as read`,
  );
  return row?.read ?? false;
}

/** Whether a full sync of the connection has started and not ended. */
export async function isFullSyncRunning(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
): Promise<boolean> {
  const [row] = await queryRows<{ running: boolean }>(
    tx,
    sql`select exists (select from rmm_sync_runs
          where tenant_id = ${tenantId} and integration_id = ${connectionId} and type = 'full'
            and status = 'running') as running`,
  );
  return row?.running ?? false;
}
