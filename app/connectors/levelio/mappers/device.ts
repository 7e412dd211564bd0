import { diskSnapshot } from "@domain/disks";
import { lanIp } from "@domain/lan-ip";
import { osVersion } from "@domain/os-version";
import type { DeviceSnapshot, DiskSnapshot } from "@domain/snapshots";
import { cleanText, textLimits } from "@domain/text";

import { readRecord } from "../read-record";
import { deviceSchema, type RawDevice } from "../schemas";
import { FieldReader, maxInteger, type Mapped } from "./fields";
import { systemInfo } from "./system-info";

const bytesPerGb = 2 ** 30;
const maxDisks = 64;
const serverRoles = new Set(["server", "domain_controller"]);

/**
 * A device of Level as a snapshot. A missing role or private address is null: a new device then becomes a workstation
 * without a LAN address, and a stored value stays.
 * @param observedAt when Level answered; later times of the machine are left out
 */
export function mapDevice(raw: unknown, observedAt?: Date): Mapped<DeviceSnapshot> {
  const { record: device, issues } = readRecord(deviceSchema, raw);
  if (!device) return { item: null, issues };

  const name = cleanText(device.nickname, textLimits.name) ?? cleanText(device.hostname, textLimits.name);
  const read = new FieldReader(issues, device.id, name ?? device.id);
  const groupId = read.reference("group_id", device.group_id);
  const item: DeviceSnapshot = {
    externalId: device.id,
    externalGroupId: groupId,
    name,
    assetType: assetType(device),
    serialNumber: cleanText(device.serial_number, textLimits.name),
    location:
      [cleanText(device.city), cleanText(device.country)].filter((part) => part !== null).join(", ") || null,
    osType: cleanText(device.platform, textLimits.name),
    osVersion: osVersion({
      fullName: cleanText(device.operating_system?.full_operating_system),
      major: cleanText(device.operating_system?.major_version),
      minor: cleanText(device.operating_system?.minor_version),
    }),
    lanIp: lanIp(
      (device.network_interfaces ?? []).map((nic) => ({
        name: nic.interface ?? nic.label ?? null,
        description: nic.description ?? null,
        addresses: nic.ip_addresses ?? [],
      })),
    ),
    cpuModel: (device.cpus ?? []).map((cpu) => cleanText(cpu.model)).find((model) => model !== null) ?? null,
    cpuCores: read.whole("cpu_cores", device.cpu_cores ?? sum(device.cpus, (cpu) => cpu.cores)),
    ramGb: ramGb(device, read),
    disks: disks(device, read),
    lastLoggedInUser: cleanText(device.last_logged_in_user, textLimits.name),
    systemInfo: { ...systemInfo(device, groupId ?? null, read) },
    liveness: {
      agentStatus: device.online ? "online" : "offline",
      lifecycleStatus: device.online ? "active" : "inactive",
      lastSeenAt: read.past("last_seen_at", device.last_seen_at, observedAt),
      lastRebootAt: read.past("last_reboot_time", device.last_reboot_time, observedAt),
    },
  };
  return { item, issues };
}

function assetType(device: RawDevice): DeviceSnapshot["assetType"] {
  const role = cleanText(device.role)?.toLowerCase();
  if (role === undefined) return null;
  return serverRoles.has(role) ? "server" : "workstation";
}

/** Whole GB: a "16 GB" machine reports about 15.7 GiB usable. */
function ramGb(device: RawDevice, read: FieldReader): number | null {
  const bytes = device.total_memory ?? sum(device.memory, (module) => module.size);
  return bytes === null || bytes <= 0 ? null : read.whole("total_memory", bytes / bytesPerGb, maxInteger);
}

/** Volumes, not drives, because only volumes have free space. Named by mount point, otherwise by label. */
function disks(device: RawDevice, read: FieldReader): DiskSnapshot[] {
  const found: DiskSnapshot[] = [];
  for (const partition of (device.disk_partitions ?? []).slice(0, maxDisks)) {
    const { size, free_space: free } = partition;
    const name =
      cleanText(partition.mount_point, textLimits.name) ??
      cleanText(partition.label, textLimits.name) ??
      `Disk ${found.length + 1}`;
    const disk = diskSnapshot({ name, totalBytes: size ?? null, freeBytes: free ?? null });
    if (disk) found.push(disk);
    else if (size && size > 0)
      read.leaveOut(
        "disk_partitions",
        `${typeof free === "number" ? "impossible free space" : "no free space given"} for ${name}`,
      );
  }
  return found;
}

/** The sum of the elements' values; null if no element has one. */
function sum<Item>(
  items: Item[] | null | undefined,
  value: (item: Item) => number | null | undefined,
): number | null {
  const values = (items ?? []).map(value).filter((number) => number !== null && number !== undefined);
  return values.length > 0 ? values.reduce((total, number) => total + number, 0) : null;
}
