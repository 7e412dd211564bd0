import { withTenant } from "@db/client";
import { listTenants } from "@db/queries/integrations";
import { deleteOldDeliveries } from "@db/queries/webhook-deliveries";

import type { SyncDeps } from "../ports";

const KEPT_DAYS = 30;

/** Removes deliveries and refusals of all tenants after 30 days. @returns how many deliveries */
export async function pruneDeliveries(deps: Pick<SyncDeps, "db" | "clock">): Promise<number> {
  const before = new Date(deps.clock().getTime() - KEPT_DAYS * 24 * 60 * 60_000);
  let deleted = 0;
  for (const { id } of await listTenants(deps.db)) {
    deleted += await withTenant(deps.db, id, (tx) => deleteOldDeliveries(tx, id, before));
  }
  return deleted;
}
