/** How many days changes of assets are kept by default. */
export const DEFAULT_HISTORY_DAYS = 400;

/**
 * The fields whose changes are kept, as the triggers that record them name them. Further facts from an RMM are named as
 * in `SystemInfo`.
 */
export const recordedFields = [
  "name",
  "type",
  "client",
  "location",
  "notes",
  "serialNumber",
  "status",
  "overrides",
  "osType",
  "osVersion",
  "lanIp",
  "cpuModel",
  "cpuCores",
  "ramGb",
  "disks",
  "lastLoggedInUser",
  "pendingPatches",
] as const;

/** The filters of a history. Every recorded field belongs to one of these groups. */
export const changeGroups = {
  client: ["client"],
  name: ["name", "hostname", "nickname"],
  status: ["status"],
  overrides: ["overrides", "notes", "location", "type"],
  patches: ["pendingPatches", "patchCompliance", "patchSecurityRisk"],
  system: ["osType", "osVersion", "osName", "osInstalledAt", "osEndOfLife", "biosVersion", "architecture"],
  network: ["lanIp", "networkInterfaces"],
  user: ["lastLoggedInUser"],
} as const satisfies Record<string, readonly string[]>;

export type ChangeGroup = keyof typeof changeGroups;

export const isChangeGroup = (text: string | null): text is ChangeGroup =>
  text !== null && Object.hasOwn(changeGroups, text);
