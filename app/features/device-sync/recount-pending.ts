import type { TenantDb } from "@db/client";
import { wereUpdatesCounted } from "@db/queries/sync-runs/past-runs";
import type { ConnectionRef } from "@domain/refs";
import { recountPatches } from "~/platform/outbox/publish-updated";

/**
 * Counts the available updates of assets that devices were tied to outside of a sync: of all of an account, or of one
 * device. Where its updates could never be read, none is not their number.
 */
export async function recountPending(
  tx: TenantDb,
  scope: ConnectionRef,
  now: Date,
  externalDeviceId?: string,
): Promise<void> {
  if (await wereUpdatesCounted(tx, scope)) await recountPatches(tx, scope, now, externalDeviceId);
}
