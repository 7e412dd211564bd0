import { withTenant } from "@db/client";
import { getSecret } from "@db/queries/connections/secrets";
import { putChannelPost } from "@db/queries/event-subscriptions/channel-posts";
import {
  claimDeliveries,
  deadLetterWaiting,
  leaveUnsent,
  recordAttempt,
  type AttemptResult,
  type ClaimedDelivery,
} from "@db/queries/event-subscriptions/outgoing";
import { GIVE_UP_AFTER_MS, isUnreachableForDay, nextAttemptAt, cooldownUntil } from "@domain/back-off";
import { outgoingRequest } from "@domain/outgoing";
import { deliverDue } from "~/platform/outbox/deliver-due";
import type { Post, PostOutcome } from "~/platform/outgoing/post";
import type { ConnectDeps } from "~/platform/ports";
import { openUnlessLost } from "~/platform/vault";

import { nextChannelStep, type ChannelStep } from "./channel-message";
import { eventRecord } from "./event-record";
import { formerSecretOwner, secretOwner } from "./subscriptions.server";

export type OutgoingDeps = Pick<ConnectDeps, "db" | "clock" | "log" | "vault" | "meter"> & {
  post: Post;
  /** The beginning of the links in messages. */
  publicUrl?: string;
};

/**
 * The most deliveries that go out at a time, in total and to one receiver: four slow receivers still leave room for the
 * others.
 */
const AT_ONCE = 20;
const PER_RECEIVER = 4;
/** Milliseconds after which the deliveries of a dead process are tried again. */
const CLAIM_MS = 2 * 60_000;

/**
 * Sends the due deliveries. A receiver recognises a repetition by its `X-Plumbline-Delivery`. A chat channel cannot: if
 * the answer to a message is lost, the channel shows the message twice.
 * @returns how many attempts were made
 */
export const deliverOutgoing = (deps: OutgoingDeps): Promise<number> =>
  deliverDue<ClaimedDelivery, Outcome>({
    clock: deps.clock,
    log: deps.log,
    claim: (now, until, total, inHand) =>
      claimDeliveries(deps.db, now, until, {
        total,
        perReceiver: PER_RECEIVER,
        inHand: inHand.map(({ subscriptionId }) => subscriptionId),
      }),
    claimMs: CLAIM_MS,
    atOnce: AT_ONCE,
    attempt: (delivery, now) => attempt(deps, delivery, now),
    failed: (reason) => ({ state: "failed", reason }),
    record: (delivery, outcome) => record(deps, delivery, outcome),
  });

type Outcome =
  /** `step`: the message that was sent to a chat channel. */
  | (PostOutcome & { step?: Extract<ChannelStep, { state: "post" }> })
  | Exclude<ChannelStep, { state: "post" }>;

async function attempt(deps: OutgoingDeps, delivery: ClaimedDelivery, now: Date): Promise<Outcome> {
  const { tenantId, subscriptionId } = delivery;
  const owner = secretOwner(tenantId, subscriptionId);
  const sealed = await withTenant(deps.db, tenantId, (tx) => getSecret(tx, tenantId, null, owner.name));
  if (sealed === undefined) return { state: "failed", reason: "the subscription has no secret" };
  const opened = openUnlessLost(deps.vault, sealed, owner);
  if (opened.state === "lost") {
    return { state: "failed", reason: `its signing secret cannot be opened (${opened.error.message})` };
  }
  if (delivery.format !== "json") {
    const step = await nextChannelStep(deps, delivery.format, delivery, now);
    // The stored secret of a channel is its address.
    return step.state === "post" ? { ...(await deps.post(opened.plain, step.body, {})), step } : step;
  }
  const event = {
    record: delivery.includesRecord ? await eventRecord(deps, tenantId, delivery.data) : undefined,
    id: delivery.eventId,
    name: delivery.eventName,
    occurredAt: new Date(delivery.occurredMs),
    data: delivery.data,
  };
  const { hasLegacySignature: isLegacy } = delivery;
  const formerSecret = await readFormerSecret(deps, tenantId, subscriptionId, now);
  const signing = { deliveryId: delivery.id, secret: opened.plain, formerSecret, isLegacy, now };
  const { body, headers } = outgoingRequest(event, signing);
  return deps.post(delivery.url, body, headers);
}

/** The former secret, while receivers still accept it; otherwise undefined. */
async function readFormerSecret(
  { db, vault }: OutgoingDeps,
  tenantId: string,
  subscriptionId: string,
  now: Date,
): Promise<string | undefined> {
  const owner = formerSecretOwner(tenantId, subscriptionId);
  const sealed = await withTenant(db, tenantId, (tx) => getSecret(tx, tenantId, null, owner.name));
  if (sealed?.expiresAt == null || sealed.expiresAt <= now) return undefined;
  const opened = openUnlessLost(vault, sealed, owner);
  return opened.state === "open" ? opened.plain : undefined;
}

async function record(deps: OutgoingDeps, delivery: ClaimedDelivery, outcome: Outcome): Promise<void> {
  const now = deps.clock();
  if (outcome.state === "wait" || outcome.state === "nothing_new") {
    const set =
      outcome.state === "wait"
        ? ({ status: "pending", nextAttemptAt: outcome.until } as const)
        : ({ status: "delivered", deliveredAt: now } as const);
    return withTenant(deps.db, delivery.tenantId, (tx) => leaveUnsent(tx, delivery, set));
  }
  const result = judge(delivery, outcome, now);
  const givenUp = await withTenant(deps.db, delivery.tenantId, async (tx) => {
    await recordAttempt(tx, delivery, result, now);
    if (result.status === "delivered" && outcome.step?.told != null) {
      const { tenantId, subscriptionId } = delivery;
      const { incidentId, news } = outcome.step.told;
      await putChannelPost(tx, { tenantId, subscriptionId, incidentId }, news, now);
    }
    if (!isUnreachableForDay(result.failures)) return 0;
    const since = new Date(now.getTime() - GIVE_UP_AFTER_MS);
    return deadLetterWaiting(
      tx,
      delivery,
      since,
      `nothing got through for a day: ${result.error ?? "no answer"}`,
    );
  });
  if (givenUp > 0) {
    const { tenantId, subscriptionId } = delivery;
    deps.log.warn({ tenantId, subscriptionId, givenUp }, "events were given up: their receiver is away");
  }
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
  const isAway = responseStatus === null || isTrouble(responseStatus);
  const failures = isAway ? delivery.failures + 1 : 0;
  const receiver = { failures, restsUntil: isAway ? cooldownUntil(failures, now) : null };
  if (responseStatus !== null && responseStatus >= 200 && responseStatus < 300) {
    return { status: "delivered", nextAttemptAt: now, responseStatus, error: null, ...receiver };
  }
  const error = outcome.state === "failed" ? outcome.reason : `the receiver answered ${responseStatus}`;
  const next = nextAttemptAt(delivery.attempts, now);
  const status = next === null ? "dead" : "pending";
  return { status, nextAttemptAt: next ?? now, responseStatus, error, ...receiver };
}

/** Whether the receiver is failing or asks for a pause. Any other refusal is about a single event. */
const isTrouble = (status: number) => status >= 500 || status === 408 || status === 429;
