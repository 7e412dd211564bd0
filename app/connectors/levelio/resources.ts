/** What we ask Level for, by its path segment under `/v2`: lists that are read, and automations that are started. */
export type LevelResource =
  "groups" | "devices" | "updates" | "alerts" | "custom_fields" | "custom_field_values" | "automations";

/** A list in the words of a message. */
export const nameOf = (resource: LevelResource): string => resource.replaceAll("_", " ");
