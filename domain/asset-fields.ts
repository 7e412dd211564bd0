/** Fields that an RMM reports too: a person's value is an override, and may differ from the RMM's. */
export const comparedFields = ["name", "type", "location", "client"] as const;

/** Every field that a person may set. No RMM reports notes. */
export const editableFields = [...comparedFields, "notes"] as const;
export type EditableField = (typeof editableFields)[number];

/** A site and a contact of the asset's client. The group's mapping sets them, unless a person does. */
export const placeFields = ["site", "contact"] as const;
export type PlaceField = (typeof placeFields)[number];

/** By id. */
export type AssetPlace = Record<PlaceField, string | null>;

/**
 * Why the RMM's value cannot be used: it is blank (or not known yet), its group has no client, or the client is
 * archived.
 */
export type Obstacle = "blank" | "no_client" | "archived";

export interface AssetFields {
  name: string;
  type: "workstation" | "server";
  location: string | null;
  /** Id of the client. */
  client: string | null;
  notes: string | null;
}

/** The fields that differ, in the order of the form. */
export const changedFields = (before: AssetFields, after: AssetFields): EditableField[] =>
  editableFields.filter((field) => before[field] !== after[field]);

/**
 * The overrides of an asset added by hand: name, client, and location and notes if given. The type is not one: the form
 * always has a value, and a device that is linked later reports the real one.
 */
export const heldByMaker = ({ location, notes }: AssetFields): EditableField[] => [
  "name",
  ...(location === null ? [] : (["location"] as const)),
  "client",
  ...(notes === null ? [] : (["notes"] as const)),
];

interface StoredFields {
  name: string;
  assetType: AssetFields["type"];
  location: string | null;
  clientId: string | null;
  notes: string | null;
}

/** The fields of an asset's row by the names that overrides, history and forms use. */
export const fieldsOf = (
  row: StoredFields & { siteId: string | null; contactId: string | null },
): AssetFields & AssetPlace => ({
  name: row.name,
  type: row.assetType,
  location: row.location,
  client: row.clientId,
  notes: row.notes,
  site: row.siteId,
  contact: row.contactId,
});

/** The reverse: the fields as columns of the database. */
export const stored = (fields: AssetFields): StoredFields => ({
  name: fields.name,
  assetType: fields.type,
  location: fields.location,
  clientId: fields.client,
  notes: fields.notes,
});
