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

export const unseenOptions = [
  ["7", "Not seen for 7 days"],
  ["30", "Not seen for 30 days"],
  ["90", "Not seen for 90 days"],
] as const;

export const specialOptions = [
  ["overridden", "With overridden fields"],
  ["unmanaged", "Known to no RMM"],
] as const;
