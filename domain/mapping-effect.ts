import { clientForDevice, type ClientResolution } from "./group-tree";
import { exceedsChangeLimit } from "./mass-change-guard";

/** Devices of one group that are alike to us: with or without an asset, of one client or of none. */
export interface DeviceBucket {
  externalGroupId: string | null;
  hasAsset: boolean;
  clientId: string | null;
  /** A person set the client of these assets: a mapping does not move them. */
  isKept: boolean;
  /** They had a client when they were last written: only then is a change of it held where it surprises. */
  isSynced: boolean;
  /** A move of theirs waits for a person. */
  hasHeldMove: boolean;
  /** The last complete sweep did not list them: their removal waits for a person, or a person refused it. */
  removal: "held" | "rejected" | null;
  devices: number;
}

/** A mapping as a sweep reads it. */
export interface MappingDecisions {
  clients: ReadonlyMap<string, ClientResolution>;
  /** Groups that a person assigned since the last complete sweep; null before the first, when every move is wanted. */
  assigned: ReadonlySet<string> | null;
}

/** What the next complete sweep does to these devices under a mapping. */
export type BucketEffect =
  /** They get an asset: a new one, or one that is there. */
  | { kind: "gain"; toClientId: string }
  /** `isStaged`: nobody asked for it, so that it is held where there are surprisingly many. */
  | { kind: "move"; fromClientId: string | null; toClientId: string; isStaged: boolean }
  | { kind: "lose_client"; fromClientId: string; isStaged: boolean }
  /** They stay as they are until a person decides. */
  | { kind: "wait" }
  | { kind: "none" };

/** The same decision as `planDevice` takes for one device, for many at once. */
export function effectOn(bucket: DeviceBucket, { clients, assigned }: MappingDecisions): BucketEffect {
  const { hasAsset, clientId, isKept, isSynced, removal } = bucket;
  // A device that Level does not list is not written, whatever its group leads to.
  if (removal !== null) return { kind: removal === "held" ? "wait" : "none" };
  const target = clientForDevice(clients, bucket.externalGroupId);
  if (!hasAsset)
    return target.skip === undefined ? { kind: "gain", toClientId: target.clientId } : { kind: "none" };
  if (isKept || clientId === (target.clientId ?? null)) return { kind: "none" };
  const isWanted = assigned === null || assigned.has(bucket.externalGroupId ?? "");
  const isStaged = isSynced && clientId !== null && !isWanted;
  if (target.skip === undefined)
    return { kind: "move", fromClientId: clientId, toClientId: target.clientId, isStaged };
  return { kind: "lose_client", fromClientId: clientId!, isStaged };
}

/** Whether the sweep would hold all moves that nobody asked for, as surprisingly many. */
export function holdsPendingMoves(buckets: readonly DeviceBucket[], decisions: MappingDecisions): boolean {
  let known = 0;
  let affected = 0;
  for (const bucket of buckets) {
    const effect = effectOn(bucket, decisions);
    known += bucket.devices;
    if ("isStaged" in effect && effect.isStaged) affected += bucket.devices;
  }
  return exceedsChangeLimit({ known, affected });
}
