import { withTenant } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { listDeliveryIds, type DeliveryFilter } from "@db/queries/webhooks/webhook-log";
import type { WebhookReader } from "~/connectors/rmm-webhook";
import type { Actor } from "@domain/actor";

import { replayTogether, type ReplayOutcome } from "./replay-together";
import type { WebhookDeps } from "./senders";

/** The most deliveries that one request replays. */
export const MAX_REPLAYS = 500;
/** The most deliveries that one transaction replays, so that new deliveries do not wait long for its locks. */
const TOGETHER = 100;

export interface ReplayedSet {
  replayed: number;
  failed: number;
  /** The last replayed delivery, after which the next request continues; null if none is left. */
  goOnAfter: string | null;
}

/**
 * Applies a stored delivery again, as of the time when it was received: newer state stays. Its consequences happen
 * again.
 */
export async function replayDelivery(
  deps: WebhookDeps,
  reader: WebhookReader,
  { tenantId, deliveryId }: { tenantId: string; deliveryId: string },
  actor: Actor,
): Promise<ReplayOutcome> {
  const [outcome] = (await replayTogether(deps, reader, tenantId, [deliveryId])) as [ReplayOutcome];
  if (outcome.state === "replayed" || outcome.state === "unreadable") {
    await withTenant(deps.db, tenantId, (tx) =>
      audit(tx, tenantId, actor, {
        action: ACTION,
        targetType: "delivery",
        targetId: deliveryId,
        details: { outcome: outcome.state === "replayed" ? outcome.outcome : "unreadable" },
      }),
    );
  }
  return outcome;
}

/**
 * Replays the deliveries that match the filter, oldest first, up to `atMost`; one that fails does not stop the
 * others. `filter.afterId` continues after an earlier call.
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
  for (let at = 0; at < ids.length; at += TOGETHER) {
    replayed += await replayChunk(deps, reader, tenantId, ids.slice(at, at + TOGETHER));
  }
  const failed = ids.length - replayed;
  await withTenant(deps.db, tenantId, (tx) =>
    audit(tx, tenantId, actor, { action: ACTION, targetType: "deliveries", details: { replayed, failed } }),
  );
  return { replayed, failed, goOnAfter: found.length > ids.length ? ids.at(-1)! : null };
}

const ACTION = "webhook.replayed";

/**
 * Replays deliveries together or, if that fails, one by one, so that one failure does not stop the others. Returns how
 * many were replayed.
 */
async function replayChunk(
  deps: WebhookDeps,
  reader: WebhookReader,
  tenantId: string,
  ids: string[],
): Promise<number> {
  try {
    const outcomes = await replayTogether(deps, reader, tenantId, ids);
    return outcomes.filter(({ state }) => state === "replayed").length;
  } catch (error) {
    if (ids.length === 1) {
      deps.log.error({ tenantId, deliveryId: ids[0], err: error }, "a delivery could not be replayed");
      return 0;
    }
  }
  let replayed = 0;
  for (const id of ids) replayed += await replayChunk(deps, reader, tenantId, [id]);
  return replayed;
}
