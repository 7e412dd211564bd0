import { comparedFields } from "./asset-fields";
import { serialKey } from "./identity";
import { plainFields } from "./snapshot-fields";
import type { DeviceSnapshot } from "./snapshots";
import type { SystemInfo } from "./system-info";

/** Further facts whose origin is told; the rest of an RMM's facts are shown nowhere by themselves. */
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

/** The history calls the type of an asset by another name than a snapshot does. */
const fieldName = (field: string): string => (field === "assetType" ? "type" : field);

/** The fields that an RMM's record leaves blank, named as in the history: their values are kept from before. */
export const blankFields = (snapshot: DeviceSnapshot): string[] => [
  ...plainFields.filter((field) => snapshot[field] === null).map(fieldName),
  ...(snapshot.disks.length === 0 ? ["disks"] : []),
  ...toldFacts.filter((fact) => snapshot.systemInfo[fact] === undefined),
];

/** By what rule an asset has its value of a field. */
export type FieldRule =
  | /** No RMM knows the asset. */
    "byHand"
    /** A person set it, and no sync overwrites it. */
  | "overridden"
  /** A person undid the run that wrote the RMM's value, and the RMM has said nothing else since. */
  | "undone"
  /** Nobody but people knows of it. */
  | "own"
  /** The RMM's value differs and waits for a person. */
  | "pending"
  /** The RMM says nothing, which wipes nothing. */
  | "keptOverBlank"
  /** As the RMM says, but shared by many machines: it recognises none. */
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
  /** The RMM's value of a field that people may override; undefined when it is not known. */
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
