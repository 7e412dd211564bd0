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
  ["exempt", "Needs no agent"],
] as const;

export const updateOptions = [
  ["1", "Updates pending"],
  ["10", "10 or more updates"],
  ["50", "50 or more updates"],
  ["7d", "Updates pending for 7 days"],
  ["30d", "Updates pending for 30 days"],
  ["90d", "Updates pending for 90 days"],
] as const;

export const alertOptions = [
  ["open", "With an open alert"],
  ["major", "Major or critical alert"],
  ["critical", "Critical alert"],
] as const;

export const diskOptions = [
  ["80", "A disk over 80 % full"],
  ["90", "A disk over 90 % full"],
  ["95", "A disk over 95 % full"],
] as const;
