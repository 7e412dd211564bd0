import type { TenantDb } from "@db/client";
import {
  insertDeliveries,
  noteDuplicate,
  updateOutcomes,
  type NewDelivery,
} from "@db/queries/webhooks/webhook-deliveries";
import type { OutgoingEvent } from "@domain/events";
import type { ReadWebhook, WebhookEvent } from "~/connectors/rmm-webhook";
import { emit } from "~/platform/outbox/emit";

import { applyAlerts, consequencesOf, isAlertEvent, type AlertEvent, type Reported } from "./apply-event";
import { beginsOccurrence, mayRecur } from "./recurrence";

export type IngestResult =
  | { state: "accepted"; deliveryId: string }
  | { state: "ignored"; deliveryId: string }
  | { state: "duplicate"; deliveryId: string }
  /** The sender is valid, the body is not. The delivery is logged, and a retry would not help. */
  | { state: "unreadable"; reason: string }
  /** The secret was rotated away, or the connection disconnected, since the senders were read. Nothing was written. */
  | { state: "secret_gone" };

/** A delivery of a valid sender, ready to be written. */
export interface ReadyDelivery {
  row: NewDelivery;
  read: ReadWebhook;
  reported: Reported;
  /** `performance.now()` at the request's arrival. */
  startedAt: number;
}

interface FreshEvent extends ReadyDelivery {
  event: WebhookEvent;
}

/**
 * Writes deliveries of a tenant and everything that follows from them, in their order, in the caller's transaction
 * (`inTransaction`). As many statements for one as for fifty new deliveries.
 */
export async function writeDeliveries(
  tx: TenantDb,
  tenantId: string,
  deliveries: ReadyDelivery[],
): Promise<IngestResult[]> {
  const inserted = await insertDeliveries(
    tx,
    tenantId,
    deliveries.map(({ row }) => row),
  );
  const results: IngestResult[] = [];
  const fresh: FreshEvent[] = [];
  let appliedUntil = 0;
  const applyFresh = async () => {
    await applyAll(tx, tenantId, fresh.slice(appliedUntil));
    appliedUntil = fresh.length;
  };
  for (const delivery of deliveries) {
    const { row, read } = delivery;
    const isKnown = !inserted.has(row.id);
    // Whether the event is another occurrence depends on the alert's state, which earlier deliveries of the batch may
    // have changed.
    if (isKnown && read.state === "read" && mayRecur(read.event)) await applyFresh();
    const isNew = !isKnown || (await isAnotherOccurrence(tx, tenantId, delivery));
    if (!isNew) results.push(await hearAgain(tx, tenantId, delivery));
    else if (read.state === "unreadable") results.push({ state: "unreadable", reason: read.reason });
    else {
      fresh.push({ ...delivery, event: read.event });
      const isUnknown = read.event.message.kind === "unknown";
      results.push({ state: isUnknown ? "ignored" : "accepted", deliveryId: row.id });
    }
  }
  await applyFresh();
  const [first] = fresh;
  if (first !== undefined) {
    const events = fresh.flatMap(({ row, event }): OutgoingEvent[] =>
      consequencesOf({ tenantId, connectionId: row.connectionId }, row.id, event),
    );
    await emit(tx, events, first.reported.receivedAt);
  }
  return results;
}

/** Whether a known content is another occurrence (see `beginsOccurrence`), and so is recorded. */
async function isAnotherOccurrence(
  tx: TenantDb,
  tenantId: string,
  { row, read, reported }: ReadyDelivery,
): Promise<boolean> {
  if (read.state === "unreadable" || !mayRecur(read.event)) return false;
  const scope = { tenantId, connectionId: row.connectionId, now: reported.receivedAt };
  if (!(await beginsOccurrence(tx, scope, read.event, reported, row.secret))) return false;
  return (await insertDeliveries(tx, tenantId, [row])).has(row.id);
}

async function hearAgain(
  tx: TenantDb,
  tenantId: string,
  { row, read, reported }: ReadyDelivery,
): Promise<IngestResult> {
  const scope = { tenantId, connectionId: row.connectionId };
  const first = await noteDuplicate(tx, scope, row.eventKey, reported.receivedAt, row);
  if (first === undefined) return { state: "secret_gone" };
  return read.state === "unreadable"
    ? { state: "unreadable", reason: read.reason }
    : { state: "duplicate", deliveryId: first.id };
}

/** Applies the alert events of each connection together, and notes the outcome of each. */
async function applyAll(tx: TenantDb, tenantId: string, fresh: FreshEvent[]): Promise<void> {
  const byConnection = new Map<string, (FreshEvent & { event: AlertEvent })[]>();
  for (const delivery of fresh) {
    const { event } = delivery;
    if (!isAlertEvent(event)) continue;
    const { connectionId } = delivery.row;
    const together = byConnection.get(connectionId) ?? [];
    byConnection.set(connectionId, together);
    together.push({ ...delivery, event });
  }
  for (const [connectionId, deliveries] of byConnection) {
    const now = deliveries.at(-1)!.reported.receivedAt;
    const applied = await applyAlerts(tx, { tenantId, connectionId, now }, deliveries);
    await updateOutcomes(
      tx,
      tenantId,
      deliveries.map(({ row, startedAt }, index) => {
        const { outcome, reason, alert } = applied[index]!;
        const durationMs = Math.round(performance.now() - startedAt);
        return { id: row.id, outcome, reason, durationMs, alertId: null, assetId: null, ...alert };
      }),
    );
  }
}
