import { withTenant, type TenantDb } from "@db/client";
import { recordAudit } from "@db/queries/audit";
import { getIntegration } from "@db/queries/integrations";
import { updateDelivery } from "@db/queries/webhook-deliveries";
import { getDelivery, listDeliveryIds, type DeliveryFilter } from "@db/queries/webhook-log";
import type { WebhookReader } from "~/integrations/rmm-webhook";

import type { Actor } from "../actor";
import { emit } from "../outbox/emit";
import { retryConflict } from "../retry-conflict";
import { applyEvent, consequencesOf } from "./apply-event";
import type { WebhookDeps } from "./senders";

export type ReplayOutcome =
  | { state: "replayed"; outcome: "accepted" | "stale" | "ignored" }
  | { state: "unreadable"; reason: string }
  /** Its body was too long to be kept whole. */
  | { state: "not_kept" }
  | { state: "disconnected" }
  | { state: "unknown_delivery" };

/** Replays of one request at most: each is a transaction of its own, of a few milliseconds. */
export const MAX_REPLAYS = 500;

export interface ReplayedSet {
  replayed: number;
  failed: number;
  /** The last one that was replayed, to go on after; null when nothing is left. */
  goOnAfter: string | null;
}

/**
 * Takes a kept delivery over once more, as of the time that it was received: what is newer by now stays. What follows
 * from it happens again.
 */
export async function replayDelivery(
  deps: WebhookDeps,
  reader: WebhookReader,
  { tenantId, deliveryId }: { tenantId: string; deliveryId: string },
  actor: Actor,
): Promise<ReplayOutcome> {
  const outcome = await replayOne(deps, reader, tenantId, deliveryId);
  if (outcome.state === "replayed" || outcome.state === "unreadable") {
    await withTenant(deps.db, tenantId, (tx) =>
      recordAudit(tx, {
        ...entryOf(tenantId, actor),
        targetType: "delivery",
        targetId: deliveryId,
        details: { outcome: outcome.state === "replayed" ? outcome.outcome : "unreadable" },
      }),
    );
  }
  return outcome;
}

/**
 * Replays what fits the filter, oldest first, up to a number; one that cannot be costs none of the others.
 * `filter.afterId` goes on after a former call.
 */
export async function replayDeliveries(
  deps: WebhookDeps,
  reader: WebhookReader,
  { tenantId, filter, atMost = MAX_REPLAYS }: { tenantId: string; filter: DeliveryFilter; atMost?: number },
  actor: Actor,
): Promise<ReplayedSet> {
  const found = await withTenant(deps.db, tenantId, (tx) =>
    listDeliveryIds(tx, tenantId, filter, atMost + 1),
  );
  const ids = found.slice(0, atMost);
  let replayed = 0;
  for (const deliveryId of ids) {
    try {
      const outcome = await replayOne(deps, reader, tenantId, deliveryId);
      if (outcome.state === "replayed") replayed++;
    } catch (error) {
      deps.log.error({ tenantId, deliveryId, err: error }, "a delivery could not be replayed");
    }
  }
  const failed = ids.length - replayed;
  await withTenant(deps.db, tenantId, (tx) =>
    recordAudit(tx, { ...entryOf(tenantId, actor), targetType: "deliveries", details: { replayed, failed } }),
  );
  return { replayed, failed, goOnAfter: found.length > ids.length ? ids.at(-1)! : null };
}

const entryOf = (tenantId: string, actor: Actor) => ({
  tenantId,
  actorUserId: actor.userId,
  actor: actor.name,
  ip: actor.ip,
  action: "webhook.replayed",
});

async function replayOne(
  deps: WebhookDeps,
  reader: WebhookReader,
  tenantId: string,
  deliveryId: string,
): Promise<ReplayOutcome> {
  const now = deps.clock();
  const replayIn = async (tx: TenantDb): Promise<ReplayOutcome> => {
    const delivery = await getDelivery(tx, tenantId, deliveryId);
    if (delivery === undefined || delivery.integrationId === null) return { state: "unknown_delivery" };
    if (delivery.body === null || delivery.bodyIsCut) return { state: "not_kept" };
    const { integrationId, way, receivedAt } = delivery;
    const integration = await getIntegration(tx, tenantId, integrationId);
    if (integration === undefined || integration.status === "disconnected") return { state: "disconnected" };
    const counted = { replays: delivery.replays + 1, replayedAt: now };
    const read = reader.read(way, new TextEncoder().encode(delivery.body), receivedAt);
    if (read.state === "unreadable") {
      await updateDelivery(tx, tenantId, deliveryId, {
        ...counted,
        outcome: "unreadable",
        reason: read.reason,
      });
      return { state: "unreadable", reason: read.reason };
    }
    const scope = { tenantId, integrationId, now };
    const { outcome, reason, alert } = await applyEvent(tx, scope, read.event, { way, receivedAt });
    await updateDelivery(tx, tenantId, deliveryId, {
      ...counted,
      outcome,
      reason,
      ...alert,
      eventType: read.event.type,
      isRepaired: read.isRepaired,
      externalDeviceId: read.event.externalDeviceId,
    });
    await emit(tx, consequencesOf(scope, deliveryId, read.event), now);
    return { state: "replayed", outcome };
  };
  const outcome = await retryConflict(() => withTenant(deps.db, tenantId, replayIn));
  deps.nudge();
  return outcome;
}
