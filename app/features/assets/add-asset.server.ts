import { withTenant } from "@db/client";
import { findBySerial, insertAsset } from "@db/queries/assets/assets";
import { audit } from "@db/queries/audit/audit";
import { getClient } from "@db/queries/clients/clients";
import type { Actor } from "@domain/actor";
import { heldByMaker, stored, type AssetFields } from "@domain/asset-fields";
import { hostnameKey, serialKey } from "@domain/identity";
import type { SyncDeps } from "~/platform/ports";

export interface NewAsset extends AssetFields {
  client: string;
  serialNumber: string | null;
}

export type AddAssetOutcome =
  | { state: "added"; assetId: string }
  | { state: "unknown_client" }
  | { state: "archived_client" }
  /** Another asset of the client has this serial number: a sync could not decide which of the two a device is. */
  | { state: "serial_taken"; assetId: string; name: string };

/**
 * Adds an asset by hand: a machine that no RMM knows (yet). If a device with the same serial number or hostname
 * appears, it joins this asset instead of getting a new one; the person's values stay, see `heldByMaker`.
 */
export async function addAsset(
  deps: Pick<SyncDeps, "db" | "clock">,
  tenantId: string,
  asset: NewAsset,
  actor: Actor,
): Promise<AddAssetOutcome> {
  return withTenant(deps.db, tenantId, async (tx): Promise<AddAssetOutcome> => {
    const client = await getClient(tx, tenantId, asset.client);
    if (client === undefined) return { state: "unknown_client" };
    if (client.archivedAt !== null) return { state: "archived_client" };
    const serial = serialKey(asset.serialNumber);
    const same = serial === null ? undefined : await findBySerial(tx, tenantId, client.id, serial);
    if (same !== undefined) return { state: "serial_taken", assetId: same.id, name: same.name };
    const now = deps.clock();
    const { id } = await insertAsset(tx, {
      tenantId,
      ...stored(asset),
      serialNumber: asset.serialNumber,
      serialKey: serial,
      hostnameKey: hostnameKey(asset.name),
      overriddenFields: heldByMaker(asset),
      createdAt: now,
      updatedAt: now,
    });
    await audit(tx, tenantId, actor, {
      action: "asset.added",
      targetType: "asset",
      targetId: id,
      details: {
        name: asset.name,
        client: client.name,
        type: asset.type,
        serialNumber: asset.serialNumber,
        location: asset.location,
      },
    });
    return { state: "added", assetId: id };
  });
}
