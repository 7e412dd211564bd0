import { createHmac } from "node:crypto";

/** Events sent to subscribers outside: how they are signed, and how often they are tried. */

export const SIGNATURE_HEADER = "X-Plumbline-Signature";

/**
 * Waits between attempts, in minutes: nine attempts over exactly 24 hours, so that a receiver that is away for a day is
 * still told. After the last the delivery is dead until somebody replays it.
 */
const waitsMinutes = [1, 5, 15, 60, 120, 240, 360, 639] as const;

/** When a delivery is tried again after so many attempts; null when it is not. */
export function nextAttemptAt(attempts: number, now: Date): Date | null {
  const wait = waitsMinutes[attempts - 1];
  return wait === undefined ? null : new Date(now.getTime() + wait * 60_000);
}

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
