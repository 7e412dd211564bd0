/** What the address calls the filters of the asset list that are shown on demand. */
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

/** What belongs to the filter `custom`: it goes with it. */
export const customFilterParts = ["customIs", "customValue"] as const;
