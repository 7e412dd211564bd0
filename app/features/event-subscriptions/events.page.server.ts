import { and, desc, eq, inArray, lt, sql } from "drizzle-orm";

import { withTenant, type Db } from "@db/client";
import { listSubscriptions, listUndelivered } from "@db/queries/event-subscriptions/outgoing";
import { byName } from "@db/queries/shared/by-name";
import { rmmEvents, rmmIntegrations } from "@db/schema";
import { subscriptionValues } from "@domain/form-values";
import { publishedEvents, type PublishedEvent } from "@domain/published-events";
import { shownVersion } from "@domain/shown-version";

const EVENTS_PAGE_SIZE = 50;
const UNDELIVERED_SHOWN = 100;

export interface EventFilter {
  name: PublishedEvent | undefined;
  integrationId: string | undefined;
}

const textOf = (data: Record<string, unknown>, name: string): string | null => {
  const value = data[name];
  return typeof value === "string" ? value : null;
};

/** What has happened, the newest first, behind the event `before`. Two statements. */
export async function readEvents(db: Db, tenantId: string, filter: EventFilter, before: string | undefined) {
  return withTenant(db, tenantId, async (tx) => {
    const rows = await tx
      .select({
        id: rmmEvents.id,
        name: rmmEvents.name,
        integration: rmmIntegrations.label,
        data: rmmEvents.data,
        occurredAt: rmmEvents.occurredAt,
        relayedAt: rmmEvents.relayedAt,
        lastError: rmmEvents.lastError,
        sent: sql<number>`(select count(*)::int from outgoing_deliveries d
          where d.event_id = ${rmmEvents.id} and d.status = 'delivered')`,
        unsent: sql<number>`(select count(*)::int from outgoing_deliveries d
          where d.event_id = ${rmmEvents.id} and d.status <> 'delivered')`,
      })
      .from(rmmEvents)
      .leftJoin(rmmIntegrations, eq(rmmIntegrations.id, rmmEvents.integrationId))
      .where(
        and(
          eq(rmmEvents.tenantId, tenantId),
          inArray(rmmEvents.name, filter.name === undefined ? [...publishedEvents] : [filter.name]),
          filter.integrationId === undefined ? undefined : eq(rmmEvents.integrationId, filter.integrationId),
          before === undefined ? undefined : lt(rmmEvents.id, before),
        ),
      )
      .orderBy(desc(rmmEvents.id))
      .limit(EVENTS_PAGE_SIZE + 1);
    const integrations = await tx
      .select({ id: rmmIntegrations.id, label: rmmIntegrations.label })
      .from(rmmIntegrations)
      .where(eq(rmmIntegrations.tenantId, tenantId))
      .orderBy(byName(rmmIntegrations.label), rmmIntegrations.id);
    const events = rows.slice(0, EVENTS_PAGE_SIZE).map(({ data, name, ...event }) => ({
      ...event,
      name: name as PublishedEvent,
      runId: textOf(data, "runId"),
      assetId: textOf(data, "assetId"),
    }));
    return {
      events,
      next: rows.length > EVENTS_PAGE_SIZE ? (events.at(-1)?.id ?? null) : null,
      integrations,
    };
  });
}

/** Who is sent events, and what did not arrive. Never a secret. */
export async function readOutgoing(db: Db, tenantId: string) {
  return withTenant(db, tenantId, async (tx) => ({
    subscriptions: (await listSubscriptions(tx, tenantId)).map(
      ({ id, url, eventNames, isEnabled, lastDeliveredAt, lastError, restsUntil, createdAt }) => ({
        id,
        url,
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
