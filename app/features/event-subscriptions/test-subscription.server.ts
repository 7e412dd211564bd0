import { randomUUID } from "node:crypto";

import { withTenant } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { getSecret } from "@db/queries/connections/secrets";
import { getSubscription, updateSubscription } from "@db/queries/event-subscriptions/outgoing";
import type { Actor } from "@domain/actor";
import { chatTest } from "@domain/chat-messages";
import { OUTGOING_TEST, outgoingRequest } from "@domain/outgoing";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { Post } from "~/platform/outgoing/post";
import type { ConnectDeps } from "~/platform/ports";
import { openUnlessLost } from "~/platform/vault";

import { wellAgain } from "./change-subscription.server";
import { secretOwner } from "./subscriptions.server";

export type SubscriptionTest =
  | { state: "answered"; status: number; isTaken: boolean; durationMs: number }
  | { state: "failed"; reason: string }
  | { state: "unknown" };

/**
 * Sends a signed test event to a subscription's address now, even if the subscription is paused. If the receiver
 * accepts it, its cooldown ends.
 * @returns the receiver's HTTP status and the time in ms, or why it failed
 */
export async function testSubscription(
  deps: Pick<ConnectDeps, "db" | "clock" | "vault" | "nudge"> & { post: Post },
  { tenantId, id }: { tenantId: string; id: string },
  actor: Actor,
): Promise<SubscriptionTest> {
  const owner = secretOwner(tenantId, id);
  const { subscription, sealed } = await withTenant(deps.db, tenantId, async (tx) => ({
    subscription: await getSubscription(tx, tenantId, id),
    sealed: await getSecret(tx, tenantId, null, owner.name),
  }));
  if (subscription === undefined) return { state: "unknown" };
  const opened = sealed && openUnlessLost(deps.vault, sealed, owner);
  if (opened?.state !== "open") {
    return { state: "failed", reason: "its signing secret cannot be opened: make a new one" };
  }
  const now = deps.clock();
  const event = { id: randomUUID(), name: OUTGOING_TEST, occurredAt: now, data: { tenantId } };
  const { format, url } = subscription;
  const { body, headers } =
    format === "json"
      ? outgoingRequest(event, {
          deliveryId: event.id,
          secret: opened.plain,
          isLegacy: subscription.hasLegacySignature,
          now,
        })
      : { body: JSON.stringify(chatTest(format)), headers: {} };
  const startedAt = performance.now();
  const outcome = await deps.post(format === "json" ? url : opened.plain, body, headers);
  const durationMs = Math.round(performance.now() - startedAt);
  const isTaken = outcome.state === "answered" && outcome.status >= 200 && outcome.status < 300;
  await inTransaction(deps, tenantId, async (tx) => {
    if (isTaken) await updateSubscription(tx, tenantId, id, wellAgain, now);
    await audit(tx, tenantId, actor, {
      action: "outgoing.tested",
      targetType: "subscription",
      targetId: id,
      details: { host: new URL(subscription.url).host, isTaken },
    });
  });
  return outcome.state === "answered" ? { ...outcome, isTaken, durationMs } : outcome;
}
