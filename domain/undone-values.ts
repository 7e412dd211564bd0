import { canonicalJson } from "./content-hash";
import type { DeviceClient } from "./group-tree";
import type { DeviceSnapshot } from "./snapshots";

/**
 * By field, named as in the history, the RMM's value that a person undid. No sync writes it again until the RMM reports
 * another value for that field.
 */
export type UndoneValues = Readonly<Record<string, unknown>>;

const snapshotField: Record<string, keyof DeviceSnapshot> = {
  name: "name",
  type: "assetType",
  location: "location",
  serialNumber: "serialNumber",
  osType: "osType",
  osVersion: "osVersion",
  lanIp: "lanIp",
  cpuModel: "cpuModel",
  cpuCores: "cpuCores",
  ramGb: "ramGb",
  disks: "disks",
  lastLoggedInUser: "lastLoggedInUser",
};

/** From the device's group, not its record. */
const ofGroup = ["client", "site", "contact"];

/**
 * The snapshot without the values that a person undid: a blank changes nothing, so each keeps the restored value.
 * `undone` has what the RMM still reports; a field with another value is dropped from it.
 */
export function withoutUndone<Snapshot extends DeviceSnapshot>(
  snapshot: Snapshot,
  undone: UndoneValues,
): { snapshot: Snapshot; undone: Record<string, unknown> } {
  const kept: Record<string, unknown> = {};
  const blanked: Partial<Record<keyof DeviceSnapshot, unknown>> = {};
  const systemInfo = { ...snapshot.systemInfo };
  for (const [field, value] of Object.entries(undone)) {
    const column = snapshotField[field];
    const reported = column === undefined ? systemInfo[field] : snapshot[column];
    const isBlank =
      reported === null || reported === undefined || (column === "disks" && snapshot.disks.length === 0);
    const isPlace = ofGroup.includes(field);
    if (!isBlank && !isPlace && comparable(field, reported) !== comparable(field, value)) continue;
    kept[field] = value;
    if (isBlank || isPlace) continue;
    if (column === undefined) delete systemInfo[field];
    else blanked[column] = column === "disks" ? [] : null;
  }
  return { snapshot: { ...snapshot, ...blanked, systemInfo }, undone: kept };
}

/** Free disk space changes with every sync and does not count as another value. */
const comparable = (field: string, value: unknown): string =>
  canonicalJson(
    field === "disks" && Array.isArray(value)
      ? value.map((disk: Record<string, unknown>) => ({
          ...disk,
          freeBytes: undefined,
          utilizationPercent: undefined,
        }))
      : value,
  );

/** Whether a person undid the move to this client, or to none; see `UndoneValues`. */
export const isUndoneMove = (undone: UndoneValues, toClientId: string | null): boolean =>
  Object.hasOwn(undone, "client") && undone["client"] === toClientId;

/** The client of an asset whose move a person undid: the restored one, even if that is none. */
export function clientAfterUndo(restored: string | null, ofGroup: DeviceClient): DeviceClient {
  if (restored !== null) return { clientId: restored };
  return ofGroup.clientId === undefined ? ofGroup : { skip: "undone" };
}
