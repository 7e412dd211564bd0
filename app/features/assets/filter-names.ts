/** The names, in the address, of the filters that the list shows only on demand. */
export const rarerFilters = [
  "site",
  "contact",
  "group",
  "platform",
  "system",
  "updates",
  "alerts",
  "disk",
  "finding",
  "unseen",
  "tag",
  "special",
  "custom",
] as const;

/** The parameters that belong to the filter `custom` and are removed with it. */
export const customFilterParts = ["customIs", "customValue"] as const;
