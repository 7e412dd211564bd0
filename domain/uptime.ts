import type { DeviceLiveness } from "./snapshots";

/**
 * Whole seconds since the last reboot. Null while the device is offline (it may be off) or the reboot is unknown; 0 if
 * the clocks disagree and the reboot seems to be in the future.
 */
export function uptimeSeconds(
  device: Pick<DeviceLiveness, "agentStatus" | "lastRebootAt">,
  now: Date,
): number | null {
  if (device.agentStatus !== "online" || device.lastRebootAt === null) return null;
  return Math.max(0, Math.floor((now.getTime() - device.lastRebootAt.getTime()) / 1_000));
}
