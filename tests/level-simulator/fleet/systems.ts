import type { Random } from "../random";

/** An operating system as a device reports it. On Windows `minor` is the full build. */
export interface System {
  name: string;
  major: string;
  minor: string;
  endOfLife: boolean;
}

interface SystemChoice extends System {
  /** Appends a patch number between these, as Windows builds do. */
  patch?: [number, number];
  weight: number;
}

export type SystemFamily = "windows_client" | "windows_server" | "mac" | "linux";

const SYSTEMS: Record<SystemFamily, readonly SystemChoice[]> = {
  windows_client: [
    {
      name: "Windows 11 Pro 24H2",
      major: "11",
      minor: "10.0.26100",
      endOfLife: false,
      patch: [1742, 6899],
      weight: 40,
    },
    {
      name: "Windows 11 Pro 23H2",
      major: "11",
      minor: "10.0.22631",
      endOfLife: false,
      patch: [3007, 5909],
      weight: 30,
    },
    {
      name: "Windows 11 Home",
      major: "11",
      minor: "10.0.26100",
      endOfLife: false,
      patch: [1742, 6899],
      weight: 6,
    },
    {
      name: "Windows 10 Pro 22H2",
      major: "10",
      minor: "10.0.19045",
      endOfLife: true,
      patch: [3930, 6332],
      weight: 20,
    },
    { name: "Windows 7 Professional", major: "7", minor: "6.1.7601", endOfLife: true, weight: 1 },
  ],
  windows_server: [
    {
      name: "Windows Server 2025 Standard",
      major: "2025",
      minor: "10.0.26100",
      endOfLife: false,
      patch: [1742, 6899],
      weight: 10,
    },
    {
      name: "Windows Server 2022 Standard",
      major: "2022",
      minor: "10.0.20348",
      endOfLife: false,
      patch: [2762, 4294],
      weight: 45,
    },
    {
      name: "Windows Server 2019 Standard",
      major: "2019",
      minor: "10.0.17763",
      endOfLife: false,
      patch: [6414, 7919],
      weight: 30,
    },
    { name: "Windows Server 2012 R2 Standard", major: "2012", minor: "6.3.9600", endOfLife: true, weight: 8 },
  ],
  mac: [
    { name: "macOS 26.1", major: "26", minor: "1", endOfLife: false, weight: 20 },
    { name: "macOS 15.6", major: "15", minor: "6", endOfLife: false, weight: 50 },
    { name: "macOS 14.7.1", major: "14", minor: "7.1", endOfLife: false, weight: 20 },
    { name: "macOS 12.7.6", major: "12", minor: "7.6", endOfLife: true, weight: 10 },
  ],
  linux: [
    { name: "Ubuntu 24.04.1 LTS", major: "24", minor: "04", endOfLife: false, weight: 30 },
    { name: "Ubuntu 22.04.5 LTS", major: "22", minor: "04", endOfLife: false, weight: 25 },
    { name: "Ubuntu 20.04.6 LTS", major: "20", minor: "04", endOfLife: true, weight: 12 },
    { name: "Debian GNU/Linux 12 (bookworm)", major: "12", minor: "8", endOfLife: false, weight: 20 },
    { name: "Rocky Linux 9.4 (Blue Onyx)", major: "9", minor: "4", endOfLife: false, weight: 10 },
    { name: "CentOS Linux 7 (Core)", major: "7", minor: "9", endOfLife: true, weight: 5 },
  ],
};

const TOTALS = Object.fromEntries(
  Object.entries(SYSTEMS).map(([family, choices]) => [
    family,
    choices.reduce((sum, choice) => sum + choice.weight, 0),
  ]),
) as Record<SystemFamily, number>;

export function pickSystem(random: Random, family: SystemFamily): System {
  let left = random.next() * TOTALS[family];
  for (const { weight, patch, ...system } of SYSTEMS[family]) {
    left -= weight;
    if (left < 0) return patch ? { ...system, minor: `${system.minor}.${random.int(...patch)}` } : system;
  }
  throw new Error(`no operating system for ${family}`);
}

/** Who built the machine, and how its serial numbers look. */
export interface Chassis {
  manufacturer: string;
  model: string;
  serial: string | null;
}

const DESKTOPS = {
  "Dell Inc.": ["OptiPlex 7010", "OptiPlex 3080", "Precision 3660"],
  HP: ["HP ProDesk 600 G6", "HP EliteDesk 800 G9 Desktop Mini PC"],
  LENOVO: ["11SES0XX00", "12E3003VUS"],
} as const;
const LAPTOPS = {
  "Dell Inc.": ["Latitude 5540", "XPS 13 9340"],
  HP: ["HP EliteBook 840 14 inch G10 Notebook PC"],
  LENOVO: ["21HD0046US", "20XW00A8US"],
  "Microsoft Corporation": ["Surface Laptop 5"],
} as const;
const SERVERS = {
  "Dell Inc.": ["PowerEdge R650", "PowerEdge T350"],
  HPE: ["ProLiant DL380 Gen10"],
  Supermicro: ["SYS-5019C"],
} as const;
const MACS = ["MacBookAir10,1", "MacBookPro18,3", "Mac14,12", "Mac15,3", "iMac21,1"] as const;

export type ChassisKind = "desktop" | "laptop" | "server" | "virtual" | "mac";

const DIGITS_AND_LETTERS = "0123456789BCDFGHJKLMNPRSTVWXYZ";

function serialFor(random: Random, manufacturer: string): string {
  switch (manufacturer) {
    case "Dell Inc.":
      return random.text(7, DIGITS_AND_LETTERS);
    case "LENOVO":
      return `PF${random.text(6, DIGITS_AND_LETTERS)}`;
    case "Microsoft Corporation":
      return random.text(12, "0123456789");
    case "Supermicro":
      return `S${random.int(100000, 999999)}X${random.text(8, "0123456789")}`;
    default:
      return `${random.pick(["MXL", "CND", "5CG"])}${random.text(7, DIGITS_AND_LETTERS)}`;
  }
}

/** Virtual machines seldom report a serial number. */
export function pickChassis(random: Random, kind: ChassisKind): Chassis {
  if (kind === "mac")
    return {
      manufacturer: "Apple Inc.",
      model: random.pick(MACS),
      serial: `C02${random.text(9, DIGITS_AND_LETTERS)}`,
    };
  if (kind === "virtual")
    return random.pick<Chassis>([
      { manufacturer: "VMware, Inc.", model: "VMware20,1", serial: null },
      { manufacturer: "Microsoft Corporation", model: "Virtual Machine", serial: null },
      { manufacturer: "QEMU", model: "Standard PC (Q35 + ICH9, 2009)", serial: null },
    ]);
  const makers: Readonly<Record<string, readonly string[]>> =
    kind === "desktop" ? DESKTOPS : kind === "laptop" ? LAPTOPS : SERVERS;
  const manufacturer = random.pick(Object.keys(makers));
  return {
    manufacturer,
    model: random.pick(makers[manufacturer] ?? []),
    serial: serialFor(random, manufacturer),
  };
}
