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
import { isUndoneMove, withoutUndone, type UndoneValues } from "@domain/undone-values";
import type { PageScope } from "~/features/sync-engine/resource";

import type { PageDecisions } from "./page-decisions";

export interface ObservedDevice {
  snapshot: DeviceSnapshot;
  observedAt: Date;
}

/** A device whose group is known. */
type PlacedSnapshot = DeviceSnapshot & { externalGroupId: string | null };

/** A device with its stored state and its planned changes. */
export interface PlannedDevice extends ObservedDevice {
  /** Without the values that a person undid; see `withoutUndone`. */
  snapshot: PlacedSnapshot;
  /** As the RMM reports it. */
  reported: DeviceSnapshot;
  /** What a person undid and the RMM still says. */
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

/** The name of a device for display: the RMM's, else the former one, else its id. */
export const deviceName = ({ reported, before }: Pick<PlannedDevice, "reported" | "before">): string =>
  reported.name ?? before?.displayName ?? reported.externalId;

const NO_KEYS: IdentityKeys = { serialKey: null, macKeys: [], hostnameKey: null };

/** Whether the identity keys are needed. Computing them for every unchanged device would be waste. */
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
    const isStaying = before?.clientId != null && isUndoneMove(undone, reportedClientId);
    if (!isStaying) delete undone["client"];
    const client = isStaying ? { clientId: before.clientId! } : group;
    // Of a move that was undone, what the group leads to is news only when it is another client.
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
 * A device that stops being outranked, or begins to be, counts as changed: only then does it write the facts of the asset,
 * or leave them to another.
 */
const storedHash = (hash: string, isOutranked: boolean): string => (isOutranked ? `${hash} outranked` : hash);

/** The stored state as the plan takes it: to an outranked device, every field of the asset is another's. */
const planned = (
  before: KnownDevice,
  reportedClientId: string | null,
): KnownDevice & { reportedClientId: string | null } => ({
  ...before,
  reportedClientId,
  overriddenFields: before.isOutranked ? [...comparedFields] : before.overriddenFields,
});

/** A record without a group does not change the client: a known device stays in its group, a new one is in none. */
function inItsGroup(snapshot: DeviceSnapshot, before: KnownDevice | undefined): PlacedSnapshot {
  const { externalGroupId = before?.externalGroupId ?? null } = snapshot;
  return { ...snapshot, externalGroupId };
}

/** A list that changes during the walk may contain a device twice, and one statement cannot write a row twice. */
function lastOfEach(devices: readonly ObservedDevice[]): readonly ObservedDevice[] {
  const byId = new Map(devices.map((device) => [device.snapshot.externalId, device]));
  return byId.size === devices.length ? devices : [...byId.values()];
}
