import * as z from "zod";

import {
  getSubscription,
  listSubscriptions,
  type SubscriptionRow,
} from "@db/queries/event-subscriptions/outgoing";
import { shownVersion } from "@domain/shown-version";
import { publishedEvents } from "@domain/published-events";
import {
  changeSubscription,
  renewSigningSecret,
} from "~/features/event-subscriptions/change-subscription.server";
import { subscribe, unsubscribe } from "~/features/event-subscriptions/subscriptions.server";
import { testSubscription } from "~/features/event-subscriptions/test-subscription.server";

import { operation, type ApiContext } from "../base/operation";
import { pageOf } from "../base/paging";
import { ApiProblem, noSuch, stale } from "../base/problem";
import { instantText, toInstant, toInstantOrNull } from "../base/shapes";

const subscription = z
  .object({
    id: z.uuid(),
    url: z.string(),
    events: z.array(z.string()),
    format: z
      .enum(["json", "slack", "teams"])
      .meta({ description: "A webhook, or a channel of Slack or Teams." }),
    includesRecord: z.boolean().meta({ description: "Events carry names beside the ids." }),
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
  format: row.format,
  includesRecord: row.includesRecord,
  isPaused: !row.isEnabled,
  lastDeliveredAt: toInstantOrNull(row.lastDeliveredAt),
  lastError: row.lastError,
  restsUntil: toInstantOrNull(row.restsUntil),
  createdAt: toInstant(row.createdAt),
});

/** The version of what people set; deliveries do not change it. */
const versionOf = ({ url, eventNames, includesRecord, isEnabled }: SubscriptionRow): string =>
  shownVersion({ subscription: [url, [...eventNames].sort(), includesRecord, isEnabled] });

const target = {
  url: z.string().trim().max(2_000),
  events: z.array(z.enum(publishedEvents)).min(1),
  includesRecord: z.boolean(),
};

const managing = { tag: "Event subscriptions", scope: "admin", permission: "integrations:manage" } as const;
const secret = z.string().meta({ description: "Shown this once." });

const refusedUrl = (reason: string): ApiProblem => {
  const field = "body.url";
  return new ApiProblem("invalid_request", `${field}: ${reason}`, { errors: [{ field, message: reason }] });
};

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
    ...managing,
    id: "createEventSubscription",
    method: "POST",
    path: "/event-subscriptions",
    summary: "Send events to an address",
    showsSecret: true,
    description: "Signed as Standard Webhooks. Channels of Slack and Teams are added on their page.",
    body: z.strictObject({ ...target, includesRecord: target.includesRecord.default(false) }),
    example: { url: "https://hooks.example.com/plumbline", events: ["RMM_SYNC_FAILED"] },
    success: {
      status: 201,
      description: "The new subscription with its signing secret",
      schema: subscription.extend({ secret }).meta({ id: "NewEventSubscription" }),
    },
    run: async (context, { body: { url, events, includesRecord } }) => {
      const { app, tenantId, actor } = context;
      const allowPrivate = app.config.allowPrivateWebhooks;
      const request = { tenantId, url, eventNames: events, includesRecord, allowPrivate, actor };
      const outcome = await subscribe(app.sync, request);
      if (outcome.state === "refused") throw refusedUrl(outcome.reason);
      const made = await readSubscription(context, outcome.id);
      return { body: { ...made.body, secret: outcome.secret } };
    },
  }),
  operation({
    ...managing,
    id: "changeEventSubscription",
    method: "PATCH",
    path: "/event-subscriptions/{subscriptionId}",
    summary: "Change the address or the events of a subscription, pause or resume it",
    description:
      "Pending deliveries go to the new address; during a pause they stay. The secret and the address of a channel stay.",
    isVersioned: true,
    params: subscriptionParams,
    body: z
      .strictObject({ ...target, isPaused: z.boolean() })
      .partial()
      .refine((fields) => Object.keys(fields).length > 0, "Say what to change."),
    example: { isPaused: true },
    success: { status: 200, description: "The subscription as it is now", schema: subscription },
    run: async (
      context,
      { params: { subscriptionId: id }, body: { isPaused, url, events, includesRecord } },
    ) => {
      const { app, tenantId, actor, ifMatch } = context;
      const isAsSeen = (row: SubscriptionRow) => ifMatch === undefined || versionOf(row) === ifMatch;
      const allowPrivate = app.config.allowPrivateWebhooks;
      const change = { url, eventNames: events, includesRecord, isPaused, isAsSeen, allowPrivate };
      const outcome = await changeSubscription(app.sync, { tenantId, id }, change, actor);
      switch (outcome.state) {
        case "unknown":
          throw noSuch("subscription");
        case "stale":
          throw stale("subscription");
        case "refused":
          throw refusedUrl(outcome.reason);
        case "changed":
          return readSubscription(context, id);
      }
    },
  }),
  operation({
    ...managing,
    id: "testEventSubscription",
    method: "POST",
    path: "/event-subscriptions/{subscriptionId}/test",
    summary: "Send a signed test event now",
    description: "Also to a paused subscription. If the receiver takes it, its failures are forgotten.",
    params: subscriptionParams,
    success: {
      status: 200,
      description: "What the receiver answered",
      schema: z.object({
        isTaken: z.boolean(),
        status: z.int().nullable().meta({ description: "Null if it did not answer." }),
        durationMs: z.int().nullable(),
        reason: z.string().nullable().meta({ description: "Why it could not be sent." }),
      }),
    },
    run: async ({ app, tenantId, actor }, { params: { subscriptionId: id } }) => {
      const test = await testSubscription({ ...app.sync, post: app.post }, { tenantId, id }, actor);
      switch (test.state) {
        case "unknown":
          throw noSuch("subscription");
        case "failed":
          return { body: { isTaken: false, status: null, durationMs: null, reason: test.reason } };
        case "answered": {
          const { isTaken, status, durationMs } = test;
          return { body: { isTaken, status, durationMs, reason: null } };
        }
      }
    },
  }),
  operation({
    ...managing,
    id: "rotateEventSubscriptionSecret",
    method: "POST",
    path: "/event-subscriptions/{subscriptionId}/rotate-secret",
    summary: "Replace the signing secret",
    showsSecret: true,
    description: "For a day, events are signed with the former one too. Channels have none.",
    params: subscriptionParams,
    success: { status: 200, description: "The new secret", schema: z.object({ secret }) },
    run: async ({ app, tenantId, actor }, { params: { subscriptionId: id } }) => {
      const renewed = await renewSigningSecret(app.sync, { tenantId, id }, actor);
      if (renewed === undefined) throw noSuch("subscription that is signed");
      return { body: { secret: renewed } };
    },
  }),
  operation({
    ...managing,
    id: "deleteEventSubscription",
    method: "DELETE",
    path: "/event-subscriptions/{subscriptionId}",
    summary: "Delete a subscription with its pending deliveries",
    params: subscriptionParams,
    success: { status: 200, description: "The subscription that was", schema: z.object({ id: z.uuid() }) },
    run: async ({ app, tenantId, actor }, { params: { subscriptionId: id } }) => {
      if (!(await unsubscribe(app.sync, { tenantId, id }, actor))) throw noSuch("subscription");
      return { body: { id } };
    },
  }),
];
