import { HEX, LABEL, type Random } from "../random";
import type { LevelDeviceBlocks } from "../records";
import type { ClientPlan } from "./groups";
import type { ChassisKind } from "./systems";

const GB = 2 ** 30;

export const CPUS: Readonly<Record<ChassisKind, readonly { model: string; clock: number; cores: number }[]>> =
  {
    desktop: [
      { model: "13th Gen Intel(R) Core(TM) i5-13500", clock: 2500, cores: 14 },
      { model: "Intel(R) Core(TM) i3-10105 CPU @ 3.70GHz", clock: 3700, cores: 4 },
      { model: "AMD Ryzen 5 PRO 5650G with Radeon Graphics", clock: 3900, cores: 6 },
    ],
    laptop: [
      { model: "12th Gen Intel(R) Core(TM) i7-1265U", clock: 1800, cores: 10 },
      { model: "Intel(R) Core(TM) Ultra 5 125U", clock: 1300, cores: 12 },
    ],
    server: [
      { model: "Intel(R) Xeon(R) Gold 6330 CPU @ 2.00GHz", clock: 2000, cores: 28 },
      { model: "Intel(R) Xeon(R) E-2336 CPU @ 2.90GHz", clock: 2900, cores: 6 },
    ],
    virtual: [
      { model: "Intel(R) Xeon(R) Silver 4310 CPU @ 2.10GHz", clock: 2095, cores: 4 },
      { model: "AMD EPYC 7302P 16-Core Processor", clock: 2994, cores: 2 },
    ],
    mac: [
      { model: "Apple M1", clock: 3200, cores: 8 },
      { model: "Apple M3 Pro", clock: 4050, cores: 12 },
    ],
  };

export function memoryModules(
  random: Random,
  gigabytes: number,
  kind: ChassisKind,
): LevelDeviceBlocks["memory"] {
  const soldered = kind === "mac" || kind === "virtual";
  const slots = soldered ? 1 : gigabytes >= 16 ? 2 : 1;
  const type = kind === "mac" ? "LPDDR5" : random.pick(["DDR4", "DDR5"]);
  return Array.from({ length: slots }, (_, slot) => ({
    size: (gigabytes / slots) * GB,
    memory_type: type,
    form_factor: kind === "laptop" ? "SODIMM" : "DIMM",
    location: `DIMM${slot + 1}`,
  }));
}

const DISKS = [
  { model: "PC SN740 NVMe WD 512GB", type: "SSD", size: 512110190592 },
  { model: "SAMSUNG MZVL21T0HCLR-00B00", type: "SSD", size: 1024209543168 },
  { model: "KIOXIA KXG60ZNV256G", type: "SSD", size: 256060514304 },
  { model: "ST4000NM0035-1V4107", type: "HDD", size: 4000787030016 },
] as const;

export function disksAndPartitions(
  random: Random,
  platform: "Windows" | "Mac" | "Linux",
  kind: ChassisKind,
): Pick<LevelDeviceBlocks, "disks" | "disk_partitions"> {
  const disk = random.pick(DISKS);
  const size = kind === "virtual" ? 137438953472 : disk.size;
  const disks: LevelDeviceBlocks["disks"] = [
    {
      model: kind === "virtual" ? "Msft Virtual Disk" : disk.model,
      disk_type: disk.type,
      size,
      serial_number: kind === "virtual" ? null : random.text(12, LABEL),
    },
  ];
  // A card reader with no card in it answers a disk of size 0.
  if (kind === "desktop" && random.chance(0.15))
    disks.push({ model: "Generic- SD/MMC USB Device", disk_type: "Unknown", size: 0, serial_number: null });

  const free = Math.floor(size * (random.chance(0.08) ? random.next() * 0.05 : 0.1 + random.next() * 0.7));
  const encrypted = random.chance(0.7);
  if (platform === "Mac")
    return {
      disks,
      disk_partitions: [partition("Macintosh HD", "/", encrypted, true, size, free, "APFS")],
    };
  if (platform === "Linux") {
    const partitions = [partition(null, "/", false, true, size, free, "ext4")];
    if (kind === "server")
      partitions.push(
        partition(null, "/srv/backup", false, false, 8001427603456, Math.floor(8e12 * random.next()), "xfs"),
      );
    return { disks, disk_partitions: partitions };
  }
  const system = partition("SYSTEM", null, false, false, 0, 0, "FAT32");
  if (random.chance(0.1)) delete system.size;
  const partitions = [partition("OS", "C:", encrypted, true, size - 314572800, free, "NTFS"), system];
  if (kind === "server") partitions.push(partition("Daten", "D:", false, false, 1.2e12, 4.1e11, "ReFS"));
  return { disks, disk_partitions: partitions };
}

