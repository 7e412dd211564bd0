import type { TenantDb } from "@db/client";
import type { IntegrationRow } from "@db/queries/connections/connections";
import { emit } from "~/platform/outbox/emit";

/**
 * Hints were not followed while a connection stood still. Where no full sync is due by itself once it goes on, this asks
 * for one, in the transaction that has it go on; whoever calls it nudges after the commit.
 */
export async function requestMissedRefresh(
  tx: TenantDb,
  {
    tenantId,
    id: integrationId,
    fullSyncEnabled,
  }: Pick<IntegrationRow, "tenantId" | "id" | "fullSyncEnabled">,
  now: Date,
): Promise<void> {
  if (fullSyncEnabled) return;
  const data = { tenantId, integrationId, reason: "missed_events" };
  await emit(tx, [{ name: "rmm/account.sync.requested", data }], now);
}
