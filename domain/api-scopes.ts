/** What a token may do. Every token reads; `admin` includes all the others. */
export const apiScopes = ["read", "sync", "review", "write", "admin"] as const;
export type ApiScope = (typeof apiScopes)[number];

export const apiScopeTitles: Record<ApiScope, { title: string; description: string }> = {
  read: { title: "Read", description: "Reads what its owner may see. Every token has this." },
  sync: { title: "Sync", description: "Starts and cancels syncs, refreshes devices." },
  review: { title: "Review", description: "Decides what is pending review." },
  write: { title: "Write", description: "Changes clients and assets, acknowledges alerts." },
  admin: { title: "Administration", description: "Everything, including connections and the audit log." },
};

/** Whether a token with these scopes may do what requires one of them. */
export const hasScope = (granted: readonly ApiScope[], needed: ApiScope): boolean =>
  needed === "read" || granted.includes(needed) || granted.includes("admin");

/** `personal`: acts as its owner. `service`: acts under a name of its own, for a program. Both end with their owner. */
export const apiTokenKinds = ["personal", "service"] as const;
export type ApiTokenKind = (typeof apiTokenKinds)[number];

/** Days that a token may be valid; the first is the default. */
export const apiTokenDays = [90, 7, 30, 365] as const;
