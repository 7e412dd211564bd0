import { createHmac, randomBytes } from "node:crypto";

/** Events sent to subscribers outside: what is sent, and how it is signed. */

const SIGNATURE_HEADER = "X-Plumbline-Signature";

/**
 * `t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`. The time is signed with the body, so that a receiver can
 * refuse a request that was recorded and replayed.
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
}

/** The body that is signed and sent. Ids only, as in the event itself. */
export const outgoingBody = (event: OutgoingEventRecord): string =>
  JSON.stringify({
    id: event.id,
    type: event.name,
    occurredAt: event.occurredAt.toISOString(),
    data: event.data,
  });

/** The name of a test, in place of an event's name. */
export const OUTGOING_TEST = "PLUMBLINE_TEST";

export const newSigningSecret = (): string => `whsec_${randomBytes(24).toString("base64url")}`;

/** An event as it is posted: its body, and the headers that sign it and tell a repetition. */
export function outgoingRequest(
  event: OutgoingEventRecord,
  { deliveryId, secret, now }: { deliveryId: string; secret: string; now: Date },
): { body: string; headers: Record<string, string> } {
  const body = outgoingBody(event);
  return {
    body,
    headers: {
      [SIGNATURE_HEADER]: signOutgoing(secret, body, now),
      "X-Plumbline-Event": event.name,
      "X-Plumbline-Delivery": deliveryId,
    },
  };
}
