import { withTenant, type TenantDb } from "@db/client";
import type { SyncDeps } from "~/platform/ports";

/**
 * Runs `work` in a transaction of the tenant and, after its commit, has the outbox relayed and due deliveries sent. Use
 * it for every transaction that may emit an event or make a delivery due; a failed transaction wakes nobody. An
 * unnecessary wake-up costs one statement, and calls within half a second share it.
 * @returns what `work` returns
 * @throws what `work` or the database throws
 */
export async function inTransaction<T>(
  deps: Pick<SyncDeps, "db" | "nudge">,
  tenantId: string,
  work: (tx: TenantDb) => Promise<T>,
): Promise<T> {
  const result = await withTenant(deps.db, tenantId, work);
  deps.nudge();
  return result;
}
