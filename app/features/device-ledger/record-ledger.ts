import { withTenant } from "@db/client";
import { listTenantIds, recordLedger } from "@db/queries/device-ledger/record";
import type { SyncDeps } from "~/platform/ports";

/**
 * Counts the devices of every tenant for today, even if no sync ended. A tenant that cannot be counted delays no other.
 * @returns how many tenants were counted
 */
export async function recordLedgers(deps: Pick<SyncDeps, "db" | "clock" | "log">): Promise<number> {
  let counted = 0;
  for (const tenantId of await listTenantIds(deps.db)) {
    try {
      await withTenant(deps.db, tenantId, (tx) => recordLedger(tx, tenantId, deps.clock()));
      counted += 1;
    } catch (error) {
      deps.log.error({ tenantId, err: error }, "devices could not be counted");
    }
  }
  return counted;
}
