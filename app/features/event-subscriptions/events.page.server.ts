import { withTenant, type Db } from "@db/client";
import { readTargetNames, type TargetNames } from "@db/queries/audit/audit-targets";
import { listConnectionLabels } from "@db/queries/connections/connections";
import {
  listDeliveriesTo,
  listSubscriptions,
  listUndelivered,
} from "@db/queries/event-subscriptions/outgoing";
import { listEvents } from "@db/queries/outbox/events";
import { subscriptionValues } from "@domain/form-values";
import { publishedEvents, type PublishedEvent } from "@domain/published-events";
import { shownVersion } from "@domain/shown-version";

import { eventSentences } from "./event-sentences";

const EVENTS_PAGE_SIZE = 50;
const UNDELIVERED_SHOWN = 100;
const DELIVERIES_SHOWN = 30;

export interface EventFilter {
  name: PublishedEvent | undefined;
  connectionId: string | undefined;
}

const textOf = (data: Record<string, unknown>, name: string): string | null => {
  const value = data[name];
  return typeof value === "string" ? value : null;
};

/** A page of events, newest first, before the event `before`. Three statements. */
export async function readEvents(db: Db, tenantId: string, filter: EventFilter, before: string | undefined) {
  return withTenant(db, tenantId, async (tx) => {
    const rows = await listEvents(
      tx,
      tenantId,
      { ...filter, names: filter.name === undefined ? publishedEvents : [filter.name], before },
      EVENTS_PAGE_SIZE + 1,
    );
    const integrations = await listConnectionLabels(tx, tenantId);
    const page = rows.slice(0, EVENTS_PAGE_SIZE);
    const assets = await readTargetNames(
      tx,
      tenantId,
      page.flatMap(({ data }) => textOf(data, "assetId") ?? []),
    );
    const events = page.map(({ data, name, integration, runTarget: target, ...event }) => ({
      ...event,
      name: name as PublishedEvent,
      data: JSON.stringify(data, null, 1),
      sentence: sentenceWithLink(name as PublishedEvent, data, integration, target?.name ?? null, assets),
    }));
    return {
      events,
      next: rows.length > EVENTS_PAGE_SIZE ? (events.at(-1)?.id ?? null) : null,
      integrations,
    };
  });
}

const pages = {
  run: "/runs",
  delivery: "/alerts/deliveries",
  alert: "/alerts",
  incident: "/alerts/incidents",
} as const;

/** An event as a sentence with one link. A deleted target is named as deleted, and not linked. */
function sentenceWithLink(
  name: PublishedEvent,
  data: Record<string, unknown>,
  integration: string | null,
  runTargetName: string | null,
  assets: TargetNames,
) {
  const connection = integration ?? "a deleted connection";
  const { before, link, behind } = eventSentences[name]({ data, connection, runTarget: runTargetName });
  if (link === null) return { before, link, behind };
  if (link.to === "asset") {
    const id = textOf(data, "assetId") ?? "";
    const asset = assets.get(id);
    const found = { text: asset ?? "A deleted asset", path: asset === undefined ? null : `/assets/${id}` };
    return { before, link: found, behind };
  }
  const id = textOf(data, `${link.to}Id`);
  const path = id === null ? null : `${pages[link.to]}/${id}`;
  return { before, link: { text: link.text, path }, behind };
}

/** The subscriptions and their failed deliveries. Never includes a secret. */
export async function readOutgoing(db: Db, tenantId: string) {
  return withTenant(db, tenantId, async (tx) => ({
    subscriptions: (await listSubscriptions(tx, tenantId)).map(
      ({
        id,
        url,
        format,
        eventNames,
        includesRecord,
        hasLegacySignature,
        isEnabled,
        lastDeliveredAt,
        lastError,
        restsUntil,
        createdAt,
      }) => ({
        id,
        url,
        format,
        includesRecord,
        hasLegacySignature,
        isPaused: !isEnabled,
        version: shownVersion(subscriptionValues({ url, eventNames })),
        eventNames: eventNames as PublishedEvent[],
        lastDeliveredAt,
        lastError,
        restsUntil,
        createdAt,
      }),
    ),
    undelivered: (await listUndelivered(tx, tenantId, UNDELIVERED_SHOWN)).map((row) => ({
      ...row,
      eventName: row.eventName as PublishedEvent,
    })),
  }));
}

export type Outgoing = Awaited<ReturnType<typeof readOutgoing>>;

/** The latest deliveries to a subscription. One statement. */
export const readDeliveriesTo = (db: Db, tenantId: string, subscriptionId: string) =>
  withTenant(db, tenantId, async (tx) =>
    (await listDeliveriesTo(tx, tenantId, subscriptionId, DELIVERIES_SHOWN)).map((row) => ({
      ...row,
      eventName: row.eventName as PublishedEvent,
    })),
  );

export type DeliveryLog = Awaited<ReturnType<typeof readDeliveriesTo>>;
