import { v7 as uuidv7 } from "uuid";

import type { TenantDb } from "@db/client";
import { listKnownDevices, type KnownDevice } from "@db/queries/device-sync/devices";
import { comparedFields } from "@domain/asset-fields";
import { deviceContentHash } from "@domain/content-hash";
import { identityOf } from "@domain/device-identity";
import { planDevice, type DevicePlan } from "@domain/device-plan";
import { clientForDevice } from "@domain/group-tree";
import type { IdentityKeys } from "@domain/identity";
import type { DeviceSnapshot } from "@domain/snapshots";
import { clientAfterUndo, isUndoneMove, withoutUndone, type UndoneValues } from "@domain/undone-values";
import type { PageScope } from "~/features/sync-engine/resource";

import type { PageDecisions } from "./page-decisions";

export interface ObservedDevice {
  snapshot: DeviceSnapshot;
  observedAt: Date;
}

/** A device with a known group, or known to have none. */
type PlacedSnapshot = DeviceSnapshot & { externalGroupId: string | null };

/** A device with its stored state and its planned changes. */
export interface PlannedDevice extends ObservedDevice {
  /** The reported values without those that a person undid; see `withoutUndone`. */
  snapshot: PlacedSnapshot;
  /** The values as the RMM reports them. */
  reported: DeviceSnapshot;
  /** The values that a person undid and the RMM still reports. */
  undone: UndoneValues;
  contentHash: string;
  before: KnownDevice | undefined;
  plan: DevicePlan;
  identity: IdentityKeys;
  deviceRowId: string;
  assetId: string;
  reportedClientId: string | null;
}

/** A device without an asset that would get one of this client. */
export type NewDevice = PlannedDevice & { plan: { action: "create"; clientId: string } };

/** Whether the plan creates an asset for the device. */
export const isNew = (device: PlannedDevice): device is NewDevice => device.plan.action === "create";

/** The name of a device for display: the RMM's; otherwise the former one; otherwise its id. */
export const deviceName = ({ reported, before }: Pick<PlannedDevice, "reported" | "before">): string =>
  reported.name ?? before?.displayName ?? reported.externalId;

const NO_KEYS: IdentityKeys = { serialKey: null, macKeys: [], hostnameKey: null };

/** Whether the plan writes the identity keys, which are not computed for unchanged devices. */
const writesKeys = (plan: DevicePlan): boolean =>
  plan.action === "create" || plan.action === "update" || (plan.action === "skip" && plan.write);

/** Whether the run reads complete lists, so that it may conclude that a device is gone. */
export const isSweep = ({ run }: Pick<PageScope, "run">): boolean =>
  run.type === "full" || run.type === "dry_run";

/** Plans the changes of devices and writes nothing. One statement for any number of devices. */
export async function planDevices(
  tx: TenantDb,
  scope: PageScope,
  observed: readonly ObservedDevice[],
  groups: PageDecisions,
): Promise<PlannedDevice[]> {
  const devices = lastOfEach(observed);
  const known = new Map<string, KnownDevice>();
  const ids = devices.map(({ snapshot }) => snapshot.externalId);
  for (const row of await listKnownDevices(tx, scope.tenantId, scope.connectionId, ids, groups.outrankedBy))
    known.set(row.externalId, row);

  return devices.map(({ snapshot: reported, observedAt }): PlannedDevice => {
    const before = known.get(reported.externalId);
    const placed = inItsGroup(reported, before);
    const isOutranked = before?.isOutranked === true;
    const contentHash = storedHash(deviceContentHash(placed), isOutranked);
    const { snapshot, undone } = withoutUndone(placed, before?.undone ?? {});
    const group = clientForDevice(groups.clients, snapshot.externalGroupId);
    const reportedClientId = group.clientId ?? null;
    const former = before?.reported?.clientId ?? null;
    const isStaying = before?.assetId != null && isUndoneMove(undone, reportedClientId);
    if (!isStaying) delete undone["client"];
    const client = isStaying ? clientAfterUndo(before.clientId, group) : group;
    // After an undone move, the group's client is a change only if it differs from the client of that move.
    const reportedBefore = isStaying && former === reportedClientId ? before.clientId : former;
    const plan = planDevice(before && planned(before, reportedBefore), {
      snapshot,
      contentHash,
      client,
      observedMs: observedAt.getTime(),
      now: scope.now,
      isSweep: isSweep(scope),
      isMoveWanted: groups.assigned === null || groups.assigned.has(snapshot.externalGroupId ?? ""),
    });
    return {
      snapshot,
      reported,
      undone,
      observedAt,
      contentHash,
      before,
      plan,
      identity: writesKeys(plan) ? identityOf(snapshot) : NO_KEYS,
      deviceRowId: before?.deviceRowId ?? uuidv7(),
      assetId: before?.assetId ?? uuidv7(),
      reportedClientId,
    };
  });
}

/**
 * The hash to compare with the stored one. A device that becomes outranked, or stops being so, counts as changed,
 * because it then stops, or starts, writing the facts of its asset.
 */
const storedHash = (hash: string, isOutranked: boolean): string => (isOutranked ? `${hash} outranked` : hash);

/** The stored state as the plan reads it. For an outranked device, every field of the asset counts as overridden. */
const planned = (
  before: KnownDevice,
  reportedClientId: string | null,
): KnownDevice & { reportedClientId: string | null } => ({
  ...before,
  reportedClientId,
  overriddenFields: before.isOutranked ? [...comparedFields] : before.overriddenFields,
});

/** A record without a group does not change the client: a known device stays in its group, and a new one is in none. */
function inItsGroup(snapshot: DeviceSnapshot, before: KnownDevice | undefined): PlacedSnapshot {
  const { externalGroupId = before?.externalGroupId ?? null } = snapshot;
  return { ...snapshot, externalGroupId };
}

/**
 * The last occurrence of each device. A list that changes during the walk may contain a device twice, and one statement
 * cannot write a row twice.
 */
function lastOfEach(devices: readonly ObservedDevice[]): readonly ObservedDevice[] {
  const byId = new Map(devices.map((device) => [device.snapshot.externalId, device]));
  return byId.size === devices.length ? devices : [...byId.values()];
}
