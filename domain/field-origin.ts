import { comparedFields } from "./asset-fields";
import { serialKey } from "./identity";
import { plainFields } from "./snapshot-fields";
import type { DeviceSnapshot } from "./snapshots";
import type { SystemInfo } from "./system-info";

/** Further facts whose origin is shown; an RMM's other facts are not shown as fields. */
const toldFacts = [
  "hostname",
  "manufacturer",
  "model",
  "architecture",
  "notes",
  "flag",
  "osName",
  "osInstalledAt",
  "osEndOfLife",
  "securityScore",
  "securityRisk",
  "patchCompliance",
  "patchSecurityRisk",
  "primaryPartitionEncrypted",
  "firewallEnabled",
  "antivirusStatus",
  "motherboardModel",
  "biosVersion",
  "networkInterfaces",
] as const satisfies readonly (keyof SystemInfo)[];

/** The history names the type of an asset differently from a snapshot. */
const fieldName = (field: string): string => (field === "assetType" ? "type" : field);

/** The fields that an RMM's record leaves blank, named as in the history: they keep their former values. */
export const blankFields = (snapshot: DeviceSnapshot): string[] => [
  ...plainFields.filter((field) => snapshot[field] === null).map(fieldName),
  ...(snapshot.disks.length === 0 ? ["disks"] : []),
  ...toldFacts.filter((fact) => snapshot.systemInfo[fact] === undefined),
];

/** The rule by which an asset has its value of a field. */
export type FieldRule =
  | /** No RMM knows the asset. */
    "byHand"
    /** A person set it, and no sync overwrites it. */
  | "overridden"
  /** A person undid the run that wrote the RMM's value, and the RMM has reported no other value since. */
  | "undone"
  /** Only people have set it. */
  | "own"
  /** The RMM's value differs and waits for a person. */
  | "pending"
  /** The RMM reports a blank, which removes nothing. */
  | "keptOverBlank"
  /** As the RMM reports it, but many machines share it, so it identifies none. */
  | "placeholder"
  /** Counted from the list of updates. */
  | "counted"
  | "followed";

export interface OriginFacts {
  hasDevice: boolean;
  /** Whether a person undid the RMM's value of this field. */
  isUndone: boolean;
  overriddenFields: readonly string[];
  /** The value shown; for a client its id. */
  value: unknown;
  /** The RMM's value of a field that people may override; undefined if unknown. */
  reported: unknown;
  /** See `blankFields`; undefined when the device was last written before they were kept. */
  blank: readonly string[] | undefined;
}

/** Decides the rule for a field, named as in the history. */
export function fieldRule(
  field: string,
  { hasDevice, isUndone, overriddenFields, value, reported, blank }: OriginFacts,
): FieldRule {
  if (overriddenFields.includes(field)) return "overridden";
  if (field === "notes") return "own";
  if (!hasDevice) return "byHand";
  if (isUndone) return "undone";
  if (field === "pendingPatches") return "counted";
  if (blank?.includes(field) === true && value !== null && value !== undefined) return "keptOverBlank";
  const isCompared = (comparedFields as readonly string[]).includes(field);
  if (isCompared && reported !== undefined && reported !== null && reported !== value) return "pending";
  if (field === "serialNumber" && typeof value === "string" && serialKey(value) === null)
    return "placeholder";
  return "followed";
}
