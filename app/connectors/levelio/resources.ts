/** Level's lists that we read, by their path segment under `/v2`. */
export type LevelResource = "groups" | "devices" | "updates" | "alerts";
