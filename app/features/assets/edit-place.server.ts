import type { TenantDb } from "@db/client";
import type { AssetRow } from "@db/queries/assets/assets";
import { getClientPart, namesOfParts } from "@db/queries/clients/client-parts";
import { placeFields, type AssetPlace, type PlaceField } from "@domain/asset-fields";
import { mappedPlace } from "~/features/device-sync/place-assets";

interface PlaceEdit {
  place: AssetPlace;
  /** The fields that the person set. */
  changed: PlaceField[];
  /** The fields that follow the mapping again. */
  released: PlaceField[];
  /** The changes with the names of sites and contacts, for the audit log. */
  names: Partial<Record<PlaceField, { from: string | null; to: string | null }>>;
}

export type PlaceEditOutcome =
  { state: "edit"; edit: PlaceEdit } | { state: "unknown_place"; field: PlaceField };

/**
 * The effect of a person's choice on an asset's site and contact. A field left undefined follows the mapping of the
 * asset's group. A site or contact of another client is unknown.
 */
export async function editPlace(
  tx: TenantDb,
  asset: AssetRow,
  chosen: Partial<AssetPlace>,
): Promise<PlaceEditOutcome> {
  const { tenantId } = asset;
  const before: AssetPlace = { site: asset.siteId, contact: asset.contactId };
  const edit: PlaceEdit = { place: { ...before }, changed: [], released: [], names: {} };
  for (const field of placeFields) {
    const wanted = chosen[field];
    if (wanted === undefined) {
      if (asset.overriddenFields.includes(field)) edit.released.push(field);
    } else if (wanted !== before[field]) {
      const part = wanted === null ? null : await getClientPart(tx, tenantId, field, wanted);
      if (part === undefined || (part !== null && part.clientId !== asset.clientId))
        return { state: "unknown_place", field };
      edit.changed.push(field);
      edit.place[field] = wanted;
    }
  }
  const mapped = edit.released.length === 0 ? null : await mappedPlace(tx, tenantId, asset);
  for (const field of edit.released) edit.place[field] = mapped === null ? null : mapped[field];
  for (const field of [...edit.changed, ...edit.released]) {
    const names = await namesOfParts(tx, tenantId, field, [before[field], edit.place[field]]);
    const nameOf = (id: string | null) => (id === null ? null : (names.get(id) ?? null));
    edit.names[field] = { from: nameOf(before[field]), to: nameOf(edit.place[field]) };
  }
  return { state: "edit", edit };
}
