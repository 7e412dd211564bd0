import type { DeviceClient, SkipReason } from "./group-tree";
import type { DeviceSnapshot } from "./snapshots";

/** What is known of a device before it is written. */
export interface DeviceBefore {
  assetId: string | null;
  clientId: string | null;
  clientIsHeld: boolean;
  skipReason: string | null;
  contentHash: string;
  agentStatus: string | null;
  lastSeenMs: number | null;
  lastRebootMs: number | null;
  observedMs: number;
  isGone: boolean;
}

export type DevicePlan =
  /** A new asset, or the first one of a device that had no client. */
  | { action: "create"; clientId: string }
  | { action: "update"; clientId: string }
  /** Nothing but what changes each minute. */
  | { action: "touch" }
  | { action: "nothing" }
  /** The device has no client; `write` says whether that is news. */
  | { action: "skip"; reason: SkipReason; write: boolean };

/**
 * Decides what a device's record means for us. Pure: the same record planned twice changes nothing the second time.
 * An observation older than the one we hold is never written.
 */
export function planDevice(
  before: DeviceBefore | undefined,
  incoming: { snapshot: DeviceSnapshot; contentHash: string; client: DeviceClient; observedMs: number },
): DevicePlan {
  const { snapshot, contentHash, client } = incoming;
  const isStale = before !== undefined && before.observedMs > incoming.observedMs;
  if (client.skip !== undefined) {
    const isNews =
      before === undefined ||
      before.isGone ||
      before.skipReason !== client.skip ||
      before.contentHash !== contentHash ||
      livenessChanged(before, snapshot);
    return { action: "skip", reason: client.skip, write: isNews && !isStale };
  }
  if (before === undefined || before.assetId === null) return { action: "create", clientId: client.clientId };
  if (isStale) return { action: "nothing" };
  const moved = before.clientId !== client.clientId && !before.clientIsHeld;
  if (before.isGone || before.skipReason !== null || moved || before.contentHash !== contentHash)
    return { action: "update", clientId: client.clientId };
  return livenessChanged(before, snapshot) ? { action: "touch" } : { action: "nothing" };
}

/** A blank from the provider is no news: it never wipes what is known. */
function livenessChanged(before: DeviceBefore, { liveness }: DeviceSnapshot): boolean {
  return (
    before.agentStatus !== liveness.agentStatus ||
    (liveness.lastSeenAt !== null && before.lastSeenMs !== liveness.lastSeenAt.getTime()) ||
    (liveness.lastRebootAt !== null && before.lastRebootMs !== liveness.lastRebootAt.getTime())
  );
}
