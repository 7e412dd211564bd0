/**
 * Level's records as its API answers them. The types say what is usual; `patch*` and `replace*` on the account
 * put anything else in their place.
 */

export const RESOURCES = [
  "groups",
  "devices",
  "updates",
  "alerts",
  "tags",
  "custom_fields",
  "custom_field_values",
  "automations",
] as const;
export type Resource = (typeof RESOURCES)[number];

export interface LevelGroup {
  id: string;
  parent_id: string | null;
  child_ids: string[];
  name: string;
  /** Devices directly in the group. */
  device_count: number;
  /** Level's own spelling. Devices in the group and everything below it. */
  descendent_device_count: number;
}

/** What is stored of a group; the rest is worked out when it is read. */
export type StoredGroup = Pick<LevelGroup, "id" | "parent_id" | "name">;

interface LevelDeviceBase {
  id: string;
  hostname: string;
  nickname: string | null;
  role: "workstation" | "server" | "domain_controller" | null;
  group_id: string | null;
  /** Names, not ids. */
  tags: string[];
  flag: string | boolean | null;
  maintenance_mode: boolean;
  online: boolean;
  notes: string | null;
  manufacturer: string | null;
  model: string | null;
  architecture: string | null;
  serial_number: string | null;
  /** Bytes. */
  total_memory: number | null;
  memory_slots: number | null;
  cpu_cores: number | null;
  last_logged_in_user: string | null;
  last_reboot_time: string | null;
  last_seen_at: string | null;
  city: string | null;
  country: string | null;
  security_score: number | null;
  platform: "Windows" | "Mac" | "Linux" | null;
}

export interface LevelDeviceBlocks {
  operating_system: {
    full_operating_system: string | null;
    major_version: string | number | null;
    minor_version: string | number | null;
    architecture: string | null;
    install_date: string | null;
    end_of_life: boolean;
  };
  cpus: { model: string; clock_speed: number; cores: number }[];
  memory: { size: number; memory_type: string; form_factor: string; location: string }[];
  disks: { model: string; disk_type: string; size: number; serial_number: string | null }[];
  disk_partitions: {
    label: string | null;
    mount_point: string | null;
    encrypted: boolean;
    primary: boolean;
    size?: number;
    free_space: number;
    file_system: string;
  }[];
  network_interfaces: {
    description: string;
    interface: string;
    label: string;
    mac_address: string | null;
    ip_addresses: string[];
    gateway: string | null;
    domain: string | null;
    dhcp_server: string | null;
    dns_servers: string | string[] | null;
  }[];
  motherboard: { manufacturer: string | null; model: string | null; bios_version: string | null };
  security: {
    score: number | null;
    risk: string | null;
    patch_compliance: boolean | number;
    patch_security_risk: string | null;
    os_end_of_life: boolean;
    primary_partition_encrypted: boolean | null;
    firewall_provider: string | null;
    firewall_enabled: boolean | null;
    antivirus_provider: string | null;
    antivirus_status: string | null;
  };
}

export type LevelDevice = LevelDeviceBase & LevelDeviceBlocks;

/** Blocks a device answers only when asked, by the flag that asks for them. */
export const BLOCKS_BY_FLAG = {
  include_operating_system: ["operating_system"],
  include_cpus: ["cpus"],
  include_memory: ["memory"],
  include_disks: ["disks", "disk_partitions"],
  include_network_interfaces: ["network_interfaces"],
  include_motherboard: ["motherboard"],
  include_security: ["security"],
} as const satisfies Record<string, readonly (keyof LevelDeviceBlocks)[]>;

export interface LevelAlert {
  id: string;
  device_id: string;
  device_hostname: string;
  name: string;
  description: string;
  payload: string | null;
  severity: "information" | "warning" | "critical" | "emergency";
  is_resolved: boolean;
  started_at: string;
  resolved_at: string | null;
}

export interface LevelUpdate {
  id: string;
  device_id: string;
  device_hostname: string;
  name: string;
  description: string;
  category: string;
  version: string;
  /** Bytes. */
  size: number | null;
  kb_ids: string[];
  is_available: boolean;
  error: string | null;
  published_on: string | null;
  installed_on: string | null;
}

export interface LevelTag {
  id: string;
  name: string;
  device_count: number;
}

export interface LevelCustomField {
  id: string;
  name: string;
  reference: string;
  admin_only: boolean;
}

export interface LevelCustomFieldValue {
  custom_field_id: string;
  custom_field_name: string;
  assigned_to_id: string | null;
  value: string | null;
}

type IdType = "Device" | "DeviceGroup" | "Alert" | "Update" | "Tag" | "CustomField";

/** Ids as real accounts show them: base64 without padding of `gid://level/<Type>/<number>`. */
export function levelId(type: IdType, number: number): string {
  return Buffer.from(`gid://level/${type}/${number}`, "latin1").toString("base64").replace(/=+$/, "");
}
