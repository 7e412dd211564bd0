/** Level's lists that we read, by their path segment under `/v2`. */
export const levelResources = ["groups", "devices", "updates", "alerts"] as const;
export type LevelResource = (typeof levelResources)[number];
