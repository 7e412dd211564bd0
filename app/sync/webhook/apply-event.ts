import type { TenantDb } from "@db/client";
import { findAlert, upsertAlerts } from "@db/queries/alerts";
import { retireEventKey, type UsedSecret } from "@db/queries/webhook-deliveries";
import { completeAlert } from "~/domain/alerts";
import { contentHash } from "~/domain/content-hash";
import type { OutgoingEvent } from "~/domain/events";
import type { AlertSnapshot } from "~/domain/snapshots";
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

type AlertMessage = Extract<WebhookMessage, { kind: "alert" }>;

/** Takes over what an event says. Applied again, or after a newer one, it changes nothing. */
export async function applyEvent(
  tx: TenantDb,
  scope: Scope,
  event: WebhookEvent,
  told: Told,
): Promise<AppliedEvent> {
  const { message } = event;
  switch (message.kind) {
    case "alert": {
      const completed = message.isSparse ? await complete(tx, scope, message) : message.alert;
      if ("outcome" in completed) return completed;
      const [applied] = await applyAlerts(tx, scope, [{ event, alert: completed, told }]);
      return applied!;
    }
    case "device":
    case "groups":
      return { outcome: "accepted", reason: null, alert: null };
    case "unknown":
      return { outcome: "ignored", reason: whyIgnored(event), alert: null };
  }
}

/** Fills a sparse message with what is known, and holds the alert for it; or says that it came too late. */
async function complete(
  tx: TenantDb,
  scope: Scope,
  { alert, mayReopen }: AlertMessage,
): Promise<AlertSnapshot | AppliedEvent> {
  const known = await findAlert(tx, scope, alert.externalId, { lock: true });
  if (known === undefined) return alert;
  if (known.status === "resolved" && alert.status === "active" && !mayReopen) {
    return overtaken(known, "the alert was resolved before its trigger arrived");
  }
  return completeAlert(alert, known);
}

/** Writes alerts that events told of, each another one, in one statement; in the order given. */
export async function applyAlerts(
  tx: TenantDb,
  scope: Scope,
  items: { event: WebhookEvent; alert: AlertSnapshot; told: Told }[],
): Promise<AppliedEvent[]> {
  const writes = items.map(({ event, alert, told }) => ({
    ...alert,
    contentHash: contentHash(alert),
    ...observationOf(event, told),
  }));
  const written = new Map(
    (await upsertAlerts(tx, scope, writes)).map((row) => [row.externalId, row] as const),
  );
  const applied: AppliedEvent[] = [];
  for (const { externalId, contentHash: hash } of writes) {
    const row = written.get(externalId);
    if (row !== undefined) {
      applied.push({
        outcome: "accepted",
        reason: null,
        alert: { alertId: row.alertId, assetId: row.assetId },
      });
      continue;
    }
    const kept = (await findAlert(tx, scope, externalId))!;
    applied.push(
      kept.contentHash === hash
        ? { outcome: "accepted", reason: null, alert: alertOf(kept) }
        : overtaken(kept, "something newer was known already and was kept"),
    );
  }
  return applied;
}

export const whyIgnored = ({ type }: WebhookEvent): string =>
  type === TEST_EVENT_TYPE ? "a test that was sent from here" : "an event type that is not known yet";

/**
 * An event is as old as its sender says. One dated ahead counts from its arrival: a sender's clock that is an hour
 * ahead would otherwise make every sweep of that hour lose against it.
 */
function observationOf({ occurredAt }: WebhookEvent, { way, receivedAt }: Told) {
  const observedAt = occurredAt !== null && occurredAt < receivedAt ? occurredAt : receivedAt;
  return { observedAt, observedVia: way === "signed" ? "webhook" : "automation" } as const;
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
