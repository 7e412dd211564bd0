import { sql } from "drizzle-orm";

import { minutesOf } from "../../../domain/custom-fields";
import type { ConnectionRef } from "../../../domain/refs";
import { queryRows, type Db, type TenantDb } from "../../client";
import { customFieldSchedules } from "../../schema";

/** How often a connection's custom fields are read, and how far the reading of their values has come. */
export type CustomFieldSchedule = typeof customFieldSchedules.$inferSelect;

/**
 * A connection's schedule; undefined if it has none.
 * @param lock locks the row until the transaction ends; lock the connection first
 */
export async function getCustomFieldSchedule(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  { lock = false } = {},
): Promise<CustomFieldSchedule | undefined> {
  const query = tx
    .select()
    .from(customFieldSchedules)
    .where(
      sql`${customFieldSchedules.tenantId} = ${tenantId} and ${customFieldSchedules.connectionId} = ${connectionId}`,
    );
  const [row] = await (lock ? query.for("update") : query);
  return row;
}

/** Creates or changes the schedule of a connection. */
export async function saveCustomFieldSchedule(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  set: Partial<CustomFieldSchedule>,
): Promise<void> {
  await tx
    .insert(customFieldSchedules)
    .values({ interval: "off", ...set, tenantId, connectionId })
    .onConflictDoUpdate({ target: customFieldSchedules.connectionId, set });
}

/**
 * Connections of all tenants whose reading is due or in progress and need not wait; those idle for longest come first.
 * A due time too far ahead, which a clock rollback leaves behind, counts as due.
 */
export async function listDueReadings(db: Db, now: Date, limit: number): Promise<ConnectionRef[]> {
  const at = sql`${now.toISOString()}::timestamptz`;
  return queryRows<ConnectionRef>(
    db,
    sql`select s.integration_id as "connectionId", s.tenant_id as "tenantId"
        from custom_field_schedules s join rmm_integrations i on i.id = s.integration_id
        where i.status = 'active' and s.interval <> 'off'
          and (s.wait_until is null or s.wait_until <= ${at} or s.wait_until > ${at} + interval '1 day')
          and (s.started_at is not null or s.next_due_at is null or s.next_due_at <= ${at}
            or s.next_due_at > ${at} + make_interval(mins => case s.interval when 'daily' then ${minutesOf.daily}::int
              else ${minutesOf.weekly}::int end))
        order by s.worked_at nulls first, s.integration_id limit ${limit}`,
  );
}

export interface DeviceToRead {
  externalId: string;
  assetId: string;
}

const isListed = ({ tenantId, connectionId }: ConnectionRef) => sql`m.tenant_id = ${tenantId}
  and m.integration_id = ${connectionId} and m.external_type = 'device' and m.gone_at is null
  and m.asset_id is not null`;

/** The next listed devices of a connection that have an asset, ordered by id, after `after`. */
export const listDevicesToRead = (
  tx: TenantDb,
  ref: ConnectionRef,
  after: string | null,
  limit: number,
): Promise<DeviceToRead[]> =>
  queryRows<DeviceToRead>(
    tx,
    sql`select m.external_id as "externalId", m.asset_id as "assetId" from tenant_external_entity_mappings m
        where ${isListed(ref)} ${after === null ? sql`` : sql`and m.external_id > ${after}`}
        order by m.external_id limit ${limit}`,
  );

/** How many devices a reading covers. It makes one call for each. */
export async function countDevicesToRead(tx: TenantDb, ref: ConnectionRef): Promise<number> {
  const [row] = await queryRows<{ devices: number }>(
    tx,
    sql`select count(*)::int as devices from tenant_external_entity_mappings m where ${isListed(ref)}`,
  );
  return row!.devices;
}

/** The asset of a listed device; undefined if it has none. */
export async function findAssetOfDevice(
  tx: TenantDb,
  ref: ConnectionRef,
  externalId: string,
): Promise<string | undefined> {
  const [row] = await queryRows<DeviceToRead>(
    tx,
    sql`select m.external_id as "externalId", m.asset_id as "assetId" from tenant_external_entity_mappings m
        where ${isListed(ref)} and m.external_id = ${externalId}`,
  );
  return row?.assetId;
}

/** How many custom fields of a connection are known, and how many of them are admin-only. */
export async function countCustomFields(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
): Promise<{ fields: number; adminOnly: number }> {
  const [row] = await queryRows<{ fields: number; adminOnly: number }>(
    tx,
    sql`select count(*)::int as fields, (count(*) filter (where is_admin_only))::int as "adminOnly"
        from custom_fields where tenant_id = ${tenantId} and integration_id = ${connectionId}`,
  );
  return row!;
}
