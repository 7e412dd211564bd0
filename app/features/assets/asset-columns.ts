/** Columns of the asset list besides the name, in their order. */
export const assetColumns = [
  "client",
  "site",
  "contact",
  "state",
  "type",
  "system",
  "address",
  "user",
  "model",
  "serial",
  "tags",
  "location",
  "disk",
  "score",
  "patches",
  "seen",
] as const;
export type AssetColumn = (typeof assetColumns)[number];

/** The columns that are shown until the reader chooses others. */
export const usualColumns: readonly AssetColumn[] = [
  "client",
  "state",
  "system",
  "address",
  "patches",
  "seen",
];

export const columnLabels: Record<AssetColumn, string> = {
  client: "Client",
  site: "Site",
  contact: "Contact",
  state: "State",
  type: "Type",
  system: "System",
  address: "Address",
  user: "User",
  model: "Model",
  serial: "Serial number",
  tags: "Tags",
  location: "Location",
  disk: "Fullest disk",
  score: "Security score",
  patches: "Updates",
  seen: "Last seen",
};

/** The columns that an address names, in display order; undefined if it names none. */
export function columnsIn(params: URLSearchParams): AssetColumn[] | undefined {
  const named = params.getAll("col");
  return named.length === 0 ? undefined : assetColumns.filter((column) => named.includes(column));
}

/** The most custom fields that a list shows at once. */
const MAX_CUSTOM_COLUMNS = 5;
const CUSTOM = "custom:";

/** The name of a custom field's column in addresses and in the remembered choice. */
export const customColumn = (fieldId: string): string => `${CUSTOM}${fieldId}`;

/** The ids of the custom fields that these columns name, up to the most that a list shows. */
export const customColumnsIn = (words: readonly string[]): string[] =>
  words
    .filter((word) => word.startsWith(CUSTOM))
    .map((word) => word.slice(CUSTOM.length))
    .slice(0, MAX_CUSTOM_COLUMNS);
