import { withTenant, type TenantDb } from "@db/client";
import { attributeChanges } from "@db/queries/assets/asset-changes";
import { hasDevice, lockAsset, updateAsset } from "@db/queries/assets/assets";
import { audit, findLastAudit } from "@db/queries/audit/audit";
import { getClient } from "@db/queries/clients/clients";
import {
  changedFields,
  fieldsOf,
  placeFields,
  stored,
  type AssetFields,
  type AssetPlace,
  type EditableField,
  type PlaceField,
} from "@domain/asset-fields";
import { assetChangesSince } from "@domain/asset-version";
import { hostnameKey } from "@domain/identity";
import type { Stale } from "@domain/shown-version";
import type { Actor } from "@domain/actor";
import { recordMoves } from "~/platform/audit-moves";
import type { SyncDeps } from "~/platform/ports";

import { editPlace } from "./edit-place.server";

export type EditAssetOutcome =
  /** `released`: the fields that follow the mapping of the asset's group again. */
  | { state: "saved"; changed: (EditableField | PlaceField)[]; released: PlaceField[] }
  /** A person or a sync changed the asset meanwhile, so nothing was written. */
  | Stale
  | { state: "unknown_asset" }
  | { state: "unknown_client" }
  | { state: "archived_client" }
  /** The asset's client has no such site or contact. */
  | { state: "unknown_place"; field: PlaceField };

/**
 * Sets an asset's editable fields. The changed fields become overridden, so that no sync changes them. An asset that
 * gets another client loses its site and contact, whatever `fields` say about them.
 * @param fields a site or contact that is left out follows the mapping of the asset's group
 * @param expectedVersion the version that the person saw, see `assetVersion`
 */
export async function editAsset(
  deps: Pick<SyncDeps, "db" | "clock">,
  { tenantId, assetId }: { tenantId: string; assetId: string },
  fields: AssetFields & Partial<AssetPlace>,
  expectedVersion: string,
  actor: Actor,
): Promise<EditAssetOutcome> {
  return withTenant(deps.db, tenantId, async (tx): Promise<EditAssetOutcome> => {
    const row = await lockAsset(tx, tenantId, assetId);
    if (row === undefined) return { state: "unknown_asset" };
    const before = fieldsOf(row);
    const since = assetChangesSince(expectedVersion, before, row.overriddenFields);
    if (since.length > 0) return { state: "stale", fields: since, by: await changedBy(tx, row, since) };
    const changed = changedFields(before, fields);
    const isMoved = changed.includes("client");
    const place = isMoved ? undefined : await editPlace(tx, row, fields);
    if (place?.state === "unknown_place") return place;
    const { changed: changedPlace = [], released = [], names: placeNames = {} } = place?.edit ?? {};
    const all = [...changed, ...changedPlace];
    if (all.length + released.length === 0) return { state: "saved", changed: all, released };
    const names = { from: await clientName(tx, tenantId, before.client), to: null as string | null };
    if (isMoved && fields.client !== null) {
      const client = await getClient(tx, tenantId, fields.client);
      if (client === undefined) return { state: "unknown_client" };
      if (client.archivedAt !== null) return { state: "archived_client" };
      names.to = client.name;
    }
    await attributeChanges(tx, actor.name);
    await updateAsset(
      tx,
      tenantId,
      assetId,
      {
        ...stored(fields),
        ...(place !== undefined && {
          siteId: place.edit.place.site,
          contactId: place.edit.place.contact,
        }),
        overriddenFields: [...new Set([...row.overriddenFields, ...all])].filter(
          (field) => ![...(isMoved ? placeFields : released)].some((one) => one === field),
        ),
        // The name is the only known hostname of a machine that no RMM knows.
        ...(changed.includes("name") && !(await hasDevice(tx, tenantId, assetId))
          ? { hostnameKey: hostnameKey(fields.name) }
          : {}),
      },
      deps.clock(),
    );
    await audit(tx, tenantId, actor, {
      action: "asset.edited",
      targetType: "asset",
      targetId: assetId,
      details: {
        asset: row.name,
        ...Object.fromEntries(
          changed.map((field) => [
            field,
            field === "client" ? names : { from: before[field], to: fields[field] },
          ]),
        ),
        ...placeNames,
        ...(released.length > 0 && { followsMapping: released }),
      },
    });
    if (isMoved) {
      const move = { assetId, name: fields.name, fromClientId: before.client, toClientId: fields.client };
      await recordMoves(tx, tenantId, [move], actor);
    }
    return { state: "saved", changed: all, released };
  });
}

/**
 * The person who changed one of these fields; null if a sync did, which changes only fields that nobody has set by
 * hand.
 */
async function changedBy(
  tx: TenantDb,
  asset: { id: string; tenantId: string; overriddenFields: string[] },
  fields: string[],
): Promise<string | null> {
  if (!fields.some((field) => asset.overriddenFields.includes(field))) return null;
  const last = await findLastAudit(tx, asset.tenantId, { actions: ["asset.edited"], targetId: asset.id });
  return fields.some((field) => last?.details[field] !== undefined) ? last!.actor : null;
}

async function clientName(tx: TenantDb, tenantId: string, clientId: string | null): Promise<string | null> {
  return clientId === null ? null : ((await getClient(tx, tenantId, clientId))?.name ?? null);
}
