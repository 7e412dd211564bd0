import type { DeviceSnapshot } from "@domain/snapshots";

import type { ObservedDevice } from "./device-plans";

/** A device that was kept as JSON, with when it was seen at the provider. */
export function reviveDevice(device: Record<string, unknown>): ObservedDevice {
  const { observedAt, ...snapshot } = device as unknown as DeviceSnapshot & { observedAt: string };
  const { liveness } = snapshot;
  const revive = (value: Date | string | null) => (value === null ? null : new Date(value));
  return {
    observedAt: new Date(observedAt),
    snapshot: {
      ...snapshot,
      liveness: {
        ...liveness,
        lastSeenAt: revive(liveness.lastSeenAt),
        lastRebootAt: revive(liveness.lastRebootAt),
      },
    },
  };
}
