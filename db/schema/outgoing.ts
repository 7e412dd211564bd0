import { sql } from "drizzle-orm";
import { boolean, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { subscriptionFormats } from "../../domain/chat-messages";
import { rmmEvents } from "./events";
import { incidents } from "./incidents";
import { createdAt, id, instant, tenantPolicy, updatedAt } from "./shared";
import { tenantId, tenants } from "./tenants";

/**
 * Where a tenant wants its events sent. The signing secret, or the address of a chat channel,
 * is in `tenant_secrets` as `outgoing:<id>`; a replaced one for a day as `outgoing:<id>:former`.
 */
export const outgoingSubscriptions = pgTable(
  "outgoing_subscriptions",
  {
    id: id(),
    tenantId: uuid("tenant_id")
      .notNull()
      .references(() => tenants.id, { onDelete: "cascade" }),
    /** Of a chat channel only what leads to its host: the address is its secret. */
    url: text("url").notNull(),
    format: text("format", { enum: subscriptionFormats }).notNull().default("json"),
    eventNames: text("event_names").array().notNull(),
    /** Whether the names that go with the ids are sent with them. */
    includesRecord: boolean("includes_record").notNull().default(false),
    /** Whether the legacy signature, from before Standard Webhooks, is sent as well. */
    hasLegacySignature: boolean("has_legacy_signature").notNull().default(false),
    isEnabled: boolean("is_enabled").notNull().default(true),
    lastDeliveredAt: instant("last_delivered_at"),
    lastError: text("last_error"),
    /** Attempts in a row to which the receiver gave no answer, or one of trouble of its own. */
    failures: integer("failures").notNull().default(0),
    /** Until then nothing is sent to it: a receiver that is away costs one attempt now and then. */
    restsUntil: instant("rests_until"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [index("outgoing_subscriptions_tenant_idx").on(t.tenantId), tenantPolicy()],
);

export const outgoingStatuses = ["pending", "delivered", "dead"] as const;
export type OutgoingStatus = (typeof outgoingStatuses)[number];

/** One event on its way to one subscription; written with the event, in its transaction. */
export const outgoingDeliveries = pgTable(
  "outgoing_deliveries",
  {
    id: id(),
    tenantId: uuid("tenant_id")
      .notNull()
      .references(() => tenants.id, { onDelete: "cascade" }),
    subscriptionId: uuid("subscription_id")
      .notNull()
      .references(() => outgoingSubscriptions.id, { onDelete: "cascade" }),
    eventId: uuid("event_id")
      .notNull()
      .references(() => rmmEvents.id, { onDelete: "cascade" }),
    status: text("status", { enum: outgoingStatuses }).notNull().default("pending"),
    attempts: integer("attempts").notNull().default(0),
    /** When it is tried next; while it is being tried, when somebody else may take it over. */
    nextAttemptAt: instant("next_attempt_at").notNull(),
    responseStatus: integer("response_status"),
    lastError: text("last_error"),
    deliveredAt: instant("delivered_at"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("outgoing_deliveries_event_key").on(t.subscriptionId, t.eventId),
    index("outgoing_deliveries_event_idx").on(t.eventId),
    index("outgoing_deliveries_due_idx")
      .on(t.subscriptionId, t.nextAttemptAt)
      .where(sql`${t.status} = 'pending'`),
    index("outgoing_deliveries_list_idx").on(t.tenantId, t.status, t.id),
    tenantPolicy(),
  ],
);

/** The state of an incident that a chat channel last received; it receives a change at most once an hour. */
export const channelPosts = pgTable(
  "channel_posts",
  {
    tenantId: tenantId(),
    subscriptionId: uuid("subscription_id")
      .notNull()
      .references(() => outgoingSubscriptions.id, { onDelete: "cascade" }),
    incidentId: uuid("incident_id")
      .notNull()
      .references(() => incidents.id, { onDelete: "cascade" }),
    state: text("state", { enum: ["open", "resolved"] }).notNull(),
    severity: text("severity", { enum: ["critical", "major", "moderate", "minor", "none"] }).notNull(),
    /** When the latest message but the first was posted; null while there is one message. */
    updatePostedAt: instant("update_posted_at"),
  },
  (t) => [
    primaryKey({ columns: [t.subscriptionId, t.incidentId] }),
    index("channel_posts_incident_idx").on(t.incidentId),
    tenantPolicy(),
  ],
);
