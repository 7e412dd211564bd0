import { bareAddress } from "@domain/lan-ip";
import type { SystemInfo } from "@domain/system-info";
import { cleanText, textLimits } from "@domain/text";

import type { RawDevice } from "../schemas";
import type { FieldReader } from "./fields";

/** The most elements of a list: more than any real machine has, so that a faulty one cannot fill a page. */
const maxListed = 64;

/**
 * The values that have no column of their own. Flat and without nulls, because they are merged key by key into the
 * stored value and a blank from Level must not delete anything. Tags are the exception: an empty list removes them.
 */
export function systemInfo(device: RawDevice, groupId: string | null, read: FieldReader): SystemInfo {
  const os = device.operating_system ?? {};
  const security = device.security ?? {};
  return present({
    groupId,
    hostname: cleanText(device.hostname, textLimits.name),
    nickname: cleanText(device.nickname, textLimits.name),
    role: cleanText(device.role),
    manufacturer: cleanText(device.manufacturer),
    model: cleanText(device.model),
    architecture: cleanText(device.architecture) ?? cleanText(os.architecture),
    notes: read.text("notes", device.notes, textLimits.note),
    tags: device.tags && texts(device.tags),
    flag: device.flag === true ? "Flagged" : device.flag === false ? null : cleanScalar(device.flag),
    maintenanceMode: device.maintenance_mode,
    city: cleanText(device.city),
    country: cleanText(device.country),
    memoryBytes: read.whole("total_memory", device.total_memory || null, Number.MAX_SAFE_INTEGER),
    memorySlots: read.whole("memory_slots", device.memory_slots),
    osName: cleanText(os.full_operating_system),
    osInstalledAt: read.instant("operating_system.install_date", os.install_date)?.toISOString(),
    osEndOfLife: security.os_end_of_life ?? os.end_of_life,
    securityScore: device.security_score ?? security.score,
    securityRisk: cleanText(security.risk),
    patchCompliance: cleanScalar(security.patch_compliance),
    patchSecurityRisk: cleanText(security.patch_security_risk),
    primaryPartitionEncrypted: security.primary_partition_encrypted,
    firewallProvider: cleanText(security.firewall_provider),
    firewallEnabled: security.firewall_enabled,
    antivirusProvider: cleanText(security.antivirus_provider),
    antivirusStatus: cleanText(security.antivirus_status),
    motherboardManufacturer: cleanText(device.motherboard?.manufacturer),
    motherboardModel: cleanText(device.motherboard?.model),
    biosVersion: cleanText(device.motherboard?.bios_version),
    cpus: listed(device.cpus, (cpu) => ({
      model: cleanText(cpu.model),
      cores: cpu.cores,
      clockSpeedMhz: cpu.clock_speed,
    })),
    memoryModules: listed(device.memory, (module) => ({
      sizeBytes: module.size,
      type: cleanText(module.memory_type),
      formFactor: cleanText(module.form_factor),
      location: cleanText(module.location),
    })),
    physicalDisks: listed(device.disks, (disk) => ({
      model: cleanText(disk.model),
      type: cleanText(disk.disk_type),
      sizeBytes: disk.size,
      serialNumber: cleanText(disk.serial_number),
    })),
    networkInterfaces: listed(device.network_interfaces, (nic) => ({
      name: cleanText(nic.label) ?? cleanText(nic.interface),
      description: cleanText(nic.description),
      macAddress: cleanText(nic.mac_address),
      addresses: texts(nic.ip_addresses ?? []).map(bareAddress),
      gateway: cleanText(nic.gateway),
      dhcpServer: cleanText(nic.dhcp_server),
      dnsServers: dnsServers(nic.dns_servers),
    })),
  });
}

const texts = (values: readonly string[]): string[] =>
  values.slice(0, maxListed).flatMap((value) => cleanText(value, textLimits.name) ?? []);

/** The addresses of a list, or of a text with several; null if there are none. */
function dnsServers(reported: string | number | string[] | null | undefined): string[] | null {
  const servers = texts([reported ?? []].flat().flatMap((text) => String(text).split(/[\s,;]+/)));
  return servers.length > 0 ? servers : null;
}

const cleanScalar = <Value>(value: Value): Exclude<Value, undefined> | null =>
  typeof value === "string"
    ? (cleanText(value) as Exclude<Value, undefined> | null)
    : ((value ?? null) as never);

type Present<Shape> = { [Key in keyof Shape]?: Exclude<Shape[Key], null | undefined> };

function present<Shape extends object>(shape: Shape): Present<Shape> {
  const found: Present<Shape> = {};
  for (const key in shape) {
    const value = shape[key];
    if (value !== null && value !== undefined) found[key] = value as Present<Shape>[typeof key];
  }
  return found;
}

/** The elements that are not blank; null if there are none, so that an empty list deletes nothing. */
function listed<Raw, Shape extends object>(
  raw: readonly Raw[] | null | undefined,
  shape: (element: Raw) => Shape,
): Present<Shape>[] | null {
  const elements = (raw ?? []).slice(0, maxListed).map((element) => present(shape(element)));
  const telling = elements.filter((element) =>
    Object.values(element).some((value) => !Array.isArray(value) || value.length > 0),
  );
  return telling.length > 0 ? telling : null;
}
