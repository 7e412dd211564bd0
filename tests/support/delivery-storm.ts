import { randomUUID } from "node:crypto";

import { UNNAMED_ALERT } from "@domain/alerts";
import { contentHash } from "@domain/content-hash";
import { mapAlert } from "~/connectors/levelio/mappers/alert";

import { signWebhook, webhookEvent } from "../level-simulator";
import { Random } from "../level-simulator/random";
import { levelAlert } from "./level-alert";

/** One request of a sender, which can be sent any number of times. */
export interface StormDelivery {
  body: string;
  headers: Record<string, string>;
}

/** The fields of an alert that the storm determines. */
export interface AlertState {
  externalId: string;
  status: string;
  name: string;
  severity: string;
  description: string | null;
}

export interface Storm {
  /** In random order; a third of them are duplicates of others. */
  deliveries: StormDelivery[];
  /** Number of distinct events. */
  events: number;
  /** The expected final alerts, ordered by id. */
  expected: AlertState[];
}

const NOON = Date.UTC(2026, 9, 8, 12);

/** What a message says about the alert; blanks are null. */
interface Said {
  order: [number, number, string];
  status: string;
  words: Words;
}
interface Words {
  name: string | null;
  severity: string | null;
  description: string | null;
}

/** Makes signed and automation deliveries, and the expected alerts by a small reference model. */
export function makeStorm(size: number, seed: number, secret: string): Storm {
  const random = new Random(seed, "storm");
  const unique = Math.ceil((size * 2) / 3);
  const pick = (below: number) => random.int(0, below - 1);
  const events: StormDelivery[] = [];
  const model = new Map<string, { native: Said[]; automation: Said[] }>();
  const said = (id: string) => {
    const all = model.get(id) ?? { native: [], automation: [] };
    model.set(id, all);
    return all;
  };

  const alerts = Math.ceil(unique / 10);
  while (events.length < unique) {
    if (pick(4) > 0) events.push(native(`alert-${pick(alerts)}`));
    // Half of the alerts are reported by both methods.
    else events.push(automation(`${pick(2) === 0 ? "alert" : "told"}-${pick(alerts)}`));
  }

  function native(id: string): StormDelivery {
    const isResolved = pick(3) === 0;
    // Few minutes for many events, so that some fall on the same minute.
    const occurredAt = new Date(NOON + pick(60) * 60_000);
    const orBlank = <T>(value: T) => (pick(3) === 0 ? null : value);
    const data = levelAlert({
      id,
      device_id: `device-${pick(500)}`,
      name: orBlank(`Alert ${pick(5)}`),
      description: orBlank(`Told as ${pick(1_000_000)}`),
      severity: orBlank(["emergency", "critical", "warning", "information"][pick(4)]),
      is_resolved: isResolved,
      resolved_at: isResolved ? occurredAt.toISOString() : null,
    });
    const snapshot = mapAlert(data).item!;
    const { status, severity, description } = snapshot;
    said(id).native.push({
      order: [occurredAt.getTime(), Number(isResolved), contentHash(snapshot)],
      status,
      words: { name: data.name, severity: data.severity === null ? null : severity, description },
    });
    const type = isResolved ? "alert_resolved" : "alert_active";
    const body = JSON.stringify(webhookEvent(type, data, { occurredAt, eventId: randomUUID() }));
    return { body, headers: { "x-level-signature": signWebhook(body, secret) } };
  }

  function automation(id: string): StormDelivery {
    const isResolved = pick(2) === 0;
    const description = `${id} by an automation`;
    said(id).automation.push({
      order: [0, Number(isResolved), ""],
      status: isResolved ? "resolved" : "active",
      words: { name: `Told ${id}`, severity: "moderate", description },
    });
    const event = isResolved ? "alert.resolved" : "alert.triggered";
    const body = JSON.stringify({
      event,
      alert_id: id,
      device_id: "d",
      name: `Told ${id}`,
      severity: "warning",
      description,
    });
    return { body, headers: { "x-alga-webhook-secret": secret } };
  }

  const duplicates = Array.from({ length: size - unique }, () => events[pick(unique)]!);
  return {
    deliveries: shuffled([...events, ...duplicates], pick),
    // The same text from an automation is the same event.
    events: new Set(events.map(({ body }) => body)).size,
    expected: [...model]
      .map(([externalId, { native: natives, automation: automations }]) =>
        outcomeOf(externalId, natives.sort(byOrder), automations.sort(byOrder)),
      )
      .sort((one, other) => (one.externalId < other.externalId ? -1 : 1)),
  };
}

/**
 * Text from Level wins over text from an automation; the newest that is not blank wins. Every automation request
 * arrives after Level's: its report of the end is the last one, and its trigger reopens nothing that Level has reported
 * on.
 */
function outcomeOf(externalId: string, natives: Said[], automations: Said[]): AlertState {
  const newestFirst = [...automations, ...natives].reverse();
  const word = (which: keyof Words) => newestFirst.find(({ words }) => words[which] !== null)?.words[which];
  const isEnded = automations.at(-1)?.status === "resolved";
  return {
    externalId,
    status: isEnded ? "resolved" : newestFirst[0]!.status,
    name: word("name") ?? UNNAMED_ALERT,
    severity: word("severity") ?? "none",
    description: word("description") ?? null,
  };
}

function byOrder({ order: one }: Said, { order: other }: Said): number {
  for (const [index, part] of one.entries()) if (part !== other[index]) return part > other[index]! ? 1 : -1;
  return 0;
}

function shuffled<T>(items: T[], pick: (below: number) => number): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = pick(last + 1);
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
  return items;
}
