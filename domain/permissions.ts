/** The words of `users.role`. */
export const roles = ["admin", "technician", "viewer"] as const;
export type Role = (typeof roles)[number];

/** Everything that a person may be allowed to do. A route requires one of these; roles are sets of them. */
export const permissions = [
  "account:self",
  "assets:read",
  "assets:write",
  "devices:refresh",
  "clients:read",
  "clients:write",
  "runs:read",
  "syncs:run",
  "alerts:read",
  "alerts:write",
  "integrations:read",
  "integrations:manage",
  "automations:manage",
  "people:manage",
  "audit:read",
  "support:download",
] as const;
export type Permission = (typeof permissions)[number];

const viewer: readonly Permission[] = [
  "account:self",
  "assets:read",
  "clients:read",
  "runs:read",
  "alerts:read",
  "integrations:read",
];
const technician: readonly Permission[] = [...viewer, "devices:refresh", "syncs:run", "alerts:write"];

/** A technician reads, refreshes a device and runs a sync; a viewer reads. */
const rolePermissions: Record<Role, ReadonlySet<Permission>> = {
  admin: new Set(permissions),
  technician: new Set(technician),
  viewer: new Set(viewer),
};

export const roleTitles: Record<Role, { title: string; description: string }> = {
  admin: { title: "Administrator", description: "Everything, including people and integrations." },
  technician: { title: "Technician", description: "Reads everything, refreshes devices and runs syncs." },
  viewer: { title: "Viewer", description: "Reads, changes nothing." },
};

/** Whether the role has the permission. */
export const allows = (role: Role, permission: Permission): boolean => rolePermissions[role].has(permission);