function partition(
  label: string | null,
  mountPoint: string | null,
  encrypted: boolean,
  primary: boolean,
  size: number,
  freeSpace: number,
  fileSystem: string,
): LevelDeviceBlocks["disk_partitions"][number] {
  return {
    label,
    mount_point: mountPoint,
    encrypted,
    primary,
    size,
    free_space: freeSpace,
    file_system: fileSystem,
  };
}

type Interface = LevelDeviceBlocks["network_interfaces"][number];

export function networkInterfaces(
  random: Random,
  client: ClientPlan,
  platform: "Windows" | "Mac" | "Linux",
  kind: ChassisKind,
): Interface[] {
  const prefix = `10.${client.subnet}.${random.int(0, 31)}`;
  const gateway = `${prefix}.1`;
  const [description, name] =
    platform === "Windows"
      ? kind === "laptop"
        ? ["Intel(R) Wi-Fi 6E AX211 160MHz", "Wi-Fi"]
        : ["Intel(R) Ethernet Connection I219-LM", "Ethernet"]
      : platform === "Mac"
        ? ["en0", "en0"]
        : ["Intel Corporation I210 Gigabit", "enp3s0"];
  const address = `${prefix}.${random.int(20, 250)}`;
  const linkLocal = `fe80::${random.text(4, HEX)}:${random.text(4, HEX)}:${random.text(4, HEX)}%${random.int(2, 20)}`;
  const main: Interface = {
    description: description ?? "",
    interface: name ?? "",
    label: name ?? "",
    mac_address: mac(random),
    ip_addresses: [platform === "Linux" && random.chance(0.3) ? `${address}/24` : address, linkLocal],
    gateway,
    domain: random.chance(0.5) ? `${client.domain.toLowerCase()}.example` : null,
    dhcp_server: kind === "server" ? null : `${prefix}.10`,
    dns_servers: random.chance(0.02)
      ? [`${prefix}.10`, "9.9.9.9"]
      : random.chance(0.05)
        ? null
        : `${prefix}.10`,
  };
  const interfaces = [main];
  // Virtual adapters come first as often as not: a reader must go by the description, not by the order.
  if (platform === "Windows" && random.chance(0.15))
    interfaces.unshift(
      bare(random, "Hyper-V Virtual Ethernet Adapter", "vEthernet (Default Switch)", ["172.28.160.1"]),
    );
  if (platform === "Linux" && random.chance(0.3))
    interfaces.push(bare(random, "docker0", "docker0", ["172.17.0.1"]));
  if (random.chance(0.05)) interfaces.push(bare(random, "TAP-Windows Adapter V9", "VPN", ["203.0.113.7"]));
  if (random.chance(0.1))
    interfaces.push(bare(random, "Bluetooth Device (Personal Area Network)", "Bluetooth", []));
  return interfaces;
}

function bare(random: Random, description: string, name: string, addresses: string[]): Interface {
  return {
    description,
    interface: name,
    label: name,
    mac_address: random.chance(0.1) ? null : mac(random),
    ip_addresses: addresses,
    gateway: null,
    domain: null,
    dhcp_server: null,
    dns_servers: null,
  };
}

function mac(random: Random): string {
  const digits = random.text(10, HEX);
  return `d4:${digits.match(/../g)?.join(":") ?? ""}`;
}

export function motherboard(
  random: Random,
  manufacturer: string,
  kind: ChassisKind,
): LevelDeviceBlocks["motherboard"] {
  if (kind === "mac" || random.chance(0.05)) return { manufacturer: null, model: null, bios_version: null };
  return { manufacturer, model: `0${random.text(5, LABEL)}`, bios_version: `1.${random.int(0, 30)}.0` };
}

export function security(
  random: Random,
  platform: "Windows" | "Mac" | "Linux",
  endOfLife: boolean,
  encrypted: boolean,
): LevelDeviceBlocks["security"] {
  const score = random.chance(0.08) ? null : random.int(endOfLife ? 20 : 45, endOfLife ? 60 : 100);
  const risk = score === null ? null : score < 50 ? "high" : score < 80 ? "medium" : "low";
  const windows = platform === "Windows";
  return {
    score,
    risk,
    // Seen as a boolean and as 0 – 100.
    patch_compliance: random.chance(0.1) ? random.int(0, 100) : (score ?? 0) > 70,
    patch_security_risk: risk,
    os_end_of_life: endOfLife,
    primary_partition_encrypted: platform === "Linux" ? null : encrypted,
    firewall_provider: windows ? "Windows Firewall" : null,
    firewall_enabled: windows ? random.chance(0.93) : null,
    antivirus_provider: windows ? "Microsoft Defender Antivirus" : null,
    antivirus_status: windows ? random.pick(["up to date", "up to date", "up to date", "out of date"]) : null,
  };
}
