/** The words of an asset. */

export const assetTypes = ["workstation", "server"] as const;
export type AssetType = (typeof assetTypes)[number];

/**
 * `gone`: no longer listed by the RMM. `retired`: gone for longer than the grace period. Both come back when seen
 * again.
 */
export const assetStatuses = ["active", "gone", "retired"] as const;
export type AssetStatus = (typeof assetStatuses)[number];
