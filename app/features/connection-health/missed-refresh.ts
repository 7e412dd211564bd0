import type { TenantDb } from "@db/client";
import type { IntegrationRow } from "@db/queries/connections/connections";
import { emit } from "~/platform/outbox/emit";

/**
 * Emits a request for a full sync if none is due automatically when a stopped connection resumes, because its refresh
 * requests were ignored meanwhile. Call it in the transaction that resumes it (`inTransaction`).
 */
export async function requestMissedRefresh(
  tx: TenantDb,
  {
    tenantId,
    id: connectionId,
    fullSyncEnabled,
  }: Pick<IntegrationRow, "tenantId" | "id" | "fullSyncEnabled">,
  now: Date,
): Promise<void> {
  if (fullSyncEnabled) return;
  const data = { tenantId, integrationId: connectionId, reason: "missed_events" };
  await emit(tx, [{ name: "rmm/account.sync.requested", data }], now);
}
