import { deleteOldDeliveries, deleteOldRejections } from "@db/queries/webhooks/webhook-deliveries";
import { DAY_MS } from "@domain/durations";
import { DELIVERY_DAYS } from "@domain/schedule-limits";
import { inBatches } from "~/platform/in-batches";
import type { SyncDeps } from "~/platform/ports";

const AT_ONCE = 5_000;

/**
 * Deletes deliveries and refusals of all tenants after their retention, batch by batch, so that nothing waits long for
 * the locks of one.
 * @returns how many deliveries were deleted
 */
export async function pruneDeliveries(
  { db, clock, log }: Pick<SyncDeps, "db" | "clock" | "log">,
  atOnce = AT_ONCE,
): Promise<number> {
  const before = new Date(clock().getTime() - DELIVERY_DAYS * DAY_MS);
  await deleteOldRejections(db, before);
  return inBatches(log, atOnce, (batch) => deleteOldDeliveries(db, before, batch));
}
