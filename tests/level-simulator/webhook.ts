import { createHmac, randomUUID } from "node:crypto";

export type WebhookEventType =
  | "alert_active"
  | "alert_resolved"
  | "device_created"
  | "device_updated"
  | "device_deleted"
  | "group_created"
  | "group_updated"
  | "group_deleted";

export interface WebhookEvent {
  event_type: string;
  event_id: string;
  occurred_at: string;
  data: unknown;
}

/** Level's envelope. `data` is an alert, a device without its optional blocks, a group, or on deletion `{id}`. */
export function webhookEvent(
  type: WebhookEventType | (string & {}),
  data: unknown,
  identity: { eventId?: string; occurredAt?: Date } = {},
): WebhookEvent {
  return {
    event_type: type,
    event_id: identity.eventId ?? randomUUID(),
    occurred_at: (identity.occurredAt ?? new Date()).toISOString(),
    data,
  };
}

/** The value of `X-Level-Signature` for exactly these body bytes. */
export function signWebhook(body: string | Uint8Array, secret: string): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

/** Posts an event as Level does, once; signed when there is a secret. */
export async function deliverWebhook(url: string, event: WebhookEvent, secret?: string): Promise<Response> {
  const body = JSON.stringify(event);
  return fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(secret === undefined ? {} : { "x-level-signature": signWebhook(body, secret) }),
    },
    body,
    signal: AbortSignal.timeout(30_000),
  });
}
