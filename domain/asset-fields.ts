/** Fields that an RMM tells as well: what a person sets is held, and may differ from the RMM's word. */
export const comparedFields = ["name", "type", "location", "client"] as const;

/** Everything that a person may set. No RMM tells notes. */
export const editableFields = [...comparedFields, "notes"] as const;
export type EditableField = (typeof editableFields)[number];

/**
 * Why the RMM's word cannot be taken over: it says nothing (or is not known yet), its group leads to no client, or to
 * one that is archived.
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

/** The fields that are not the same, in the order of the form. */
export const changedFields = (before: AssetFields, after: AssetFields): EditableField[] =>
  editableFields.filter((field) => before[field] !== after[field]);

/**
 * What a person's form holds from now on of an asset that was made by hand. The name, the client, and location and
 * notes where they were given, are the person's word. The type is not: the form always says one, and a device that
 * joins the asset later knows better.
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

export const fieldsOf = (row: StoredFields): AssetFields => ({
  name: row.name,
  type: row.assetType,
  location: row.location,
  client: row.clientId,
  notes: row.notes,
});

/** The other way round: as the database has them. */
export const stored = (fields: AssetFields): StoredFields => ({
  name: fields.name,
  assetType: fields.type,
  location: fields.location,
  clientId: fields.client,
  notes: fields.notes,
});
