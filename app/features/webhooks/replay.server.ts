import { withTenant } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { listDeliveryIds, type DeliveryFilter } from "@db/queries/webhooks/webhook-log";
import type { WebhookReader } from "~/connectors/rmm-webhook";
import type { Actor } from "@domain/actor";

import { replayTogether, type ReplayOutcome } from "./replay-together";
import type { WebhookDeps } from "./senders";

/** Replays of one request at most. */
export const MAX_REPLAYS = 500;
/** In one transaction: no delivery that comes meanwhile waits long for the alerts that it holds. */
const TOGETHER = 100;

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
 * Replays deliveries together, and one by one where that fails, so that one that cannot be costs none of the others.
 * Returns how many.
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
