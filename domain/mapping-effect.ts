import { clientForDevice, type ClientResolution } from "./group-tree";
import { exceedsChangeLimit } from "./mass-change-guard";

/** Devices of one group that count alike: with or without an asset, of one client or of none. */
export interface DeviceBucket {
  externalGroupId: string | null;
  hasAsset: boolean;
  clientId: string | null;
  /** A person set the client of these assets, so a mapping does not move them. */
  isKept: boolean;
  /** The move of these assets that a person undid, to a client or to none; null if nobody did. */
  undoneMove: { toClientId: string | null } | null;
  /** They had a client when they were last written: only then does the mass-change guard hold a move. */
  isSynced: boolean;
  /** A move of theirs is held. */
  hasHeldMove: boolean;
  /** The last complete sweep did not list them: their removal is held, or a person rejected it. */
  removal: "held" | "rejected" | null;
  devices: number;
}

/** A mapping as a sweep reads it. */
export interface MappingDecisions {
  clients: ReadonlyMap<string, ClientResolution>;
  /**
   * Groups that a person assigned since the last complete sweep; null before the first, when every move is intended.
   */
  assigned: ReadonlySet<string> | null;
}

/** What the next complete sweep does to these devices under a mapping. */
export type BucketEffect =
  /** They get an asset, new or existing. */
  | { kind: "gain"; toClientId: string }
  /** `isStaged`: no person caused it, so it is held if there are too many. */
  | { kind: "move"; fromClientId: string | null; toClientId: string; isStaged: boolean }
  | { kind: "lose_client"; fromClientId: string; isStaged: boolean }
  /** They stay as they are until a person decides. */
  | { kind: "wait" }
  | { kind: "none" };

/** Makes the decision of `planDevice` for many devices at once. */
export function effectOn(bucket: DeviceBucket, { clients, assigned }: MappingDecisions): BucketEffect {
  const { hasAsset, clientId, isKept, undoneMove, isSynced, removal } = bucket;
  // A device that Level does not list is not written, whatever its group leads to.
  if (removal !== null) return { kind: removal === "held" ? "wait" : "none" };
  const target = clientForDevice(clients, bucket.externalGroupId);
  if (!hasAsset)
    return target.skip === undefined ? { kind: "gain", toClientId: target.clientId } : { kind: "none" };
  const toClientId = target.clientId ?? null;
  if (isKept || clientId === toClientId || undoneMove?.toClientId === toClientId) return { kind: "none" };
  const isWanted = assigned === null || assigned.has(bucket.externalGroupId ?? "");
  const isStaged = isSynced && clientId !== null && !isWanted;
  if (target.skip === undefined)
    return { kind: "move", fromClientId: clientId, toClientId: target.clientId, isStaged };
  return { kind: "lose_client", fromClientId: clientId!, isStaged };
}

/** Whether the sweep would hold all moves that no person caused, because there are too many. */
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
