import type { AssetPlace, EditableField, Obstacle, PlaceField } from "@domain/asset-fields";

import type { Detail } from "./asset-detail";

export const fieldLabels: Record<EditableField, string> = {
  name: "Name",
  type: "Type",
  location: "Location",
  client: "Client",
  notes: "Notes",
};

export const placeLabels: Record<PlaceField, { name: string; none: string }> = {
  site: { name: "Site", none: "No site" },
  contact: { name: "Default contact", none: "No contact" },
};

/** In an asset's form: the mapping of the asset's group decides. */
export const MAPPED_PLACE = "mapping";

/** The values of site and contact in an asset's form. */
export function storedPlace(
  { asset }: Pick<Detail, "asset">,
  mapped: AssetPlace | null,
): Record<PlaceField, string> {
  const valueOf = (field: PlaceField, id: string | null) =>
    mapped !== null && !asset.overriddenFields.includes(field) ? MAPPED_PLACE : (id ?? "");
  return { site: valueOf("site", asset.siteId), contact: valueOf("contact", asset.contactId) };
}

/** A value of a field as text for people; null if there is none. */
export const valueText = (field: EditableField, value: string | null): string | null =>
  field === "type" && value !== null ? `${value[0]?.toUpperCase() ?? ""}${value.slice(1)}` : value;

/** Why Level's value cannot be used. */
export function obstacleText(obstacle: Obstacle, theirs: string | null): string {
  switch (obstacle) {
    case "blank":
      return "Level says nothing";
    case "no_client":
      return "Level's group leads to no client";
    case "archived":
      return `Level's group leads to ${theirs ?? "a client"}, which is archived`;
  }
}

/** A difference as the value of a form field, as the page showed it; see `seenDifferences`. */
export const differenceKey = (row: { assetId: string; field: string; theirValue: string | null }): string =>
  JSON.stringify([row.assetId, row.field, row.theirValue]);

/** The values in an asset's form. */
export const storedValues = ({ asset }: Pick<Detail, "asset">): Record<EditableField, string> => ({
  name: asset.name,
  type: asset.assetType,
  location: asset.location ?? "",
  client: asset.clientId ?? "",
  notes: asset.notes ?? "",
});

/** The values of the editable fields as text for people; null for none. */
export const shownValues = ({
  asset,
  client,
}: Pick<Detail, "asset" | "client">): Record<EditableField, string | null> => ({
  name: asset.name,
  type: valueText("type", asset.assetType),
  location: asset.location,
  client: client?.name ?? null,
  notes: asset.notes,
});
