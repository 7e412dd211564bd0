import { NIL as NIL_UUID } from "uuid";

import type { TenantDb } from "@db/client";
import { attributeChanges } from "@db/queries/assets/asset-changes";
import { lockIntegrations } from "@db/queries/connections/connections";
import { insertDistinctPairs } from "@db/queries/device-sync/asset-pairs";
import {
  listIntegrationsOfReviews,
  listLinkedAssets,
  lockIdentities,
  lockReviews,
  type ReviewRow,
} from "@db/queries/device-sync/identity";
import { groupBy } from "@domain/group-by";
import type { MatchDecision } from "@domain/match-decision";
import { readGroupDecisions, writeDevices } from "~/features/device-sync/devices";
import { reviveDevice } from "~/features/device-sync/kept-snapshot";
import { recountPending } from "~/features/device-sync/recount-pending";
import type { Actor } from "@domain/actor";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

export interface LinkRequest {
  tenantId: string;
  reviewIds: string[];
  /** One of the candidates of a single review, or a new asset for each review. */
  to: { assetId: string } | "new";
  actor: Actor;
}

export type LinkOutcome =
  | { state: "linked"; devices: number }
  /** Decided meanwhile by somebody else or by a sweep. */
  | { state: "nothing_to_decide" }
  /** The asset is not a candidate of the device. */
  | { state: "not_a_candidate" }
  /** Another device was linked to the asset meanwhile. */
  | { state: "taken" };

/** Links devices to the asset that a person chose, or creates an asset for each, exactly as a sweep would. */
export async function linkDevices(deps: SyncDeps, request: LinkRequest): Promise<LinkOutcome> {
  return inTransaction(deps, request.tenantId, (tx) => link(deps, tx, request));
}

async function link(
  deps: SyncDeps,
  tx: TenantDb,
  { tenantId, reviewIds, to, actor }: LinkRequest,
): Promise<LinkOutcome> {
  await lockIntegrations(tx, tenantId, await listIntegrationsOfReviews(tx, tenantId, reviewIds));
  const reviews = await lockReviews(tx, tenantId, reviewIds);
  if (reviews.length === 0) return { state: "nothing_to_decide" };
  if (to !== "new") {
    await lockIdentities(tx, tenantId);
    const isCandidate =
      reviews.length === 1 && reviews[0]!.candidates.some((candidate) => candidate.assetId === to.assetId);
    if (!isCandidate) return { state: "not_a_candidate" };
    const linked = await listLinkedAssets(tx, tenantId, [to.assetId]);
    if (linked.has(to.assetId)) return { state: "taken" };
  }
  const link = { by: "hand" as const, actor: actor.name };
  const decision: MatchDecision =
    to === "new" ? { action: "create" } : { action: "link", assetId: to.assetId, link };
  const now = deps.clock();
  await attributeChanges(tx, actor.name);
  for (const ofOne of groupBy(reviews, (review) => review.connectionId).values())
    await writeReviewed(tx, tenantId, ofOne, decision, actor, now);
  if (to === "new") await insertDistinctPairs(tx, tenantId, reviews.map(withAssetIds), actor.name);
  return { state: "linked", devices: reviews.length };
}

const withAssetIds = ({ connectionId, externalId, candidates }: ReviewRow) => ({
  connectionId,
  externalId,
  assetIds: candidates.map(({ assetId }) => assetId),
});

/** Writes reviewed devices of one connection as a sweep would, with a constant number of statements. */
async function writeReviewed(
  tx: TenantDb,
  tenantId: string,
  reviews: ReviewRow[],
  decision: MatchDecision,
  actor: Actor,
  now: Date,
): Promise<void> {
  const { connectionId, provider, externalId } = reviews[0]!;
  // Belongs to no run.
  const run = {
    id: NIL_UUID,
    tenantId,
    connectionId,
    type: "device" as const,
    actor: actor.name,
    appliesRunId: null,
  };
  const groups = await readGroupDecisions(tx, run, now);
  await writeDevices(
    tx,
    { tenantId, connectionId, provider, run, now },
    reviews.map(({ device }) => reviveDevice(device)),
    groups,
    new Map(reviews.map((review) => [review.externalId, decision])),
  );
  await recountPending(tx, run, now, reviews.length === 1 ? externalId : undefined);
}
