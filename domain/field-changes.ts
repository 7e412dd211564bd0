import { canonicalJson } from "./content-hash";
import { plainFields, type PlainField } from "./snapshot-fields";
import type { DeviceSnapshot } from "./snapshots";

/** The stored fields of an asset, named as in a snapshot. */
export type StoredFields = Pick<DeviceSnapshot, PlainField> & {
  disks: unknown[];
  systemInfo: Record<string, unknown>;
  overriddenFields: readonly string[];
};

export interface FieldDifference {
  field: string;
  from: unknown;
  to: unknown;
}

/** Overrides whose name differs from the column's. */
const heldWord: Partial<Record<PlainField, string>> = {
  name: "name",
  assetType: "type",
  location: "location",
};

/**
 * Lists what writing a device's record would change, field by field, by the rules of the write: a blank changes
 * nothing, an overridden field stays. Extra facts are compared key by key.
 */
export function listFieldChanges(stored: StoredFields, incoming: DeviceSnapshot): FieldDifference[] {
  const changes: FieldDifference[] = [];
  const compare = (field: string, from: unknown, to: unknown) => {
    const isBlank = to === null || to === undefined || (field === "disks" && (to as unknown[]).length === 0);
    if (!isBlank && canonicalJson(from) !== canonicalJson(to))
      changes.push({ field, from: from ?? null, to });
  };
  for (const field of plainFields) {
    const held = heldWord[field];
    if (held === undefined || !stored.overriddenFields.includes(held))
      compare(field, stored[field], incoming[field]);
  }
  compare("disks", stored.disks, incoming.disks);
  for (const key of Object.keys(incoming.systemInfo).sort()) {
    compare(key, stored.systemInfo[key], incoming.systemInfo[key]);
  }
  return changes;
}
