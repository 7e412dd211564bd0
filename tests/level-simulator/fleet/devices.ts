import { Random } from "../random";
import { levelId, type LevelDevice } from "../records";
import { clientPicker, type ClientPlan } from "./groups";
import {
  CPUS,
  disksAndPartitions,
  memoryModules,
  motherboard,
  networkInterfaces,
  security,
} from "./hardware";
import { pickChassis, pickSystem, type ChassisKind } from "./systems";
import { FLAGS, JUNK_SERIALS, NOTES, PEOPLE, ROOMS, TAGS, type Place } from "./words";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const FIRST_DEVICE_NUMBER = 318204;

/** Shares of the fleet, in percent. */
const KINDS = {
  windows_desktop: 36,
  windows_laptop: 28,
  mac: 10,
  linux_desktop: 1.5,
  linux_server: 4,
  linux_vm: 3,
  windows_server: 4,
  windows_vm: 6,
  domain_controller: 3,
  reenrolled: 0.5,
  unreported: 1,
} as const;
type Kind = keyof typeof KINDS;
type MachineKind = Exclude<Kind, "reenrolled" | "unreported">;

interface Make {
  platform: "Windows" | "Mac" | "Linux";
  chassis: ChassisKind;
  role: NonNullable<LevelDevice["role"]>;
  hostname: string;
}

const MAKES: Record<MachineKind, Make> = {
  windows_desktop: { platform: "Windows", chassis: "desktop", role: "workstation", hostname: "ROOM" },
  windows_laptop: { platform: "Windows", chassis: "laptop", role: "workstation", hostname: "LT" },
  mac: { platform: "Mac", chassis: "mac", role: "workstation", hostname: "MAC" },
  linux_desktop: { platform: "Linux", chassis: "desktop", role: "workstation", hostname: "LNX" },
  linux_server: { platform: "Linux", chassis: "server", role: "server", hostname: "backup" },
  linux_vm: { platform: "Linux", chassis: "virtual", role: "server", hostname: "app" },
  windows_server: { platform: "Windows", chassis: "server", role: "server", hostname: "HV" },
  windows_vm: { platform: "Windows", chassis: "virtual", role: "server", hostname: "SQL" },
  domain_controller: { platform: "Windows", chassis: "virtual", role: "domain_controller", hostname: "DC" },
};

/** Makes the devices of a fleet in sequence, each continuing the random stream of the one before. */
export class DeviceMaker {
  private readonly random: Random;
  private readonly pickClient: ((random: Random) => ClientPlan) | null;
  private readonly hostNumbers = new Map<string, number>();
  private number = FIRST_DEVICE_NUMBER;
  private last: LevelDevice | null = null;

  constructor(
    seed: number,
    clients: readonly ClientPlan[],
    private readonly baseTime: number,
  ) {
    this.random = new Random(seed, "devices");
    this.pickClient = clients.length > 0 ? clientPicker(clients) : null;
  }

  next(): LevelDevice {
    const kind = this.random.weighted(KINDS);
    const id = this.nextId();
    if (kind === "unreported" || !this.pickClient) return unreported(id);
    if (kind === "reenrolled") return this.reenrolled(id);
    this.last = this.machine(id, kind, this.pickClient(this.random));
    return this.last;
  }

  nextId(): string {
    this.number += this.random.int(1, 3);
    return levelId("Device", this.number);
  }

  /** A machine whose agent was reinstalled: same hostname and serial number, another id. */
  private reenrolled(id: string): LevelDevice {
    return this.last ? { ...this.last, id, online: true, last_seen_at: this.ago(SECOND) } : unreported(id);
  }

