import { randomUUID } from "node:crypto";

import { contentHash } from "~/domain/content-hash";
import { mapAlert } from "~/integrations/levelio/mappers/alert";

import { signWebhook, webhookEvent } from "../level-simulator";
import { Random } from "../level-simulator/random";
import { levelAlert } from "./webhook";

/** One request of a sender, ready to be sent as often as it takes. */
export interface StormDelivery {
  body: string;
  headers: Record<string, string>;
}

/** What is kept of an alert, as far as the storm decides it. */
export interface AlertState {
  externalId: string;
  status: string;
  name: string;
  severity: string;
  description: string | null;
}

export interface Storm {
  /** Shuffled; a third of them are duplicates of others. */
  deliveries: StormDelivery[];
  /** Events without their duplicates. */
  events: number;
  /** What the alerts must be in the end, in order of their id. */
  expected: AlertState[];
}

const NOON = Date.UTC(2026, 9, 8, 12);

/** Makes deliveries of both ways, and by a model of few words what they must lead to. */
export function makeStorm(size: number, seed: number, secret: string): Storm {
  const random = new Random(seed, "storm");
  const unique = Math.ceil((size * 2) / 3);
  const pick = (below: number) => random.int(0, below - 1);
  const events: StormDelivery[] = [];
  const model = new Map<string, { order: [number, number, string]; state: AlertState }>();

  const alerts = Math.ceil(unique / 10);
  while (events.length < unique) {
    if (pick(4) > 0) events.push(native(`alert-${pick(alerts)}`));
    else events.push(automation(`told-${pick(alerts)}`));
  }

  function native(id: string): StormDelivery {
    const isResolved = pick(3) === 0;
    // Few minutes for many events: some fall on the same.
    const occurredAt = new Date(NOON + pick(60) * 60_000);
    const data = levelAlert({
      id,
      device_id: `device-${pick(500)}`,
      name: `Alert ${pick(5)}`,
      description: `Told as ${pick(1_000_000)}`,
      severity: ["emergency", "critical", "warning", "information"][pick(4)],
      is_resolved: isResolved,
      resolved_at: isResolved ? occurredAt.toISOString() : null,
    });
    const snapshot = mapAlert(data).item!;
    const order: [number, number, string] = [occurredAt.getTime(), Number(isResolved), contentHash(snapshot)];
    const known = model.get(id);
    if (known === undefined || isAfter(order, known.order)) {
      const { externalId, status, name, severity, description } = snapshot;
      model.set(id, { order, state: { externalId, status, name, severity, description } });
    }
    const type = isResolved ? "alert_resolved" : "alert_active";
    const body = JSON.stringify(webhookEvent(type, data, { occurredAt, eventId: randomUUID() }));
    return { body, headers: { "x-level-signature": signWebhook(body, secret) } };
  }

  function automation(id: string): StormDelivery {
    const isResolved = pick(2) === 0;
    const known = model.get(id)?.state;
    const state = {
      externalId: id,
      name: `Told ${id}`,
      severity: "moderate",
      description: "by an automation",
    };
    // Resolved is final for an alert with an id, whatever comes later.
    const status = isResolved || known?.status === "resolved" ? "resolved" : "active";
    model.set(id, { order: [0, 0, ""], state: { ...state, status } });
    const event = isResolved ? "alert.resolved" : "alert.triggered";
    const { name, description } = state;
    const body = JSON.stringify({
      event,
      alert_id: id,
      device_id: "d",
      name,
      severity: "warning",
      description,
    });
    return { body, headers: { "x-alga-webhook-secret": secret } };
  }

  const duplicates = Array.from({ length: size - unique }, () => events[pick(unique)]!);
  return {
    deliveries: shuffled([...events, ...duplicates], pick),
    // An automation's event is its words: the same words again are the same event.
    events: new Set(events.map(({ body }) => body)).size,
    expected: [...model.values()]
      .map(({ state }) => state)
      .sort((one, other) => (one.externalId < other.externalId ? -1 : 1)),
  };
}

function isAfter(one: [number, number, string], other: [number, number, string]): boolean {
  for (const [index, part] of one.entries()) if (part !== other[index]) return part > other[index]!;
  return false;
}

function shuffled<T>(items: T[], pick: (below: number) => number): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = pick(last + 1);
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
  return items;
}
