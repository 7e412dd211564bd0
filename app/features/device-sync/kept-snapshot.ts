import * as z from "zod";

import type { DeviceSnapshot } from "@domain/snapshots";

import type { ObservedDevice } from "./device-plans";

const record = z.looseObject({});
const text = z.string().nullish();
const instant = z.iso.datetime().nullable();

/** The part of a device that planning and writing it need. A field that a later version added may be missing. */
const keptDevice = z.looseObject({
  observedAt: z.iso.datetime(),
  externalId: z.string().min(1),
  externalGroupId: text,
  name: text,
  assetType: text,
  serialNumber: text,
  location: text,
  disks: z.array(record),
  systemInfo: z.looseObject({
    hostname: text,
    networkInterfaces: z.array(record).optional(),
    physicalDisks: z.array(record).optional(),
  }),
  liveness: z.looseObject({
    agentStatus: z.enum(["online", "offline"]),
    lastSeenAt: instant,
    lastRebootAt: instant,
  }),
});

/** Whether a device that was stored as JSON is complete enough to be restored. */
export const isReadableDevice = (device: Record<string, unknown>): boolean =>
  keptDevice.safeParse(device).success;

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
