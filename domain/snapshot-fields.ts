/** The fields of a snapshot that are columns of an asset or its details, except the disks. */
export const plainFields = [
  "name",
  "assetType",
  "serialNumber",
  "location",
  "osType",
  "osVersion",
  "lanIp",
  "cpuModel",
  "cpuCores",
  "ramGb",
  "lastLoggedInUser",
] as const;
export type PlainField = (typeof plainFields)[number];
