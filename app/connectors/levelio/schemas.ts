import * as z from "zod";

/**
 * Level's records as Level really answers: only the ids are required, everything else may be absent or null. The
 * schemas describe well-formed records; `readRecord` salvages what it can of others.
 * https://developers.level.io/reference
 */

const text = z.string().nullish();
const number = z.number().nullish();
const flag = z.boolean().nullish();
/** Fields whose type differs from the documentation in some accounts. */
const scalar = z.union([z.string(), z.number(), z.boolean()]).nullish();
const listOf = <Item extends z.ZodType>(item: Item) => z.array(item).nullish();

export const groupSchema = z.object({
  id: z.string(),
  parent_id: text,
  name: text,
  device_count: number,
});

const operatingSystem = z.object({
  full_operating_system: text,
  major_version: text,
  minor_version: text,
  architecture: text,
  install_date: text,
  end_of_life: flag,
});

const cpu = z.object({ model: text, clock_speed: number, cores: number });

const memoryModule = z.object({ size: number, memory_type: text, form_factor: text, location: text });

const physicalDisk = z.object({ model: text, disk_type: text, size: number, serial_number: text });

const partition = z.object({
  label: text,
  mount_point: text,
  encrypted: flag,
  size: number,
  free_space: number,
  file_system: text,
});

const networkInterface = z.object({
  description: text,
  interface: text,
  label: text,
  mac_address: text,
  ip_addresses: listOf(z.string()),
  gateway: text,
  dhcp_server: text,
  /** One address, several in a text, or a list: accounts differ. */
  dns_servers: z.union([z.string(), z.array(z.string())]).nullish(),
});

const motherboard = z.object({ manufacturer: text, model: text, bios_version: text });

const security = z.object({
  score: number,
  risk: text,
  patch_compliance: scalar,
  patch_security_risk: text,
  os_end_of_life: flag,
  primary_partition_encrypted: flag,
  firewall_provider: text,
  firewall_enabled: flag,
  antivirus_provider: text,
  antivirus_status: text,
});

export const deviceSchema = z.object({
  id: z.string(),
  hostname: text,
  nickname: text,
  role: text,
  group_id: text,
  tags: listOf(z.string()),
  flag: scalar,
  maintenance_mode: flag,
  online: flag,
  notes: text,
  manufacturer: text,
  model: text,
  architecture: text,
  serial_number: text,
  total_memory: number,
  memory_slots: number,
  cpu_cores: number,
  last_logged_in_user: text,
  last_reboot_time: text,
  last_seen_at: text,
  city: text,
  country: text,
  security_score: number,
  platform: text,
  operating_system: operatingSystem.nullish(),
  cpus: listOf(cpu),
  memory: listOf(memoryModule),
  disks: listOf(physicalDisk),
  disk_partitions: listOf(partition),
  network_interfaces: listOf(networkInterface),
  motherboard: motherboard.nullish(),
  security: security.nullish(),
});

export const alertSchema = z.object({
  id: z.string(),
  device_id: z.string(),
  device_hostname: text,
  name: text,
  description: text,
  payload: text,
  severity: text,
  is_resolved: flag,
  started_at: text,
  resolved_at: text,
});

/** The alert of an event. Its change of state matters; the other fields are known already or may follow. */
export const reportedAlertSchema = alertSchema.extend({ device_id: text });

export const updateSchema = z.object({
  id: z.string(),
  device_id: z.string(),
  name: text,
  category: text,
  version: text,
  size: number,
  kb_ids: listOf(z.string()),
  is_available: flag,
  error: text,
  published_on: text,
});

export const customFieldSchema = z.object({
  id: z.string(),
  name: text,
  reference: text,
  admin_only: flag,
});

/** A row of the list of values, which has no id of its own. */
export const customFieldValueSchema = z.object({
  custom_field_id: text,
  custom_field_name: text,
  value: scalar,
});

/** The complete answer of a list, without totals or a next link. Without `has_more` its end would be unknown. */
export const listSchema = z.object({ data: z.array(z.unknown()), has_more: z.boolean() });

export type RawDevice = z.infer<typeof deviceSchema>;
