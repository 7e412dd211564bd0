import * as z from "zod";

import {
  getSubscription,
  listSubscriptions,
  type SubscriptionRow,
} from "@db/queries/event-subscriptions/outgoing";
import { shownVersion } from "@domain/shown-version";
import { pauseSubscription } from "~/features/event-subscriptions/change-subscription.server";

import { operation, type ApiContext } from "../base/operation";
import { pageOf } from "../base/paging";
import { noSuch, stale } from "../base/problem";
import { instantText, toInstant, toInstantOrNull } from "../base/shapes";

const subscription = z
  .object({
    id: z.uuid(),
    url: z.string(),
    events: z.array(z.string()),
    isPaused: z.boolean().meta({ description: "Events during a pause are not sent." }),
    lastDeliveredAt: instantText.nullable(),
    lastError: z.string().nullable(),
    restsUntil: instantText.nullable().meta({
      description: "Until then nothing is sent to a receiver that did not answer.",
    }),
    createdAt: instantText,
  })
  .meta({ id: "EventSubscription" });

const subscriptionParams = z.object({ subscriptionId: z.uuid() });

const toSubscription = (row: SubscriptionRow): z.infer<typeof subscription> => ({
  id: row.id,
  url: row.url,
  events: row.eventNames,
  isPaused: !row.isEnabled,
  lastDeliveredAt: toInstantOrNull(row.lastDeliveredAt),
  lastError: row.lastError,
  restsUntil: toInstantOrNull(row.restsUntil),
  createdAt: toInstant(row.createdAt),
});

/** Of what a person sets: deliveries do not change it. */
const versionOf = ({ url, eventNames, isEnabled }: SubscriptionRow): string =>
  shownVersion({ subscription: [url, [...eventNames].sort(), isEnabled] });

async function readSubscription({ inTenant, tenantId }: ApiContext, id: string) {
  const row = await inTenant((tx) => getSubscription(tx, tenantId, id));
  if (row === undefined) throw noSuch("subscription");
  return { body: toSubscription(row), version: versionOf(row) };
}

export const eventSubscriptionOperations = [
  operation({
    id: "listEventSubscriptions",
    method: "GET",
    path: "/event-subscriptions",
    tag: "Event subscriptions",
    summary: "Addresses that events are sent to",
    scope: "read",
    permission: "integrations:read",
    success: { status: 200, description: "All of them", schema: pageOf(subscription) },
    run: async ({ inTenant, tenantId }) => {
      const rows = await inTenant((tx) => listSubscriptions(tx, tenantId));
      return { body: { data: rows.map(toSubscription), next: null } };
    },
  }),
  operation({
    id: "getEventSubscription",
    method: "GET",
    path: "/event-subscriptions/{subscriptionId}",
    tag: "Event subscriptions",
    summary: "One subscription",
    scope: "read",
    permission: "integrations:read",
    params: subscriptionParams,
    success: { status: 200, description: "The subscription", schema: subscription },
    run: (context, { params: { subscriptionId } }) => readSubscription(context, subscriptionId),
  }),
  operation({
    id: "changeEventSubscription",
    method: "PATCH",
    path: "/event-subscriptions/{subscriptionId}",
    tag: "Event subscriptions",
    summary: "Pause or resume a subscription",
    description: "Pending deliveries stay, and go out once it is resumed.",
    scope: "admin",
    permission: "integrations:manage",
    isVersioned: true,
    params: subscriptionParams,
    body: z.strictObject({ isPaused: z.boolean() }),
    success: { status: 200, description: "The subscription as it is now", schema: subscription },
    run: async (context, { params: { subscriptionId: id }, body: { isPaused } }) => {
      const { app, tenantId, actor, ifMatch } = context;
      const isAsSeen = (row: SubscriptionRow) => ifMatch === undefined || versionOf(row) === ifMatch;
      const outcome = await pauseSubscription(app.sync, { tenantId, id, isPaused, isAsSeen }, actor);
      switch (outcome) {
        case "unknown":
          throw noSuch("subscription");
        case "stale":
          throw stale("subscription");
        case "changed":
          return readSubscription(context, id);
      }
    },
  }),
];
