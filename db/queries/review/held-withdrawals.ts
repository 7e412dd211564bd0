import { sql } from "drizzle-orm";

import type { ConnectionRef } from "@domain/refs";

import type { TenantDb } from "../../client";

/** Withdraws pending changes that the provider no longer confirms. */

/** Withdraws moves and renames that the run did not see again, because the provider has taken them back. */
export async function withdrawUnseen(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  runId: string,
): Promise<void> {
  await tx.execute(sql`
    delete from rmm_held_changes
    where tenant_id = ${tenantId} and integration_id = ${connectionId} and kind in ('move', 'rename')
      and run_id <> ${runId}`);
}

/**
 * Deletes changes that a run staged but did not decide, because it was cancelled, failed or did not list all devices.
 * The next run stages them again; leftover rows would hide them from that run.
 */
export async function deletePendingChanges(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  runId: string,
): Promise<void> {
  await tx.execute(sql`
    delete from rmm_held_changes
    where tenant_id = ${tenantId} and integration_id = ${connectionId} and run_id = ${runId} and state = 'staged'`);
}

/**
 * Withdraws held changes of a device that was just read and does not confirm them: its removal, and moves or renames
 * that were not staged again. Does nothing if a later record is known.
 */
export async function withdrawUnborneOut(
  tx: TenantDb,
  { tenantId, connectionId, now }: ConnectionRef & { now: Date },
  { externalId, observedAt }: { externalId: string; observedAt: Date },
): Promise<void> {
  await tx.execute(sql`
    delete from rmm_held_changes h using tenant_external_entity_mappings m
    where h.tenant_id = ${tenantId} and h.integration_id = ${connectionId} and h.external_id = ${externalId}
      and (h.kind = 'removal' or h.updated_at <> ${now.toISOString()})
      and m.tenant_id = h.tenant_id and m.integration_id = h.integration_id and m.external_type = 'device'
      and m.external_id = h.external_id and m.observed_at = ${observedAt.toISOString()}`);
}

/** Withdraws the held removal of a device that is already gone, because nothing is left to approve. */
export async function withdrawRemovalOf(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  externalId: string,
): Promise<void> {
  await tx.execute(sql`
    delete from rmm_held_changes
    where tenant_id = ${tenantId} and integration_id = ${connectionId} and kind = 'removal'
      and external_id = ${externalId}`);
}
