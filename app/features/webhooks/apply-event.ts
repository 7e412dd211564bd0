import type { TenantDb } from "@db/client";
import type { OutgoingEvent } from "@domain/events";
import { latestCredibleInstant } from "@domain/observation";
import type { AlertSnapshot } from "@domain/snapshots";
import type { WebhookAuthScheme } from "@domain/webhook-auth";
import { TEST_EVENT_TYPE, type WebhookEvent, type WebhookMessage } from "~/connectors/rmm-webhook";
import { recordAlerts, type AlertScope, type AlertReport } from "~/features/alert-sync/record-alerts";

export interface Reported {
  way: WebhookAuthScheme;
  receivedAt: Date;
}

export interface AppliedEvent {
  outcome: "accepted" | "stale" | "ignored";
  reason: string | null;
  /** Of an alert event: where it went. */
  alert: { alertId: string; assetId: string | null } | null;
}

/** An event of an alert. */
export type AlertEvent = WebhookEvent & { message: Extract<WebhookMessage, { kind: "alert" }> };

export const isAlertEvent = (event: WebhookEvent): event is AlertEvent => event.message.kind === "alert";

/**
 * Takes over alerts that events told of, in the order given; applied again, or after a newer one, an event changes nothing.
 * As many statements for one as for all.
 */
export async function applyAlerts(
  tx: TenantDb,
  scope: AlertScope,
  items: readonly { event: AlertEvent; reported: Reported }[],
): Promise<AppliedEvent[]> {
  const recorded = await recordAlerts(
    tx,
    scope,
    items.map(({ event, reported }) => reportedBy(event, reported)),
  );
  return recorded.map(({ outcome, status, alertId, assetId }, index): AppliedEvent => {
    const alert = { alertId, assetId };
    if (outcome !== "stale") return { outcome: "accepted", reason: null, alert };
    return { outcome, reason: whyStale(items[index]!.event.message.alert, status), alert };
  });
}

const whyStale = (reported: AlertSnapshot, status: AlertSnapshot["status"]): string =>
  reported.status === "active" && status === "resolved"
    ? "the alert was resolved since, and stays so"
    : "something newer was known already and was kept";

export const whyIgnored = ({ type }: WebhookEvent): string =>
  type === TEST_EVENT_TYPE ? "a test that was sent from here" : "an event type that is not known yet";

/**
 * An event is as old as its sender says: also one dated a little ahead, since our clock may be slow, and then events of
 * the last minutes would be in the order of their arrival. One dated further ahead counts from its arrival: a sender's
 * clock that is an hour ahead would otherwise make every sweep of that hour lose against it.
 */
export function reportedBy({ occurredAt, message }: AlertEvent, { way, receivedAt }: Reported): AlertReport {
  return {
    alert: message.alert,
    observedAt:
      occurredAt !== null && occurredAt <= latestCredibleInstant(receivedAt) ? occurredAt : receivedAt,
    observedVia: way === "signed" ? "webhook" : "automation",
    isByName: message.isByName,
  };
}

/** What an event makes happen later: it is published, and what it names is looked at again. */
export function consequencesOf(
  { tenantId, integrationId }: Omit<AlertScope, "now">,
  deliveryId: string,
  event: WebhookEvent,
): OutgoingEvent[] {
  const ids = { tenantId, integrationId };
  const events: OutgoingEvent[] = [
    { name: "RMM_WEBHOOK_RECEIVED", data: { ...ids, deliveryId, eventType: event.type } },
  ];
  const { externalDeviceId, type: reason } = event;
  if (event.message.kind === "group") {
    const { externalGroupId } = event.message;
    events.push({ name: "rmm/group.sync.requested", data: { ...ids, externalGroupId, reason } });
  }
  if (externalDeviceId !== null && event.message.kind !== "unknown") {
    const isDeleted = event.message.kind === "device" && event.message.isDeleted;
    events.push({
      name: "rmm/device.sync.requested",
      data: { ...ids, externalDeviceId, reason, ...(isDeleted && { isDeleted }) },
    });
  }
  return events;
}
