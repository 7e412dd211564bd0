import type { TenantDb } from "@db/client";
import { wereUpdatesCounted } from "@db/queries/sync-runs/past-runs";
import type { ConnectionRef } from "@domain/refs";
import { recountPatches } from "~/platform/outbox/publish-updated";

/**
 * Counts the available updates again after devices were linked outside a sync: of one device, or of the whole account.
 * Skips accounts whose updates could never be read, because then a missing row does not mean that no update is pending.
 */
export async function recountPending(
  tx: TenantDb,
  scope: ConnectionRef,
  now: Date,
  externalDeviceId?: string,
): Promise<void> {
  if (await wereUpdatesCounted(tx, scope)) await recountPatches(tx, scope, now, externalDeviceId);
}
