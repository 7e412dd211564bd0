/** What we request from Level, by its path segment under `/v2`: lists that we read, and automations that we start. */
export type LevelResource =
  "groups" | "devices" | "updates" | "alerts" | "custom_fields" | "custom_field_values" | "automations";

/** The name of a list in a message. */
export const nameOf = (resource: LevelResource): string => resource.replaceAll("_", " ");
