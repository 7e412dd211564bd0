import { withTenant, type Db } from "@db/client";
import {
  countAssetUpdates,
  listAssetAlerts,
  listAssetDevices,
  listAssetUpdates,
  readAssetRow,
} from "@db/queries/assets/asset-page";
import { listFieldWriters } from "@db/queries/assets/asset-changes";
import { listHeldFields } from "@db/queries/assets/differences";
import { listClientParts } from "@db/queries/clients/client-parts";
import { listClientNames } from "@db/queries/clients/clients";
import { fieldsOf, type AssetPlace, type PlaceField } from "@domain/asset-fields";
import { assetVersion } from "@domain/asset-version";
import { retirementOf } from "@domain/grace";
import { deviceLink } from "~/connectors/device-link";
import { mappedPlace } from "~/features/device-sync/place-assets";

export const UPDATES_PAGE_SIZE = 25;
const ALERTS_SHOWN = 20;

/**
 * An asset with all its data, and a page of its pending updates, longest pending first. Null if the tenant has no such
 * asset. Eight statements.
 */
export async function readAsset(db: Db, tenantId: string, assetId: string, page = 1) {
  return withTenant(db, tenantId, async (tx) => {
    const row = await readAssetRow(tx, tenantId, assetId);
    if (row === undefined) return null;
    const devices = await listAssetDevices(tx, tenantId, assetId);
    const updates = await listAssetUpdates(tx, tenantId, assetId, {
      limit: UPDATES_PAGE_SIZE,
      offset: (page - 1) * UPDATES_PAGE_SIZE,
    });
    const pendingUpdates = await countAssetUpdates(tx, tenantId, assetId);
    const alerts = await listAssetAlerts(tx, tenantId, assetId, ALERTS_SHOWN);
    const { asset } = row;
    const isWaiting = asset.status === "gone" && asset.goneAt !== null;
    return {
      ...row,
      devices: devices.map(({ instanceUrl, ...device }) => ({
        ...device,
        url: deviceLink(device.provider, instanceUrl, device.externalId),
      })),
      updates: { rows: updates, total: pendingUpdates, page },
      alerts,
      writers: await listFieldWriters(tx, tenantId, assetId),
      held: await listHeldFields(tx, tenantId, assetId),
      version: assetVersion(fieldsOf(asset), asset.overriddenFields),
      retiresAt: isWaiting
        ? retirementOf(
            asset.goneAt!,
            devices.map((device) => device.goneGraceDays),
          )
        : null,
    };
  });
}

/** The clients that an asset can be moved to. One statement. */
export const readClientChoices = (db: Db, tenantId: string) =>
  withTenant(db, tenantId, (tx) => listClientNames(tx, tenantId));

interface Part {
  id: string;
  name: string;
}

export interface PlaceChoices {
  site: Part[];
  contact: Part[];
  /** The site and contact that the mapping of the asset's group names; null if the mapping does not decide. */
  mapped: AssetPlace | null;
}

/** The sites and contacts that an asset can get, and those that the mapping names. Four statements. */
export const readPlaceChoices = (
  db: Db,
  tenantId: string,
  asset: { id: string; clientId: string | null },
): Promise<PlaceChoices> =>
  withTenant(db, tenantId, async (tx) => {
    const named = async (kind: PlaceField) =>
      asset.clientId === null
        ? []
        : (await listClientParts(tx, tenantId, kind, asset.clientId)).map(({ id, name }) => ({ id, name }));
    return {
      site: await named("site"),
      contact: await named("contact"),
      mapped: await mappedPlace(tx, tenantId, asset),
    };
  });

export type AssetDetail = NonNullable<Awaited<ReturnType<typeof readAsset>>>;
