import { withTenant } from "@db/client";
import { recordAudits } from "@db/queries/audit";
import { listTenantsWithGone, retireGoneAssets } from "@db/queries/retire";
import { graceLimits } from "~/domain/grace";

import type { SyncDeps } from "../ports";

/** So many are retired, and written down, in one transaction. */
export const RETIRED_AT_ONCE = 500;

/**
 * Retires the assets whose grace period is over, tenant by tenant and batch by batch. One that is seen again comes
 * back by itself.
 * @returns how many were retired
 */
export async function retireAssets(
  { db, clock }: Pick<SyncDeps, "db" | "clock">,
  limit = RETIRED_AT_ONCE,
): Promise<number> {
  let total = 0;
  for (const tenantId of await listTenantsWithGone(db)) {
    for (;;) {
      const retired = await withTenant(db, tenantId, async (tx) => {
        const due = { now: clock(), defaultDays: graceLimits.default, limit };
        const assets = await retireGoneAssets(tx, tenantId, due);
        await recordAudits(
          tx,
          assets.map(({ assetId, name, goneSince }) => ({
            tenantId,
            actor: "schedule",
            action: "asset.retired",
            targetType: "asset",
            targetId: assetId,
            details: { name, goneSince },
          })),
        );
        return assets.length;
      });
      total += retired;
      if (retired < limit) break;
    }
  }
  return total;
}
