import type { TenantDb } from "@db/client";
import { retireEventKey, type UsedSecret } from "@db/queries/webhooks/webhook-deliveries";
import type { WebhookEvent } from "~/connectors/rmm-webhook";
import { openAlertMerger, type AlertScope } from "~/features/alert-sync/record-alerts";

import { isAlertEvent, reportedBy, type AlertEvent, type Reported } from "./apply-event";

/** Whether an event may tell of another occurrence in the very same words: it has neither an id nor a time. */
export const mayRecur = (event: WebhookEvent): event is AlertEvent =>
  isAlertEvent(event) && event.message.isByName && event.occurredAt === null;

/**
 * An alert that is known by device and name alone is told of in the very same words each time. They tell of another
 * occurrence once the opposite was heard since, whenever that was, or where they are about another alert by now: a
 * trigger that comes again after its resolve opens the alert again. A sender's second try that comes that late is taken
 * for one too; an alert too many is the lesser harm.
 * Returns whether the event's key was set free for it.
 */
export async function beginsOccurrence(
  tx: TenantDb,
  scope: AlertScope,
  event: AlertEvent,
  reported: Reported,
  secret: UsedSecret,
): Promise<boolean> {
  const one = reportedBy(event, reported);
  const about = (await openAlertMerger(tx, scope, [one])).find(one);
  // An end of what nobody knows tells nothing new.
  if (about === undefined && one.alert.status === "resolved") return false;
  const isOpposite = about !== undefined && about.state.status !== one.alert.status;
  return retireEventKey(tx, scope, event.key, {
    alertId: about?.row?.id ?? null,
    oppositeAt: isOpposite ? about.state.observedAt : null,
    secret: { ...secret, usedAt: reported.receivedAt },
  });
}
