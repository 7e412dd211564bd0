import type { TenantDb } from "@db/client";
import type { OutgoingEvent } from "@domain/events";
import { latestCredibleInstant } from "@domain/observation";
import type { AlertSnapshot } from "@domain/snapshots";
import type { WebhookAuthScheme } from "@domain/webhook-auth";
import { TEST_EVENT_TYPE, type WebhookEvent, type WebhookMessage } from "~/connectors/rmm-webhook";
import { recordAlerts, type AlertScope, type AlertReport } from "~/features/alert-sync/record-alerts";

export interface Reported {
  scheme: WebhookAuthScheme;
  receivedAt: Date;
}

export interface AppliedEvent {
  outcome: "accepted" | "stale" | "ignored";
  reason: string | null;
  /** The alert and asset that an alert event was applied to; null for other events. */
  alert: { alertId: string; assetId: string | null } | null;
}

/** An event of an alert. */
export type AlertEvent = WebhookEvent & { message: Extract<WebhookMessage, { kind: "alert" }> };

export const isAlertEvent = (event: WebhookEvent): event is AlertEvent => event.message.kind === "alert";

/**
 * Applies alert events in the given order, with as many statements for one as for many. An event that was applied
 * before, or is older than a newer one, changes nothing.
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
 * The time at which an event counts as having happened. The sender's time counts if it is past or only a little ahead,
 * because our clock may be slow and events of the last minutes would otherwise be ordered by arrival. Instead of a
 * later time, the time of arrival counts, because a sender's clock that is an hour fast would otherwise override every
 * sweep of that hour.
 */
export function reportedBy(
  { occurredAt, message }: AlertEvent,
  { scheme, receivedAt }: Reported,
): AlertReport {
  return {
    alert: message.alert,
    observedAt:
      occurredAt !== null && occurredAt <= latestCredibleInstant(receivedAt) ? occurredAt : receivedAt,
    observedVia: scheme === "signed" ? "webhook" : "automation",
    isByName: message.isByName,
  };
}

/** The outbox events that follow from an event: its publication, and the refresh request for its device or group. */
export function consequencesOf(
  { tenantId, connectionId }: Omit<AlertScope, "now">,
  deliveryId: string,
  event: WebhookEvent,
): OutgoingEvent[] {
  const ids = { tenantId, integrationId: connectionId };
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
