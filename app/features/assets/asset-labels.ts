import type { AssetFinding } from "@domain/asset-findings";

export const findingLabels: Record<AssetFinding, string> = {
  endOfLife: "End-of-life system",
  antivirus: "Antivirus not up to date",
  firewallOff: "Firewall off",
  notEncrypted: "System drive not encrypted",
  diskFull: "Disk nearly full",
  highRisk: "High security risk",
  maintenance: "In maintenance",
};

export const stateOptions = [
  ["current", "Current"],
  ["online", "Online"],
  ["offline", "Offline"],
  ["patches", "Updates pending"],
  ["gone", "Gone"],
  ["retired", "Retired"],
  ["all", "All states"],
] as const;

export const typeOptions = [
  ["workstation", "Workstations"],
  ["server", "Servers"],
] as const;

export const platformOptions = [
  ["windows", "Windows"],
  ["macos", "macOS"],
  ["linux", "Linux"],
  ["other", "Other systems"],
] as const;

export const unseenOptions = [
  ["7", "Not seen for 7 days"],
  ["30", "Not seen for 30 days"],
  ["90", "Not seen for 90 days"],
] as const;

export const specialOptions = [
  ["overridden", "With overridden fields"],
  ["unmanaged", "Known to no RMM"],
] as const;
