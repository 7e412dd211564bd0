import type { TenantDb } from "@db/client";
import {
  insertDeliveries,
  noteDuplicate,
  updateOutcomes,
  type NewDelivery,
} from "@db/queries/webhook-deliveries";
import type { OutgoingEvent } from "~/domain/events";
import type { ReadWebhook, WebhookEvent } from "~/integrations/rmm-webhook";

import { emit } from "../request-sync";
import {
  applyAlerts,
  applyEvent,
  beginsOccurrence,
  consequencesOf,
  type AppliedEvent,
  type Told,
} from "./apply-event";

export type TakenOver =
  | { state: "accepted"; deliveryId: string }
  | { state: "ignored"; deliveryId: string }
  | { state: "duplicate"; deliveryId: string }
  /** The sender is right, the body is not: it is kept in the log, and the same again will not help. */
  | { state: "unreadable"; reason: string }
  /** The secret was rotated away, or the connection ended, since the senders were read: nothing was written. */
  | { state: "secret_gone" };

/** A delivery whose sender is right, ready to be written. */
export interface ReadyDelivery {
  row: NewDelivery;
  read: ReadWebhook;
  told: Told;
  /** `performance.now()` when the request came. */
  startedAt: number;
}

interface FreshEvent extends ReadyDelivery {
  event: WebhookEvent;
}

/**
 * Writes deliveries of a tenant with all that they say, in the transaction of the caller: the same number of statements
 * for one and for fifty, as long as they tell of different alerts for the first time. In their order, whichever they are.
 */
export async function writeDeliveries(
  tx: TenantDb,
  tenantId: string,
  deliveries: ReadyDelivery[],
): Promise<TakenOver[]> {
  const inserted = await insertDeliveries(
    tx,
    tenantId,
    deliveries.map(({ row }) => row),
  );
  const results: TakenOver[] = [];
  const fresh: FreshEvent[] = [];
  for (const delivery of deliveries) {
    const { row, read } = delivery;
    const isNew = inserted.has(row.id) || (await isAnotherOccurrence(tx, tenantId, delivery));
    if (!isNew) results.push(await hearAgain(tx, tenantId, delivery));
    else if (read.state === "unreadable") results.push({ state: "unreadable", reason: read.reason });
    else {
      fresh.push({ ...delivery, event: read.event });
      const isUnknown = read.event.message.kind === "unknown";
      results.push({ state: isUnknown ? "ignored" : "accepted", deliveryId: row.id });
    }
  }
  const applied = await applyAll(tx, tenantId, fresh);
  await updateOutcomes(
    tx,
    tenantId,
    applied.map(({ delivery, outcome }) => ({
      id: delivery.row.id,
      outcome: outcome.outcome,
      reason: outcome.reason,
      durationMs: Math.round(performance.now() - delivery.startedAt),
      alertId: outcome.alert?.alertId ?? null,
      assetId: outcome.alert?.assetId ?? null,
    })),
  );
  const [first] = fresh;
  if (first !== undefined) {
    const events = fresh.flatMap(({ row, event }): OutgoingEvent[] =>
      consequencesOf({ tenantId, integrationId: row.integrationId }, row.id, event),
    );
    await emit(tx, events, first.told.receivedAt);
  }
  return results;
}

/** The words are known, the occurrence is not: see `beginsOccurrence`. Then it is recorded after all. */
async function isAnotherOccurrence(
  tx: TenantDb,
  tenantId: string,
  { row, read, told }: ReadyDelivery,
): Promise<boolean> {
  if (read.state === "unreadable") return false;
  const scope = { tenantId, integrationId: row.integrationId };
  const secret = { ...row.secret, usedAt: told.receivedAt };
  if (!(await beginsOccurrence(tx, scope, read.event, secret))) return false;
  return (await insertDeliveries(tx, tenantId, [row])).has(row.id);
}

async function hearAgain(
  tx: TenantDb,
  tenantId: string,
  { row, read, told }: ReadyDelivery,
): Promise<TakenOver> {
  const scope = { tenantId, integrationId: row.integrationId };
  const first = await noteDuplicate(tx, scope, row.eventKey, told.receivedAt, row.secret);
  if (first === undefined) return { state: "secret_gone" };
  return read.state === "unreadable"
    ? { state: "unreadable", reason: read.reason }
    : { state: "duplicate", deliveryId: first.id };
}

interface Applied {
  delivery: FreshEvent;
  outcome: AppliedEvent;
}

/**
 * Applies the alert events: those that say all and are the first about their alert together, the others one by one
 * after them. What is left of two about the same alert does not depend on their order.
 */
async function applyAll(tx: TenantDb, tenantId: string, fresh: FreshEvent[]): Promise<Applied[]> {
  const together = new Map<string, Map<string, FreshEvent>>();
  const after: FreshEvent[] = [];
  for (const delivery of fresh) {
    const { message } = delivery.event;
    if (message.kind !== "alert") continue;
    const { integrationId } = delivery.row;
    const byAlert = together.get(integrationId) ?? new Map<string, FreshEvent>();
    together.set(integrationId, byAlert);
    if (message.isSparse || byAlert.has(message.alert.externalId)) after.push(delivery);
    else byAlert.set(message.alert.externalId, delivery);
  }
  const applied: Applied[] = [];
  for (const [integrationId, byAlert] of together) {
    const group = [...byAlert.values()];
    const items = group.flatMap(({ event, told }) =>
      event.message.kind === "alert" ? [{ event, told, alert: event.message.alert }] : [],
    );
    const outcomes = await applyAlerts(tx, { tenantId, integrationId }, items);
    group.forEach((delivery, index) => applied.push({ delivery, outcome: outcomes[index]! }));
  }
  for (const delivery of after) {
    const scope = { tenantId, integrationId: delivery.row.integrationId };
    applied.push({ delivery, outcome: await applyEvent(tx, scope, delivery.event, delivery.told) });
  }
  return applied;
}
