import type { TenantDb } from "@db/client";
import { listGroups } from "@db/queries/device-sync/groups";
import { readMatchingRules } from "@db/queries/matching-rules/rules";
import type { MappingChange } from "@db/queries/mapping/mapping";
import {
  countDeviceBuckets,
  listAffectedAssets,
  listAssetsStillListed,
  listDevicesLikeAssets,
  type GroupTarget,
  type LikelyDevice,
} from "@db/queries/mapping/mapping-effect";
import { lastCompleteStartMs } from "@db/queries/sync-runs/past-runs";
import { ClientMoves, type MoveGroup, type AssetMove } from "@domain/client-moves";
import { assignedSince, resolveClients } from "@domain/group-tree";
import type { Match } from "@domain/identity";
import { effectOn, holdsPendingMoves, type MappingDecisions } from "@domain/mapping-effect";
import { decideAtEnd } from "@domain/match-decision";
import { matchingOrderOf } from "@domain/matching-rules";
import { latestCredibleInstant } from "@domain/observation";
import type { ConnectionRef } from "@domain/refs";
import { countKeyHolders, findMatches } from "~/features/device-sync/device-matches";

export interface MappingPreview {
  /** Devices that get a new asset, by client. */
  created: MoveGroup[];
  /** Devices that join an existing asset, which is the same machine by serial number, MAC address or hostname. */
  joined: MoveGroup[];
  /** Assets that change client. */
  moved: MoveGroup[];
  /** Assets that lose their client. */
  lost: MoveGroup[];
  /** Devices that go to pending review and stay as they are. */
  toReview: number;
  /** The first moved or lost assets, by name. */
  affected: AssetMove[];
}

const MAX_LISTED = 200;

/**
 * Simulates the next complete sync with these changes of the mapping, assuming that Level lists the same devices as
 * last time. Writes nothing. Counts devices by group; examines only those one by one that match an asset.
 */
export async function simulateMapping(
  tx: TenantDb,
  ref: ConnectionRef,
  changes: MappingChange[],
  now: Date,
): Promise<MappingPreview> {
  const decisions = await decisionsUnder(tx, ref, changes, now);
  const buckets = await countDeviceBuckets(tx, ref);
  const holdsStaged = holdsPendingMoves(buckets, decisions);
  const sums = { gained: new ClientMoves(), moved: new ClientMoves(), lost: new ClientMoves() };
  let toReview = 0;
  for (const bucket of buckets) {
    const { devices } = bucket;
    const effect = effectOn(bucket, decisions);
    if (effect.kind === "none") continue;
    if (effect.kind === "gain") sums.gained.add(null, effect.toClientId, devices);
    else if (effect.kind === "wait" || (effect.isStaged && (holdsStaged || bucket.hasHeldMove)))
      toReview += devices;
    else if (effect.kind === "move") sums.moved.add(effect.fromClientId, effect.toClientId, devices);
    else sums.lost.add(effect.fromClientId, null, devices);
  }

  const targets = [...decisions.clients].map(([externalGroupId, { clientId }]): GroupTarget => {
    const isWanted = decisions.assigned === null || decisions.assigned.has(externalGroupId);
    return { externalGroupId, clientId: clientId ?? null, isWanted };
  });
  const { joined, undecided } = await countMatches(tx, ref, targets);
  for (const { toClientId, devices } of [...joined.list(), ...undecided.list()])
    sums.gained.add(null, toClientId, -devices);
  return {
    created: sums.gained.list(),
    joined: joined.list(),
    moved: sums.moved.list(),
    lost: sums.lost.list(),
    toReview: toReview + undecided.total(),
    affected: await listAffectedAssets(tx, ref, targets, holdsStaged, MAX_LISTED),
  };
}

/** The stored groups with the changes applied, as a sweep would read them. */
async function decisionsUnder(
  tx: TenantDb,
  ref: ConnectionRef,
  changes: MappingChange[],
  now: Date,
): Promise<MappingDecisions> {
  const sinceMs = await lastCompleteStartMs(tx, ref, { now, credibleUntil: latestCredibleInstant(now) });
  const edits = new Map(changes.map((change) => [change.externalId, change]));
  const groups = (await listGroups(tx, ref.tenantId, ref.connectionId)).map((group) => {
    const change = edits.get(group.externalId);
    const isAsItWas =
      change === undefined || (change.state === group.state && change.clientId === group.clientId);
    return isAsItWas ? group : { ...group, ...change, assignedMs: (sinceMs ?? 0) + 1 };
  });
  return {
    clients: resolveClients(groups),
    assigned: sinceMs === null ? null : assignedSince(groups, sinceMs, now),
  };
}

/** Devices that are matched together, as at the end of a sweep. */
const BATCH_SIZE = 500;

/**
 * Counts, by client, the devices without an asset that would join one or go to pending review, by the rules of the end
 * of a sweep. Keeps in memory a key or two of each device that resembles an asset.
 */
async function countMatches(tx: TenantDb, ref: ConnectionRef, targets: GroupTarget[]) {
  const keyCounts = new Map<string, number>();
  for await (const batch of likeAssets(tx, ref, targets)) {
    for (const [key, n] of countKeyHolders(batch)) keyCounts.set(key, (keyCounts.get(key) ?? 0) + n);
  }
  const order = matchingOrderOf((await readMatchingRules(tx, ref)).rules);
  const joined = new ClientMoves();
  const undecided = new ClientMoves();
  /** By asset, the clients of the devices that would join it. */
  const claims = new Map<string, { match: Match; clientIds: string[] }>();
  const markSaved = (match: Match, clientIds: string[], listed: ReadonlySet<string>) => {
    const end = { competingDevices: clientIds.length, isListed: (assetId: string) => listed.has(assetId) };
    const { action } = decideAtEnd(match, end);
    if (action === "create") return;
    for (const clientId of clientIds) (action === "link" ? joined : undecided).add(null, clientId, 1);
  };
  const scope = { tenantId: ref.tenantId, plannedRunId: null, keyCounts, joins: "free", order } as const;
  for await (const batch of likeAssets(tx, ref, targets)) {
    const matches = await findMatches(tx, scope, batch);
    const listed = await listAssetsStillListed(tx, ref, matches.flatMap(waitedFor));
    for (const [index, match] of matches.entries()) {
      const { clientId } = batch[index]!;
      if (match.state !== "link") markSaved(match, [clientId], listed);
      else {
        const claim = claims.get(match.assetId) ?? { match, clientIds: [] };
        claim.clientIds.push(clientId);
        claims.set(match.assetId, claim);
      }
    }
  }
  for (const { match, clientIds } of claims.values()) markSaved(match, clientIds, new Set());
  return { joined, undecided };
}

const waitedFor = (match: Match): string[] =>
  match.state === "waiting" ? match.candidates.map(({ assetId }) => assetId) : [];

async function* likeAssets(
  tx: TenantDb,
  ref: ConnectionRef,
  targets: GroupTarget[],
): AsyncGenerator<LikelyDevice[]> {
  for (let afterId: string | null = null; ;) {
    const batch = await listDevicesLikeAssets(tx, ref, targets, { afterId, limit: BATCH_SIZE });
    if (batch.length > 0) yield batch;
    if (batch.length < BATCH_SIZE) return;
    afterId = batch.at(-1)!.deviceRowId;
  }
}
