import { withTenant, type Db } from "@db/client";
import {
  listAssetAlerts,
  listAssetDevices,
  listAssetUpdates,
  readAssetRow,
} from "@db/queries/assets/asset-page";
import { listHeldFields } from "@db/queries/assets/differences";
import { listClientNames } from "@db/queries/clients/clients";
import { fieldsOf } from "@domain/asset-fields";
import { assetVersion } from "@domain/asset-version";
import { retirementOf } from "@domain/grace";

const UPDATES_SHOWN = 100;
const ALERTS_SHOWN = 20;

/** One asset with everything known of it; null when the tenant has no such asset. Five statements. */
export async function readAsset(db: Db, tenantId: string, assetId: string) {
  return withTenant(db, tenantId, async (tx) => {
    const row = await readAssetRow(tx, tenantId, assetId);
    if (row === undefined) return null;
    const devices = await listAssetDevices(tx, tenantId, assetId);
    const updates = await listAssetUpdates(tx, tenantId, assetId, UPDATES_SHOWN);
    const alerts = await listAssetAlerts(tx, tenantId, assetId, ALERTS_SHOWN);
    const { asset } = row;
    const isWaiting = asset.status === "gone" && asset.goneAt !== null;
    return {
      ...row,
      devices,
      updates,
      alerts,
      held: await listHeldFields(tx, tenantId, assetId),
      version: assetVersion(fieldsOf(asset), asset.heldFields),
      retiresAt: isWaiting
        ? retirementOf(
            asset.goneAt!,
            devices.map((device) => device.goneGraceDays),
          )
        : null,
    };
  });
}

/** The clients that an asset may be given to. One statement. */
export const readClientChoices = (db: Db, tenantId: string) =>
  withTenant(db, tenantId, (tx) => listClientNames(tx, tenantId));

export type AssetDetail = NonNullable<Awaited<ReturnType<typeof readAsset>>>;