  private machine(id: string, kind: MachineKind, client: ClientPlan): LevelDevice {
    const { random } = this;
    const make = MAKES[kind];
    const { platform } = make;
    const server = make.role !== "workstation";
    const site = random.pick(client.sites);
    const chassis = pickChassis(random, make.chassis);
    const system = pickSystem(
      random,
      platform === "Windows"
        ? server
          ? "windows_server"
          : "windows_client"
        : platform === "Mac"
          ? "mac"
          : "linux",
    );
    const cpu = random.pick(CPUS[make.chassis]);
    const gigabytes = random.pick(server ? [8, 32, 64, 128] : [8, 16, 16, 32]);
    const storage = disksAndPartitions(random, platform, make.chassis);
    const encrypted = storage.disk_partitions[0]?.encrypted ?? false;
    const safety = security(random, platform, system.endOfLife, encrypted);
    const online = random.chance(server ? 0.97 : 0.68);
    const seenAgo = online ? random.int(1, 110) * SECOND : this.darkFor();
    const architecture = platform === "Windows" ? "x64" : platform === "Mac" ? "arm64" : "x86_64";
    const part = server ? "Servers" : make.chassis === "laptop" ? "Laptops" : "Workstations";
    const group = random.chance(0.04) ? client.rootId : (site.subgroups[part] ?? site.id);
    return {
      id,
      hostname: random.chance(0.01) ? "" : this.hostname(make, client),
      nickname: random.chance(0.12) ? `${random.pick(PEOPLE)} – ${random.pick(ROOMS)}` : null,
      role: make.role,
      group_id: random.chance(0.01) ? null : group,
      tags: random.chance(0.2) ? [random.pick(TAGS)] : [],
      flag: random.chance(0.03) ? random.pick(FLAGS) : random.chance(0.003) ? true : null,
      maintenance_mode: random.chance(0.03),
      online,
      notes: random.chance(0.08) ? random.pick(NOTES) : null,
      manufacturer: chassis.manufacturer,
      model: chassis.model,
      architecture,
      serial_number: this.serial(chassis.serial, make.chassis),
      // The part of the installed memory an operating system can use.
      total_memory: random.chance(0.02) ? null : Math.floor((gigabytes * 2 ** 30 * 0.983) / 4096) * 4096,
      memory_slots: make.chassis === "virtual" || make.chassis === "mac" ? null : 4,
      cpu_cores: random.chance(0.02) ? null : cpu.cores,
      last_logged_in_user: this.user(platform, client, server),
      last_reboot_time: random.chance(0.04) ? null : this.ago(seenAgo + random.int(1, 90 * 24) * HOUR),
      last_seen_at: random.chance(0.01) ? null : this.ago(seenAgo),
      ...this.location(site.place),
      security_score: safety.score,
      platform,
      operating_system: {
        full_operating_system: system.name,
        major_version: random.chance(0.01) ? Number(system.major) : system.major,
        minor_version: random.chance(0.03) ? null : system.minor,
        architecture,
        install_date: random.chance(0.2) ? null : this.ago(random.int(30, 1500) * DAY),
        end_of_life: system.endOfLife,
      },
      cpus: [{ model: cpu.model, clock_speed: cpu.clock, cores: cpu.cores }],
      memory: memoryModules(random, gigabytes, make.chassis),
      ...storage,
      network_interfaces: networkInterfaces(random, client, platform, make.chassis),
      motherboard: motherboard(random, chassis.manufacturer, make.chassis),
      security: safety,
    };
  }

  private hostname(make: Make, client: ClientPlan): string {
    const word = make.hostname === "ROOM" ? this.random.pick(ROOMS) : make.hostname;
    if (make.platform === "Mac" && this.random.chance(0.6))
      return `${this.random.pick(PEOPLE)}-MacBook-${this.random.pick(["Air", "Pro"])}`;
    const stem = `${client.code}-${word}`;
    const number = (this.hostNumbers.get(stem) ?? 0) + 1;
    this.hostNumbers.set(stem, number);
    const name = `${stem}${make.role === "workstation" ? "-" : ""}${String(number).padStart(2, "0")}`;
    return make.platform === "Linux" ? name.toLowerCase() : name;
  }

  private serial(serial: string | null, chassis: ChassisKind): string | null {
    const { random } = this;
    if (chassis === "virtual")
      return random.chance(0.05) ? `VMware-56 4d ${random.text(4, "0123456789")}` : null;
    if (random.chance(0.015)) return random.pick(JUNK_SERIALS);
    return random.chance(0.01) ? null : serial;
  }

  private user(platform: string, client: ClientPlan, server: boolean): string | null {
    const { random } = this;
    if (platform !== "Windows") return server ? null : random.pick(PEOPLE);
    return random.chance(0.06) ? null : `${client.domain}\\${server ? "svc-admin" : random.pick(PEOPLE)}`;
  }

  private location(place: Place): Pick<LevelDevice, "city" | "country"> {
    if (this.random.chance(0.12)) return { city: null, country: null };
    return { city: place.city, country: this.random.chance(0.1) ? place.code : place.country };
  }

  /** Milliseconds; most offline machines are off for the night, some have not been seen for weeks. */
  private darkFor(): number {
    return this.random.chance(0.7) ? this.random.int(1, 40) * HOUR : this.random.int(3, 120) * DAY;
  }

  private ago(ms: number): string {
    return new Date(this.baseTime - ms).toISOString();
  }
}

/** The minimal device that Level allows: enrolled, with nothing reported since. */
function unreported(id: string): LevelDevice {
  return {
    id,
    hostname: "",
    nickname: null,
    role: null,
    group_id: null,
    tags: [],
    flag: null,
    maintenance_mode: false,
    online: false,
    notes: null,
    manufacturer: null,
    model: null,
    architecture: null,
    serial_number: null,
    total_memory: null,
    memory_slots: null,
    cpu_cores: null,
    last_logged_in_user: null,
    last_reboot_time: null,
    last_seen_at: null,
    city: null,
    country: null,
    security_score: null,
    platform: null,
    operating_system: {
      full_operating_system: null,
      major_version: null,
      minor_version: null,
      architecture: null,
      install_date: null,
      end_of_life: false,
    },
    cpus: [],
    memory: [],
    disks: [],
    disk_partitions: [],
    network_interfaces: [],
    motherboard: { manufacturer: null, model: null, bios_version: null },
    security: {
      score: null,
      risk: null,
      patch_compliance: false,
      patch_security_risk: null,
      os_end_of_life: false,
      primary_partition_encrypted: null,
      firewall_provider: null,
      firewall_enabled: null,
      antivirus_provider: null,
      antivirus_status: null,
    },
  };
}
