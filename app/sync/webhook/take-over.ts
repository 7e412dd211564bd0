import { createHash } from "node:crypto";

import { withTenant } from "@db/client";
import { isDataError } from "@db/errors";
import {
  insertDelivery,
  noteDuplicate,
  updateDelivery,
  type DeliveryInsert,
} from "@db/queries/webhook-deliveries";
import { keptBody } from "~/domain/webhook-body";
import type { ReadWebhook, WebhookCredential, WebhookReader } from "~/integrations/rmm-webhook";

import { emit } from "../request-sync";
import { PREVIOUS_WEBHOOK_SECRET } from "../secrets";
import { applyEvent, beginsOccurrence, consequencesOf, whyIgnored } from "./apply-event";
import type { Senders, WebhookDeps } from "./senders";

export type TakenOver =
  | { state: "accepted"; deliveryId: string }
  | { state: "ignored"; deliveryId: string }
  | { state: "duplicate"; deliveryId: string }
  /** The sender is right, the body is not: it is kept in the log, and the same again will not help. */
  | { state: "unreadable"; reason: string };

/** A delivery whose sender is right. */
export interface Verified {
  secret: Senders["secrets"][number];
  credential: WebhookCredential;
  body: Uint8Array;
  receivedAt: Date;
  startedAt: number;
}

/**
 * Writes a delivery with all that it says, in one transaction. Undefined when its secret is no longer good: it was
 * rotated away, or the connection ended, since the senders were read.
 */
export async function takeOver(
  deps: WebhookDeps,
  reader: WebhookReader,
  senders: Senders,
  verified: Verified,
): Promise<TakenOver | undefined> {
  const read = reader.read(verified.credential.way, verified.body, verified.receivedAt);
  try {
    return await write(deps, senders, verified, read);
  } catch (error) {
    if (!isDataError(error)) throw error;
    // The same at every try: a 5xx would have the sender repeat it for nothing.
    deps.log.warn(
      { tenantId: senders.tenantId, error: String(error) },
      "a delivery was refused by the database",
    );
    const type = read.state === "read" ? read.event.type : read.type;
    return write(deps, senders, verified, {
      state: "unreadable",
      reason: "holds a value that cannot be stored",
      type,
    });
  }
}

async function write(
  deps: WebhookDeps,
  senders: Senders,
  verified: Verified,
  read: ReadWebhook,
): Promise<TakenOver | undefined> {
  const { secret, receivedAt } = verified;
  const scope = { tenantId: senders.tenantId, integrationId: secret.integrationId };
  const insert = describe(senders, verified, read);
  const outcome = await withTenant(deps.db, scope.tenantId, async (tx): Promise<TakenOver | undefined> => {
    let deliveryId = await insertDelivery(tx, scope, insert, secret);
    if (deliveryId === undefined && read.state === "read") {
      const begins = await beginsOccurrence(tx, scope, read.event, { ...secret, usedAt: receivedAt });
      if (begins) deliveryId = await insertDelivery(tx, scope, insert, secret);
    }
    if (deliveryId === undefined) {
      const first = await noteDuplicate(tx, scope, insert.eventKey, receivedAt, secret);
      if (first === undefined) return undefined;
      if (read.state === "unreadable") return { state: "unreadable", reason: read.reason };
      return { state: "duplicate", deliveryId: first.id };
    }
    if (read.state === "unreadable") return { state: "unreadable", reason: read.reason };
    const { event } = read;
    const told = { way: verified.credential.way, receivedAt };
    const applied = await applyEvent(tx, scope, event, told);
    if (event.message.kind === "alert") {
      const { outcome, reason, alert } = applied;
      await updateDelivery(tx, scope.tenantId, deliveryId, {
        outcome,
        reason,
        ...alert,
        durationMs: elapsed(verified),
      });
    }
    await emit(tx, consequencesOf(scope, deliveryId, event), receivedAt);
    return { state: applied.outcome === "ignored" ? "ignored" : "accepted", deliveryId };
  });
  deps.nudge();
  return outcome;
}

const elapsed = ({ startedAt }: Verified): number => Math.round(performance.now() - startedAt);

const statusOf = { accepted: 202, ignored: 200, unreadable: 400 } as const;

function describe(senders: Senders, verified: Verified, read: ReadWebhook): DeliveryInsert {
  const { credential, secret, body, receivedAt } = verified;
  const kept = keptBody(
    body,
    senders.secrets.map(({ plain }) => plain),
  );
  const event = read.state === "read" ? read.event : null;
  const outcome = event === null ? "unreadable" : event.message.kind === "unknown" ? "ignored" : "accepted";
  return {
    way: credential.way,
    secretUsed: secret.name === PREVIOUS_WEBHOOK_SECRET ? "previous" : "current",
    eventType: read.state === "read" ? read.event.type : read.type,
    eventKey: event?.key ?? `unreadable:${createHash("sha256").update(body).digest("hex")}`,
    occurredAt: event?.occurredAt ?? null,
    externalDeviceId: event?.externalDeviceId ?? null,
    outcome,
    reason: read.state === "unreadable" ? read.reason : outcome === "ignored" ? whyIgnored(read.event) : null,
    responseStatus: statusOf[outcome],
    durationMs: elapsed(verified),
    body: kept.text,
    bodyIsCut: kept.isCut,
    receivedAt,
  };
}
