import { withTenant } from "@db/client";
import { listTenantsWithStalePatches, recountPatchTotals } from "@db/queries/patches/patch-totals";
import type { SyncDeps } from "~/platform/ports";

/** Updates counted per transaction; a million rows take about a second. */
const AT_ONCE = 500;

/** The most transactions of one call for a tenant. A first sync brings thousands of updates, each of few devices. */
const MAX_ROUNDS = 20;

/**
 * Recounts on how many assets each changed update is pending, for every tenant.
 * @returns how many updates were counted
 */
export async function recountTotals(deps: Pick<SyncDeps, "db" | "log">): Promise<number> {
  let counted = 0;
  for (const tenantId of await listTenantsWithStalePatches(deps.db)) {
    try {
      for (let round = 0, last = AT_ONCE; round < MAX_ROUNDS && last === AT_ONCE; round++) {
        last = await withTenant(deps.db, tenantId, (tx) => recountPatchTotals(tx, tenantId, AT_ONCE));
        counted += last;
      }
    } catch (error) {
      deps.log.error({ tenantId, err: error }, "pending updates could not be counted");
    }
  }
  return counted;
}
