import type { TenantDb } from "@db/client";
import { retireEventKey, type UsedSecret } from "@db/queries/webhooks/webhook-deliveries";
import type { WebhookEvent } from "~/connectors/rmm-webhook";
import { openAlertMerger, type AlertScope } from "~/features/alert-sync/record-alerts";

import { isAlertEvent, reportedBy, type AlertEvent, type Reported } from "./apply-event";

/** Whether an identical event may mean another occurrence, because it has neither an id nor a time. */
export const mayRecur = (event: WebhookEvent): event is AlertEvent =>
  isAlertEvent(event) && event.message.isByName && event.occurredAt === null;

/**
 * Decides whether an event is another occurrence. An alert known by device and name only is reported with identical
 * content each time. The event is another occurrence if the opposite event was received since, or if its content now
 * matches another alert: a trigger after its resolve opens the alert again. A sender's retry that comes that late also
 * counts as one, because an extra alert does less harm than a missing one.
 * @returns whether the event's key was freed for it
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
  // A resolve of an unknown alert has no effect.
  if (about === undefined && one.alert.status === "resolved") return false;
  const isOpposite = about !== undefined && about.state.status !== one.alert.status;
  return retireEventKey(tx, scope, event.key, {
    alertId: about?.row?.id ?? null,
    oppositeAt: isOpposite ? about.state.observedAt : null,
    secret: { ...secret, usedAt: reported.receivedAt },
  });
}
