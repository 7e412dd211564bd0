import { ownerFields, type ChangeGroup } from "@domain/asset-history";
import { customFieldIn } from "@domain/custom-fields";
import { count, formatBytes } from "@domain/format";

const labels: Record<string, string> = {
  name: "Name",
  type: "Type",
  client: "Client",
  site: "Site",
  contact: "Contact",
  location: "Location",
  notes: "Notes",
  serialNumber: "Serial number",
  status: "Status",
  overrides: "Overridden fields",
  osType: "Operating system",
  osName: "Operating system",
  osVersion: "OS version",
  lanIp: "LAN address",
  cpuModel: "Processor",
  cpuCores: "Processor cores",
  ramGb: "Memory (GB)",
  disks: "Disks",
  lastLoggedInUser: "Last signed-in user",
  pendingPatches: "Pending patches",
  osEndOfLife: "End of life",
  securityScore: "Security score",
  securityRisk: "Security risk",
  patchCompliance: "Patch compliance",
  primaryPartitionEncrypted: "System drive encrypted",
  firewallEnabled: "Firewall",
  antivirusStatus: "Antivirus status",
  antivirusProvider: "Antivirus",
  networkInterfaces: "Network interfaces",
  maintenanceMode: "Maintenance mode",
  biosVersion: "BIOS version",
  groupId: "Group (id)",
};

/** The label of a field: "securityScore" is "Security score". */
export function changeLabel(field: string): string {
  const custom = customFieldIn(field);
  return custom === null ? (labels[field] ?? spaced(field)) : `${custom} (custom field)`;
}

/** What changed a field if neither a person nor a run did, such as the grace period. */
export const changeCause = (field: string): string =>
  customFieldIn(field) === null ? "Plumbline" : "Reading custom fields";

/** A key in camel case as a label: "memorySlots" is "Memory slots". */
function spaced(key: string): string {
  const words = key.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const changeGroupLabels: Record<ChangeGroup, string> = {
  client: "Client, site and contact",
  name: "Name and hostname",
  status: "Active, gone, retired",
  overrides: "Edited fields and overrides",
  patches: "Patches",
  system: "Operating system",
  network: "Network",
  user: "Last signed-in user",
};

/**
 * The most characters of a recorded value: the history shows that something changed, and the asset's page shows all of
 * it.
 */
const MAX_SHOWN = 300;

/**
 * A recorded value as text for people; null if there is none.
 * @param owners names by id, for the fields `client`, `site` and `contact`
 */
export function changeText(
  field: string,
  value: unknown,
  owners: ReadonlyMap<string, string>,
): string | null {
  const text = textOf(field, value, owners);
  return text !== null && text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function textOf(field: string, value: unknown, owners: ReadonlyMap<string, string>): string | null {
  if (value === null || value === undefined || value === "") return null;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (ownerFields.includes(field)) return owners.get(String(value)) ?? `a ${field} that was deleted`;
  if (field === "type" || field === "status") return capitalised(String(value));
  if (field.endsWith("Bytes") && typeof value === "number") return formatBytes(value);
  if (Array.isArray(value)) return listText(field, value);
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

const capitalised = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

function listText(field: string, list: unknown[]): string | null {
  if (list.length === 0) return null;
  if (list.every((item) => typeof item === "string"))
    return list.map((item) => (field === "overrides" ? changeLabel(item) : item)).join(", ");
  const parts = list.map((item) => itemText((item ?? {}) as Record<string, unknown>));
  return parts.every((part) => part !== "") ? parts.join("; ") : count(list.length, "entry", "entries");
}

/** A disk, an interface or a memory module as text: its name, size and addresses. */
function itemText(item: Record<string, unknown>): string {
  const size = item["totalBytes"] ?? item["sizeBytes"];
  return [
    item["name"] ?? item["description"] ?? item["model"] ?? item["location"],
    item["macAddress"],
    Array.isArray(item["addresses"]) ? item["addresses"].join(" ") : undefined,
    item["gateway"] === undefined ? undefined : `gateway ${String(item["gateway"])}`,
    Array.isArray(item["dnsServers"]) ? `DNS ${item["dnsServers"].join(" ")}` : undefined,
    typeof size === "number" ? formatBytes(size) : undefined,
  ]
    .filter((part) => part !== undefined && part !== null && part !== "")
    .join(" ");
}
