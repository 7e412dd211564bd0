import type { TenantDb } from "@db/client";
import { attributeChanges } from "@db/queries/assets/asset-changes";
import { audit, type AuditEntry } from "@db/queries/audit/audit";
import { lockIntegrations } from "@db/queries/connections/connections";
import {
  listIntegrationsOfReviews,
  lockIdentities,
  lockReviews,
  type ReviewRow,
} from "@db/queries/device-sync/identity";
import { leaveDevicesOut, markApproved } from "@db/queries/review/new-devices";
import type { Actor } from "@domain/actor";
import { groupBy } from "@domain/group-by";
import { decideOnPage, type MatchDecision } from "@domain/match-decision";
import { countKeyHolders, findMatches, toMatch } from "~/features/device-sync/device-matches";
import { isNew, planDevices } from "~/features/device-sync/device-plans";
import { reviveDevice } from "~/features/device-sync/kept-snapshot";
import { readGroupDecisions } from "~/features/device-sync/page-decisions";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

import { handRun, readableReviews, writeReviewed } from "./write-reviewed";

export interface NewDevicesRequest {
  tenantId: string;
  reviewIds: string[];
  decision: "approve" | "reject";
  actor: Actor;
}

export interface NewDevicesOutcome {
  /** The number of devices that now have an asset, or that were left out. */
  decided: number;
  /**
   * The number of approved devices that resemble existing assets: a person must decide first which machine each one is.
   */
  toMatch: number;
  /** The names of devices that stay pending, because their stored record is incomplete. */
  unreadable: string[];
}

/**
 * Approves new devices, or leaves them out. An approved device is compared with the present assets, as any new device
 * is, and gets a new asset only if it matches none. Devices that were decided meanwhile do not count.
 */
export async function decideNewDevices(
  deps: SyncDeps,
  { tenantId, reviewIds, decision, actor }: NewDevicesRequest,
): Promise<NewDevicesOutcome> {
  return inTransaction(deps, tenantId, async (tx) => {
    await lockIntegrations(tx, tenantId, await listIntegrationsOfReviews(tx, tenantId, reviewIds));
    const now = deps.clock();
    if (decision === "reject") {
      const left = await leaveDevicesOut(tx, tenantId, reviewIds, now);
      await audit(tx, tenantId, actor, ...entriesOf("device.left_out", left));
      return { decided: left.length, toMatch: 0, unreadable: [] };
    }
    const { readable: reviews, unreadable } = readableReviews(
      (await lockReviews(tx, tenantId, reviewIds)).filter(
        ({ reason }) => reason === "approval" || reason === "rejected",
      ),
    );
    if (reviews.length === 0) return { decided: 0, toMatch: 0, unreadable };
    await lockIdentities(tx, tenantId);
    await attributeChanges(tx, actor.name);
    let decided = 0;
    for (const ofOne of groupBy(reviews, (review) => review.connectionId).values())
      decided += await approve(tx, tenantId, ofOne, actor, now);
    await audit(tx, tenantId, actor, ...entriesOf("device.approved", reviews));
    return { decided, toMatch: reviews.length - decided, unreadable };
  });
}

const entriesOf = (
  action: "device.approved" | "device.left_out",
  devices: readonly Pick<ReviewRow, "connectionId" | "externalId" | "name">[],
): AuditEntry[] =>
  devices.map(({ connectionId, externalId, name }) => ({
    action,
    targetType: "integration",
    targetId: connectionId,
    details: { name, externalId },
  }));

/** Approves devices of one connection. Returns how many got an asset. */
async function approve(
  tx: TenantDb,
  tenantId: string,
  reviews: ReviewRow[],
  actor: Actor,
  now: Date,
): Promise<number> {
  const { connectionId, provider } = reviews[0]!;
  const run = handRun({ tenantId, connectionId }, actor);
  const groups = await readGroupDecisions(tx, run, now);
  const scope = { tenantId, connectionId, provider, run, now };
  const observed = reviews.map(({ device }) => reviveDevice(device));
  const fresh = (await planDevices(tx, scope, observed, groups)).filter(isNew);
  const keyCounts = countKeyHolders(fresh.map(({ identity }) => identity));
  const matches = await findMatches(
    tx,
    { tenantId, plannedRunId: null, keyCounts, joins: "any", order: groups.order },
    fresh.map(toMatch),
  );
  const decisions = new Map(
    fresh.map(({ snapshot }, i): [string, MatchDecision] => [
      snapshot.externalId,
      decideOnPage(matches[i]!, false),
    ]),
  );
  const isOpen = ({ externalId }: ReviewRow) => decisions.get(externalId)?.action === "review";
  await markApproved(
    tx,
    tenantId,
    reviews.filter(isOpen).map(({ id }) => id),
    actor.name,
  );
  await writeReviewed(tx, scope, reviews, groups, decisions);
  return reviews.filter((review) => !isOpen(review)).length;
}
