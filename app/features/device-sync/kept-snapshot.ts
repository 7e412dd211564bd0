import type { DeviceSnapshot } from "@domain/snapshots";

import type { ObservedDevice } from "./device-plans";

/** Restores a device that was stored as JSON, with the time when the provider reported it. */
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
