import { withTenant } from "@db/client";
import {
  claimDeliveries,
  recordAttempt,
  type AttemptResult,
  type ClaimedDelivery,
} from "@db/queries/outgoing";
import { getSecret } from "@db/queries/secrets";
import { nextAttemptAt, outgoingBody, SIGNATURE_HEADER, signOutgoing } from "~/domain/outgoing";

import type { ConnectDeps } from "../connect";
import type { Post, PostOutcome } from "./post";
import { secretOwner } from "./subscriptions";

export type OutgoingDeps = Pick<ConnectDeps, "db" | "clock" | "log" | "vault" | "meter"> & { post: Post };

/** Sent at once: a receiver that is slow holds up few others. */
const BATCH = 10;
/** Longer than a batch takes, attempts and writing included; then a dead sender's deliveries are tried again. */
const CLAIM_MS = 2 * 60_000;
/** One call works so long at most; what is left is found by the next. */
const BUDGET_MS = 20_000;

/**
 * Sends the deliveries that are due. A crash in between may send one twice and never loses one: the receiver knows a
 * repetition by its `X-Plumbline-Delivery`.
 * @returns how many attempts were made
 */
export async function deliverOutgoing(deps: OutgoingDeps): Promise<number> {
  const endAt = performance.now() + BUDGET_MS;
  let attempts = 0;
  while (performance.now() < endAt) {
    const now = deps.clock();
    const claimed = await claimDeliveries(deps.db, now, new Date(now.getTime() + CLAIM_MS), BATCH);
    if (claimed.length === 0) break;
    const outcomes = await Promise.all(claimed.map((delivery) => attempt(deps, delivery, now)));
    // One after the other: an embedded database has one connection.
    for (const [n, delivery] of claimed.entries()) await settle(deps, delivery, outcomes[n]!);
    attempts += claimed.length;
  }
  return attempts;
}

async function attempt(deps: OutgoingDeps, delivery: ClaimedDelivery, now: Date): Promise<PostOutcome> {
  const { tenantId, subscriptionId } = delivery;
  const owner = secretOwner(tenantId, subscriptionId);
  const sealed = await withTenant(deps.db, tenantId, (tx) => getSecret(tx, tenantId, null, owner.name));
  if (sealed === undefined) return { state: "failed", reason: "the subscription has no secret" };
  const body = outgoingBody({
    id: delivery.eventId,
    name: delivery.eventName,
    occurredAt: new Date(delivery.occurredMs),
    data: delivery.data,
  });
  return deps.post(delivery.url, body, {
    [SIGNATURE_HEADER]: signOutgoing(deps.vault.open(sealed, owner), body, now),
    "X-Plumbline-Event": delivery.eventName,
    "X-Plumbline-Delivery": delivery.id,
  });
}

async function settle(deps: OutgoingDeps, delivery: ClaimedDelivery, outcome: PostOutcome): Promise<void> {
  const now = deps.clock();
  const result = judge(delivery, outcome, now);
  await withTenant(deps.db, delivery.tenantId, (tx) => recordAttempt(tx, delivery, result, now));
  deps.meter?.outgoingAttempted(result.status === "pending" ? "retried" : result.status);
  if (result.status === "dead") {
    const { id, tenantId, attempts } = delivery;
    deps.log.warn(
      { deliveryId: id, tenantId, attempts, reason: result.error },
      "an event could not be delivered",
    );
  }
}

function judge(delivery: ClaimedDelivery, outcome: PostOutcome, now: Date): AttemptResult {
  const responseStatus = outcome.state === "answered" ? outcome.status : null;
  if (responseStatus !== null && responseStatus >= 200 && responseStatus < 300) {
    return { status: "delivered", nextAttemptAt: now, responseStatus, error: null };
  }
  const error = outcome.state === "failed" ? outcome.reason : `the receiver answered ${responseStatus}`;
  const next = nextAttemptAt(delivery.attempts, now);
  return { status: next === null ? "dead" : "pending", nextAttemptAt: next ?? now, responseStatus, error };
}
