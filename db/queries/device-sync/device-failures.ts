import { sql } from "drizzle-orm";

import type { ConnectionRef } from "@domain/refs";

import { queryRows, type TenantDb } from "../../client";

/** Marks a device that could not be synced by its id, since when and why; one that is not known is marked nowhere. */
export async function noteDeviceFailure(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  externalId: string,
  { at, message }: { at: Date; message: string },
): Promise<void> {
  await queryRows(
    tx,
    sql`update tenant_external_entity_mappings
        set sync_failed_at = coalesce(sync_failed_at, ${at.toISOString()}), sync_error = ${message}
        where tenant_id = ${tenantId} and integration_id = ${connectionId} and external_type = 'device'
          and external_id = ${externalId}`,
  );
}

/** Forgets the failures of all devices of an account, or of one; writes only rows that have one. */
export async function clearDeviceFailures(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  externalId?: string,
): Promise<void> {
  const ofDevice = externalId === undefined ? sql`true` : sql`external_id = ${externalId}`;
  await queryRows(
    tx,
    sql`update tenant_external_entity_mappings set sync_failed_at = null, sync_error = null
        where tenant_id = ${tenantId} and integration_id = ${connectionId} and sync_failed_at is not null
          and ${ofDevice}`,
  );
}
