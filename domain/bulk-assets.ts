/** Actions on many assets at once, and which assets each leaves out and why. */
export const bulkActions = ["move", "exempt", "unexempt", "retire", "remove", "refresh"] as const;
export type BulkAction = (typeof bulkActions)[number];

/** The limit of an action: each asset is locked, written and audited in one transaction. */
const BULK_AT_MOST = 1000;
/** The limit of a refresh: each asset takes some requests to the RMM, which limits an account's requests a minute. */
const REFRESH_AT_MOST = 100;

/** The most assets that one bulk action may change. */
export const bulkLimit = (action: BulkAction): number =>
  action === "refresh" ? REFRESH_AT_MOST : BULK_AT_MOST;

export interface BulkAsset {
  clientId: string | null;
  status: "active" | "gone" | "retired";
  needsNoAgent: boolean;
  /** A device is, or was, linked to it. */
  hasDevice: boolean;
  /** A device that a connected RMM lists. */
  isListed: boolean;
}

/**
 * Why an asset is left out. `done`: it is already as it should be. `device`: an RMM knows it, so it cannot be retired
 * or removed by hand. `unlisted`: no connected RMM lists it, so there is nothing to read.
 */
export type LeftOut = "done" | "device" | "unlisted";

/** Why the action leaves an asset out; undefined if it does not. `clientId` is the target of `move`. */
export function leftOut(action: BulkAction, asset: BulkAsset, clientId: string | null): LeftOut | undefined {
  switch (action) {
    case "move":
      return asset.clientId === clientId ? "done" : undefined;
    case "exempt":
      return asset.hasDevice ? "device" : asset.needsNoAgent ? "done" : undefined;
    case "unexempt":
      return asset.needsNoAgent ? undefined : "done";
    case "retire":
      return asset.hasDevice ? "device" : asset.status === "retired" ? "done" : undefined;
    case "remove":
      return asset.hasDevice ? "device" : undefined;
    case "refresh":
      return asset.isListed ? undefined : "unlisted";
  }
}
