/** How many days changes of assets are kept by default. */
export const DEFAULT_HISTORY_DAYS = 400;

/** Limits for any setting of history, in days. */
export const MAX_HISTORY_DAYS = 3650;

/**
 * The filters of a history, with the fields of each, named as by the triggers that record changes; further facts from
 * an RMM as in `SystemInfo`. Fields in no group appear only among all changes.
 */
export const changeGroups = {
  client: ["client", "site", "contact"],
  name: ["name", "hostname", "nickname"],
  status: ["status"],
  overrides: ["overrides", "notes", "location", "type"],
  patches: ["pendingPatches", "patchCompliance", "patchSecurityRisk"],
  system: ["osType", "osVersion", "osName", "osInstalledAt", "osEndOfLife", "biosVersion", "architecture"],
  network: ["lanIp", "networkInterfaces"],
  user: ["lastLoggedInUser"],
} as const satisfies Record<string, readonly string[]>;

/** Fields whose values are ids of clients, their sites and their contacts. */
export const ownerFields: readonly string[] = ["client", "site", "contact"];

export type ChangeGroup = keyof typeof changeGroups;

/** Whether the text names a group of fields by which the history is filtered. */
export const isChangeGroup = (text: string | null): text is ChangeGroup =>
  text !== null && Object.hasOwn(changeGroups, text);
