import { clientForDevice, type ClientResolution } from "./group-tree";

/** Devices of one group that are alike to us: with or without an asset, of one client or of none. */
export interface DeviceBucket {
  externalGroupId: string | null;
  hasAsset: boolean;
  clientId: string | null;
  /** A person set the client of these assets: a mapping does not move them. */
  isHeld: boolean;
  devices: number;
}

/** What the next complete sync does to these devices under a mapping. */
export type BucketEffect =
  | { kind: "create"; toClientId: string }
  | { kind: "move"; fromClientId: string | null; toClientId: string }
  | { kind: "lose_client"; fromClientId: string }
  | { kind: "none" };

/** The same decision as `planDevice` takes for one device, for many at once. */
export function effectOn(
  bucket: DeviceBucket,
  resolved: ReadonlyMap<string, ClientResolution>,
): BucketEffect {
  const target = clientForDevice(resolved, bucket.externalGroupId);
  if (target.skip !== undefined) {
    return bucket.hasAsset && bucket.clientId !== null && !bucket.isHeld
      ? { kind: "lose_client", fromClientId: bucket.clientId }
      : { kind: "none" };
  }
  if (!bucket.hasAsset) return { kind: "create", toClientId: target.clientId };
  if (bucket.clientId === target.clientId || bucket.isHeld) return { kind: "none" };
  return { kind: "move", fromClientId: bucket.clientId, toClientId: target.clientId };
}
