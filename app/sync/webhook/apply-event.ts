import type { TenantDb } from "@db/client";
import { findAlert, upsertAlerts } from "@db/queries/alerts";
import { retireEventKey, type UsedSecret } from "@db/queries/webhook-deliveries";
import { completeAlert } from "~/domain/alerts";
import { contentHash } from "~/domain/content-hash";
import type { OutgoingEvent } from "~/domain/events";
import {
  TEST_EVENT_TYPE,
  type WebhookEvent,
  type WebhookMessage,
  type WebhookWay,
} from "~/integrations/rmm-webhook";

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
      return { outcome: "ignored", reason: whyIgnored(event), alert: null };
  }
}

export const whyIgnored = ({ type }: WebhookEvent): string =>
  type === TEST_EVENT_TYPE ? "a test that was sent from here" : "an event type that is not known yet";

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

/** A sender that got no answer has tried again for good within this time. */
const TRIES_AGAIN_MS = 10 * 60_000;

/**
 * An alert that is known by device and name alone tells of each occurrence in the very same words. They are taken for
 * another occurrence, not for a duplicate, when the alert is in the other state by now and no try of the sender can
 * still be on its way. Returns whether the event's key was set free for it.
 */
export async function beginsOccurrence(
  tx: TenantDb,
  scope: Scope,
  event: WebhookEvent,
  secret: UsedSecret & { usedAt: Date },
): Promise<boolean> {
  const { message } = event;
  if (message.kind !== "alert" || !message.isSparse || !message.mayReopen) return false;
  const known = await findAlert(tx, scope, message.alert.externalId, { lock: true });
  if (known === undefined || known.status === message.alert.status) return false;
  return retireEventKey(tx, scope, event.key, new Date(secret.usedAt.getTime() - TRIES_AGAIN_MS), secret);
}

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
