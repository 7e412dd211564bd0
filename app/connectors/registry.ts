/** The metadata of each kind of RMM, for display and gating; `openProvider` binds the code. */
export interface ProviderDescription {
  key: ProviderKey;
  title: string;
  description: string;
  /** The name of the icon in the public folder. */
  icon: string;
  edition: "community" | "enterprise";
  featureFlag: string | null;
  capabilities: {
    connection: boolean;
    scopeSync: boolean;
    deviceSync: boolean;
    events: boolean;
    remoteActions: boolean;
  };
}

export const providerKeys = ["levelio"] as const;
export type ProviderKey = (typeof providerKeys)[number];

/** Whether a text is the key of a known provider. */
export const isProviderKey = (key: string): key is ProviderKey =>
  (providerKeys as readonly string[]).includes(key);

export const providerRegistry: Record<ProviderKey, ProviderDescription> = {
  levelio: {
    key: "levelio",
    title: "Level",
    description: "Groups, devices, OS updates and alerts from level.io.",
    icon: "level",
    edition: "enterprise",
    featureFlag: "levelio-rmm-integration",
    capabilities: { connection: true, scopeSync: true, deviceSync: true, events: true, remoteActions: false },
  },
};
