/** Level's lists that we read, by their path segment under `/v2`. */
export type LevelResource =
  "groups" | "devices" | "updates" | "alerts" | "custom_fields" | "custom_field_values";

/** A list in the words of a message. */
export const nameOf = (resource: LevelResource): string => resource.replaceAll("_", " ");
