import { sql, type SQL } from "drizzle-orm";

import { queryRows, type TenantDb } from "../client";

interface Scope {
  tenantId: string;
  integrationId: string;
}

/**
 * Devices that a complete sweep of the run did not list. Those observed after the run began are left out: they came
 * by a device sync behind the sweep's back.
 */
function absentFrom(runId: string): SQL {
  return sql`m.external_type = 'device' and m.gone_at is null
    and m.observed_at < (select started_at from rmm_sync_runs where id = ${runId})
    and m.external_id not in (
      select unnest(ids_seen) from rmm_sync_run_pages where run_id = ${runId} and resource = 'devices')`;
}

export async function countAbsentDevices(
  tx: TenantDb,
  { tenantId, integrationId }: Scope,
  runId: string,
): Promise<{ absent: number; known: number }> {
  const [row] = await queryRows<{ absent: number; known: number }>(
    tx,
    sql`select (count(*) filter (where m.gone_at is null))::int as known,
          (count(*) filter (where ${absentFrom(runId)}))::int as absent
        from tenant_external_entity_mappings m
        where m.tenant_id = ${tenantId} and m.integration_id = ${integrationId}`,
  );
  return row ?? { absent: 0, known: 0 };
}

/** Marks the devices that the run's complete sweep did not list as gone. Returns how many. */
export async function markAbsentDevicesGone(
  tx: TenantDb,
  scope: Scope,
  runId: string,
  now: Date,
): Promise<number> {
  return markGone(tx, scope, absentFrom(runId), "absent from a complete list of the account's devices", now);
}

/** Marks one device as gone, because the provider says that it has no such device. */
export async function markDeviceGone(
  tx: TenantDb,
  scope: Scope,
  externalId: string,
  reason: string,
  now: Date,
): Promise<number> {
  return markGone(tx, scope, sql`m.gone_at is null and m.external_id = ${externalId}`, reason, now);
}

/** Marks every device of the account as gone, because the account is no longer ours to read. */
export async function markAllDevicesGone(
  tx: TenantDb,
  scope: Scope,
  reason: string,
  now: Date,
): Promise<number> {
  return markGone(tx, scope, sql`m.external_type = 'device' and m.gone_at is null`, reason, now);
}

/** An asset goes when the last device it is tied to goes. Rows stay and can come back. */
async function markGone(tx: TenantDb, scope: Scope, which: SQL, reason: string, now: Date): Promise<number> {
  const at = now.toISOString();
  const rows = await queryRows(
    tx,
    sql`with gone as (
          update tenant_external_entity_mappings m
          set gone_at = ${at}, gone_reason = ${reason}, agent_status = 'offline', lifecycle_status = 'inactive',
            updated_at = ${at}
          where m.tenant_id = ${scope.tenantId} and m.integration_id = ${scope.integrationId} and ${which}
          returning m.id, m.asset_id
        ), gone_assets as (
          update assets a set status = 'gone', gone_at = ${at}, gone_reason = ${reason}, updated_at = ${at}
          from gone
          where a.id = gone.asset_id and a.tenant_id = ${scope.tenantId} and a.status <> 'gone'
            and not exists (
              select from tenant_external_entity_mappings other
              where other.tenant_id = ${scope.tenantId} and other.asset_id = a.id and other.gone_at is null
                and other.id not in (select id from gone))
        )
        select id from gone`,
  );
  return rows.length;
}
