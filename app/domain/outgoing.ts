import { createHmac } from "node:crypto";

/** Events sent to subscribers outside: what is sent, and how it is signed. */

export const SIGNATURE_HEADER = "X-Plumbline-Signature";

/**
 * `t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`. The time is signed with the body, so that a receiver can
 * refuse what was recorded and sent again.
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
