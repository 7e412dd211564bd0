/** Of how long ago changes of assets are kept, in days, unless the installation says otherwise. */
export const DEFAULT_HISTORY_DAYS = 400;

/**
 * The fields whose changes are kept, in the words of the triggers that record them; what an RMM tells beyond these has the
 * words of `SystemInfo`.
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

/** What a history is narrowed to. Every field of a group stands in one of these. */
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
