import { sql } from "drizzle-orm";

import type { ConnectionRef } from "@domain/refs";

import { queryRows, type TenantDb } from "../../client";

/** Records since when and why a device cannot be synced by its id. Does nothing for a device that is not known. */
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

/** Clears the failures of one device of a connection, or of all. Writes only rows that have one. */
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
