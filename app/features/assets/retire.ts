import { listTenantsWithGone, retireGoneAssets } from "@db/queries/assets/retire";
import { audit } from "@db/queries/audit/audit";
import { systemActor } from "@domain/actor";
import { graceLimits } from "@domain/grace";
import { inBatches, type Batch } from "~/platform/in-batches";
import { inTransaction } from "~/platform/outbox/in-transaction";
import { announceUpdated } from "~/platform/outbox/publish-updated";
import type { SyncDeps } from "~/platform/ports";

/** The most assets that one transaction retires and audits. */
const RETIRED_AT_ONCE = 500;

/**
 * Retires the assets whose grace period is over, tenant by tenant and batch by batch. An asset that cannot be retired
 * delays no other. A retired asset comes back automatically if its device is listed again.
 * @returns how many were retired
 */
export async function retireAssets(deps: RetireDeps, atMost = RETIRED_AT_ONCE): Promise<number> {
  let total = 0;
  for (const tenantId of await listTenantsWithGone(deps.db)) {
    try {
      total += await inBatches(deps.log, atMost, (batch) => retireBatch(deps, tenantId, batch));
    } catch (error) {
      deps.log.error({ tenantId, err: error }, "gone assets could not be retired");
    }
  }
  return total;
}

type RetireDeps = Pick<SyncDeps, "db" | "clock" | "log" | "nudge">;

const retireBatch = (deps: RetireDeps, tenantId: string, batch: Batch): Promise<number> =>
  inTransaction(deps, tenantId, async (tx) => {
    const due = { now: deps.clock(), defaultDays: graceLimits.default, ...batch };
    const assets = await retireGoneAssets(tx, tenantId, due);
    const changes = assets.flatMap(({ assetId, connectionId, externalId }) =>
      connectionId === null || externalId === null ? [] : [{ assetId, connectionId, externalId }],
    );
    await announceUpdated(tx, tenantId, changes, due.now);
    await audit(
      tx,
      tenantId,
      systemActor("schedule"),
      ...assets.map(({ assetId, name, goneSince }) => ({
        action: "asset.retired" as const,
        targetType: "asset",
        targetId: assetId,
        details: { name, goneSince },
      })),
    );
    return assets.length;
  });
