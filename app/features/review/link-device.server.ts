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
import { readGroupDecisions } from "~/features/device-sync/page-decisions";
import type { Actor } from "@domain/actor";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

import { handRun, readableReviews, writeReviewed } from "./write-reviewed";

export interface LinkRequest {
  tenantId: string;
  reviewIds: string[];
  /** One of the candidates of a single review, or a new asset for each review. */
  to: { assetId: string } | "new";
  actor: Actor;
}

export type LinkOutcome =
  /** `unreadable`: the names of devices that stay pending, because their stored record is incomplete. */
  | { state: "linked"; devices: number; unreadable?: string[] }
  /** The stored record of every one of the devices is incomplete. */
  | { state: "unreadable"; names: string[] }
  /** Another person or a sweep decided meanwhile. */
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
  // Leaves out devices that wait for approval, because the question about them is not which machine they are.
  const { readable: reviews, unreadable } = readableReviews(
    (await lockReviews(tx, tenantId, reviewIds)).filter(
      ({ reason }) => reason === "ambiguous" || reason === "waiting",
    ),
  );
  if (reviews.length === 0)
    return unreadable.length === 0
      ? { state: "nothing_to_decide" }
      : { state: "unreadable", names: unreadable };
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
  for (const ofOne of groupBy(reviews, (review) => review.connectionId).values()) {
    const { connectionId, provider } = ofOne[0]!;
    const run = handRun({ tenantId, connectionId }, actor);
    const groups = await readGroupDecisions(tx, run, now);
    const decisions = new Map(ofOne.map(({ externalId }) => [externalId, decision]));
    await writeReviewed(tx, { tenantId, connectionId, provider, run, now }, ofOne, groups, decisions);
  }
  if (to === "new") await insertDistinctPairs(tx, tenantId, reviews.map(withAssetIds), actor.name);
  return { state: "linked", devices: reviews.length, ...(unreadable.length > 0 && { unreadable }) };
}

const withAssetIds = ({ connectionId, externalId, candidates }: ReviewRow) => ({
  connectionId,
  externalId,
  assetIds: candidates.map(({ assetId }) => assetId),
});
