import { createHmac, randomBytes } from "node:crypto";

import { Webhook } from "standardwebhooks";

/** Events sent to subscribers outside: their bodies and signatures. */

const LEGACY_HEADER = "X-Plumbline-Signature";

/**
 * The legacy signature, for subscriptions from before Standard Webhooks: `t=<unix seconds>,v1=<hex HMAC-SHA256 of
 * "<t>.<body>">`. The time is signed with the body, so that a receiver can refuse a recorded and replayed request.
 */
export function signOutgoing(secret: string, body: string, at: Date): string {
  const t = Math.floor(at.getTime() / 1000);
  return `t=${t},v1=${createHmac("sha256", secret).update(`${t}.${body}`).digest("hex")}`;
}

export interface OutgoingEventRecord {
  id: string;
  name: string;
  occurredAt: Date;
  data: Record<string, unknown>;
  /** Names, severity, client and link, if the receiver wants them. */
  record?: Record<string, unknown> | undefined;
}

/**
 * The signed body: ids as in the event itself, and, if asked for, the names that go with them. `type`, `timestamp` and
 * `data` follow Standard Webhooks; `id` and `occurredAt` are for older subscriptions.
 */
export const outgoingBody = (event: OutgoingEventRecord): string => {
  const occurredAt = event.occurredAt.toISOString();
  const { id, name: type, data, record } = event;
  return JSON.stringify({ id, type, timestamp: occurredAt, occurredAt, data, record });
};

/** The name of a test, in place of an event's name. */
export const OUTGOING_TEST = "PLUMBLINE_TEST";

const PREFIX = "whsec_";

/** In the form of Standard Webhooks: the prefix and 24 bytes in base64. */
export const newSigningSecret = (): string => `${PREFIX}${randomBytes(24).toString("base64")}`;

/** Milliseconds for which events are signed with both secrets after a replacement. */
export const SECRET_OVERLAP_MS = 24 * 60 * 60_000;

/** `webhook-signature` of Standard Webhooks. Secrets from before use the URL-safe alphabet. */
function signStandard(secret: string, id: string, body: string, at: Date): string {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, "base64");
  return new Webhook(key, { format: "raw" }).sign(id, at, body);
}

export interface Signing {
  deliveryId: string;
  secret: string;
  /** The former secret, while it is still valid. */
  formerSecret?: string | undefined;
  /** Adds the legacy signature. */
  isLegacy: boolean;
  now: Date;
}

/** An event as it is posted: its body, and the headers that sign it and identify repetitions. */
export function outgoingRequest(
  event: OutgoingEventRecord,
  { deliveryId, secret, formerSecret, isLegacy, now }: Signing,
): { body: string; headers: Record<string, string> } {
  const body = outgoingBody(event);
  const secrets = formerSecret === undefined ? [secret] : [secret, formerSecret];
  return {
    body,
    headers: {
      "webhook-id": deliveryId,
      "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
      "webhook-signature": secrets.map((one) => signStandard(one, deliveryId, body, now)).join(" "),
      ...(isLegacy ? { [LEGACY_HEADER]: signOutgoing(secret, body, now) } : {}),
      "X-Plumbline-Event": event.name,
      "X-Plumbline-Delivery": deliveryId,
    },
  };
}
