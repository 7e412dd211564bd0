import type { DeviceClient, NoClientReason } from "./group-tree";
import { reviewReasons, type ReviewReason } from "./match-decision";
import { isOlder } from "./observation";
import type { DeviceSnapshot } from "./snapshots";

/** Why a device has no asset, or its asset no client: its group has none, or its match is not decided yet. */
export const skipReasons = [
  "ungrouped",
  "unmapped",
  "excluded",
  "undone",
  ...reviewReasons,
  "superseded",
] as const satisfies readonly (NoClientReason | ReviewReason | "superseded")[];
export type SkipReason = (typeof skipReasons)[number];

/** What a dry run expects a sync to do to a device, in the order of the pages. */
export const plannedDeviceActions = ["create", "return", "change", "move", "skip", "gone", "hold"] as const;
export type PlannedDeviceAction = (typeof plannedDeviceActions)[number];

/** `group`: a dry run writes no groups, and keeps what it read of them beside its plan. */
export const plannedActions = ["group", ...plannedDeviceActions] as const;
export type PlannedAction = (typeof plannedActions)[number];

/** The stored state of a device before a write. */
export interface DeviceBefore {
  assetId: string | null;
  assetName: string | null;
  clientId: string | null;
  /** The overridden fields of the asset. */
  overriddenFields: readonly string[] | null;
  /** The client its group led to when it was last written. */
  reportedClientId: string | null;
  skipReason: string | null;
  contentHash: string;
  agentStatus: string | null;
  lastSeenMs: number | null;
  lastRebootMs: number | null;
  observedMs: number;
  isGone: boolean;
}

export interface DeviceIncoming {
  snapshot: DeviceSnapshot;
  contentHash: string;
  client: DeviceClient;
  observedMs: number;
  now: Date;
  /**
   * Whether the device comes from a list. A single device is written even if nothing changed, because its newer time of
   * being seen keeps a sweep that began earlier from concluding that it is gone.
   */
  isSweep: boolean;
  /** A person changed the mapping that decides on this device, so its move is intended. */
  isMoveWanted: boolean;
}

/** A change that waits for the end of the run, when the mass-change guard decides on all of them. */
interface PendingChange {
  kind: "move" | "rename";
  fromValue: string;
  /** Null: the device's group no longer has a client. */
  toValue: string | null;
  reason: NoClientReason | null;
}

export type DevicePlan = { staged: PendingChange[] } & (
  | /** A new asset, or the first one of a device that had no client. */
    { action: "create"; clientId: string }
    /**
     * While a change of them waits for the end of the run, `name` and `clientId` are the asset's own; null if there is
     * none.
     */
  | { action: "update"; clientId: string; name: string | null }
  /** Only values that change every minute. */
  | { action: "touch" }
  | { action: "nothing" }
  /** The device has no client; `write` says whether that is news. */
  | { action: "skip"; reason: NoClientReason | "superseded"; write: boolean }
);

/**
 * Decides what to write for a device's record. Pure: the same record planned twice changes nothing the second time.
 * An observation older than the one we hold is never written.
 */
export function planDevice(before: DeviceBefore | undefined, incoming: DeviceIncoming): DevicePlan {
  const { snapshot, contentHash, client } = incoming;
  const isStale = before !== undefined && isOlder(incoming.observedMs, before.observedMs, incoming.now);
  const staged = before === undefined || isStale ? [] : stageChanges(before, incoming);
  if (before !== undefined && isSuperseded(before, snapshot)) {
    const write =
      !isStale &&
      (!incoming.isSweep || before.contentHash !== contentHash || livenessChanged(before, snapshot));
    return { action: "skip", reason: "superseded", write, staged: [] };
  }
  const stagedMove = staged.find((change) => change.kind === "move");
  const kept = stagedMove?.fromValue ?? keptClient(before, client);
  if (client.skip !== undefined && kept === null) {
    const isNews =
      !incoming.isSweep ||
      before === undefined ||
      before.isGone ||
      before.skipReason !== client.skip ||
      before.contentHash !== contentHash ||
      livenessChanged(before, snapshot);
    return { action: "skip", reason: client.skip, write: isNews && !isStale, staged };
  }
  const clientId = kept ?? client.clientId!;
  if (isStale) return { action: "nothing", staged };
  if (before === undefined || before.assetId === null) return { action: "create", clientId, staged };
  const moved = before.clientId !== clientId && !isHeld(before, "client");
  const isNews =
    before.isGone ||
    before.skipReason !== null ||
    moved ||
    before.contentHash !== contentHash ||
    before.reportedClientId !== (client.clientId ?? null);
  if (isNews) {
    const name = staged.some((change) => change.kind === "rename") ? before.assetName! : snapshot.name;
    return { action: "update", clientId, name, staged };
  }
  const isSeen = !incoming.isSweep || livenessChanged(before, snapshot);
  return { action: isSeen ? "touch" : "nothing", staged };
}

/**
 * Whether this is the old record of a re-enrolled machine whose asset follows another device. If the record comes
 * alive, it is a machine of its own.
 */
const isSuperseded = (before: DeviceBefore, { liveness }: DeviceSnapshot): boolean =>
  before.skipReason === "superseded" && !before.isGone && liveness.agentStatus === "offline";

/**
 * The client that a person set on an asset whose group has none, so that the asset keeps following its device. A branch
 * that was excluded on purpose is still left alone.
 */
function keptClient(before: DeviceBefore | undefined, client: DeviceClient): string | null {
  const leadsNowhere = client.skip === "ungrouped" || client.skip === "unmapped";
  return leadsNowhere && before !== undefined && isHeld(before, "client") ? before.clientId : null;
}

/** Whether a person set this field of the asset. */
export const isHeld = (before: Pick<DeviceBefore, "overriddenFields">, field: string): boolean =>
  before.overriddenFields?.includes(field) === true;

function stageChanges(before: DeviceBefore, incoming: DeviceIncoming): PendingChange[] {
  const isSynced = before.assetId !== null && !before.isGone && before.skipReason === null;
  if (!isSynced) return [];
  const staged: PendingChange[] = [];
  const { name } = incoming.snapshot;
  const isRenamed = name !== null && before.assetName !== null && before.assetName !== name;
  if (isRenamed && !isHeld(before, "name")) {
    staged.push({ kind: "rename", fromValue: before.assetName!, toValue: name, reason: null });
  }
  const toClientId = incoming.client.clientId ?? null;
  const isMoved = before.clientId !== null && before.clientId !== toClientId && !isHeld(before, "client");
  if (isMoved && !incoming.isMoveWanted) {
    const reason = incoming.client.skip ?? null;
    staged.push({ kind: "move", fromValue: before.clientId!, toValue: toClientId, reason });
  }
  return staged;
}

/** A blank from the provider never replaces a known value. */
function livenessChanged(before: DeviceBefore, { liveness }: DeviceSnapshot): boolean {
  return (
    before.agentStatus !== liveness.agentStatus ||
    (liveness.lastSeenAt !== null && before.lastSeenMs !== liveness.lastSeenAt.getTime()) ||
    (liveness.lastRebootAt !== null && before.lastRebootMs !== liveness.lastRebootAt.getTime())
  );
}
