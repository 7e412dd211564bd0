import type { TenantDb } from "@db/client";
import { findAlert, upsertAlerts } from "@db/queries/alerts";
import { completeAlert } from "~/domain/alerts";
import { contentHash } from "~/domain/content-hash";
import type { OutgoingEvent } from "~/domain/events";
import type { WebhookEvent, WebhookMessage, WebhookWay } from "~/integrations/rmm-webhook";

interface Scope {
  tenantId: string;
  integrationId: string;
}

export interface Told {
  way: WebhookWay;
  receivedAt: Date;
}

export interface AppliedEvent {
  outcome: "accepted" | "stale" | "ignored";
  reason: string | null;
  /** Of an alert event: where it went. */
  alert: { alertId: string; assetId: string | null } | null;
}

/** Takes over what an event says. Applied again, or after a newer one, it changes nothing. */
export async function applyEvent(
  tx: TenantDb,
  scope: Scope,
  event: WebhookEvent,
  told: Told,
): Promise<AppliedEvent> {
  switch (event.message.kind) {
    case "alert":
      return applyAlert(tx, scope, event.message, observationOf(event, told));
    case "device":
    case "groups":
      return { outcome: "accepted", reason: null, alert: null };
    case "unknown":
      return { outcome: "ignored", reason: "an event type that is not known yet", alert: null };
  }
}

/**
 * An event is as old as its sender says. One dated ahead counts from its arrival: a sender's clock that is an hour
 * ahead would otherwise make every sweep of that hour lose against it.
 */
function observationOf({ occurredAt }: WebhookEvent, { way, receivedAt }: Told) {
  const at = occurredAt !== null && occurredAt < receivedAt ? occurredAt : receivedAt;
  return { at, via: way === "signed" ? "webhook" : "automation" } as const;
}

async function applyAlert(
  tx: TenantDb,
  scope: Scope,
  message: Extract<WebhookMessage, { kind: "alert" }>,
  observation: ReturnType<typeof observationOf>,
): Promise<AppliedEvent> {
  let { alert } = message;
  if (message.isSparse) {
    const known = await findAlert(tx, scope, alert.externalId, { lock: true });
    if (known !== undefined) {
      if (known.status === "resolved" && alert.status === "active" && !message.mayReopen) {
        return overtaken(known, "the alert was resolved before its trigger arrived");
      }
      alert = completeAlert(alert, known);
    }
  }
  const hash = contentHash(alert);
  const [written] = await upsertAlerts(tx, scope, [{ ...alert, contentHash: hash }], observation);
  if (written !== undefined) {
    const { alertId, assetId } = written;
    return { outcome: "accepted", reason: null, alert: { alertId, assetId } };
  }
  const kept = (await findAlert(tx, scope, alert.externalId))!;
  if (kept.contentHash === hash) return { outcome: "accepted", reason: null, alert: alertOf(kept) };
  return overtaken(kept, "something newer was known already and was kept");
}

const alertOf = (alert: { id: string; assetId: string | null }) => ({
  alertId: alert.id,
  assetId: alert.assetId,
});

const overtaken = (kept: { id: string; assetId: string | null }, reason: string): AppliedEvent => ({
  outcome: "stale",
  reason,
  alert: alertOf(kept),
});

/** What an event makes happen later: it is published, and what it names is looked at again. */
export function consequencesOf(
  { tenantId, integrationId }: Scope,
  deliveryId: string,
  event: WebhookEvent,
): OutgoingEvent[] {
  const ids = { tenantId, integrationId };
  const events: OutgoingEvent[] = [
    { name: "RMM_WEBHOOK_RECEIVED", data: { ...ids, deliveryId, eventType: event.type } },
  ];
  const { externalDeviceId, type: reason } = event;
  if (event.message.kind === "groups")
    events.push({ name: "rmm/groups.sync.requested", data: { ...ids, reason } });
  if (externalDeviceId !== null && event.message.kind !== "unknown") {
    events.push({ name: "rmm/device.sync.requested", data: { ...ids, externalDeviceId, reason } });
  }
  return events;
}
