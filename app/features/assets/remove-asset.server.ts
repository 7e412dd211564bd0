import { withTenant } from "@db/client";
import { deleteWithoutDevice, hasDevice } from "@db/queries/assets/assets";
import { audit } from "@db/queries/audit/audit";
import type { Actor } from "@domain/actor";
import type { SyncDeps } from "~/platform/ports";

export type RemoveAssetOutcome =
  | { state: "removed"; name: string }
  /**
   * The asset has a device. A sync would create it again and its history would be lost; it retires when its device is
   * gone.
   */
  | { state: "has_device" }
  | { state: "unknown_asset" };

/** Removes an asset that a person added by hand. Cannot be undone. */
export async function removeAsset(
  { db }: Pick<SyncDeps, "db">,
  { tenantId, assetId }: { tenantId: string; assetId: string },
  actor: Actor,
): Promise<RemoveAssetOutcome> {
  return withTenant(db, tenantId, async (tx): Promise<RemoveAssetOutcome> => {
    const removed = await deleteWithoutDevice(tx, tenantId, assetId);
    if (removed === undefined)
      return { state: (await hasDevice(tx, tenantId, assetId)) ? "has_device" : "unknown_asset" };
    await audit(tx, tenantId, actor, {
      action: "asset.removed",
      targetType: "asset",
      targetId: assetId,
      details: { name: removed.name },
    });
    return { state: "removed", name: removed.name };
  });
}
