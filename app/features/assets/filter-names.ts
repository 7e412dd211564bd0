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
] as const;
