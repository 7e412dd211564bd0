import { sql } from "drizzle-orm";
import { boolean, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { subscriptionFormats } from "../../domain/chat-messages";
import { rmmEvents } from "./events";
import { incidents } from "./incidents";
import { createdAt, id, instant, tenantPolicy, updatedAt } from "./shared";
import { tenantId, tenants } from "./tenants";

/**
 * An address to which a tenant wants its events sent. `tenant_secrets` holds the signing secret, or the address of a
 * chat channel, as `outgoing:<id>`, and a replaced one for a day as `outgoing:<id>:former`.
 */
export const outgoingSubscriptions = pgTable(
  "outgoing_subscriptions",
  {
    id: id(),
    tenantId: uuid("tenant_id")
      .notNull()
      .references(() => tenants.id, { onDelete: "cascade" }),
    /** For a chat channel only the part that leads to its host, because the full address is the channel's secret. */
    url: text("url").notNull(),
    format: text("format", { enum: subscriptionFormats }).notNull().default("json"),
    eventNames: text("event_names").array().notNull(),
    /** Whether deliveries contain the names beside the ids. */
    includesRecord: boolean("includes_record").notNull().default(false),
    /** Whether deliveries also carry the legacy signature, from before Standard Webhooks. */
    hasLegacySignature: boolean("has_legacy_signature").notNull().default(false),
    isEnabled: boolean("is_enabled").notNull().default(true),
    lastDeliveredAt: instant("last_delivered_at"),
    lastError: text("last_error"),
    /** How many attempts in a row found no answer, or an answer that reports trouble of the receiver's own. */
    failures: integer("failures").notNull().default(0),
    /** Nothing is sent before this instant, so that an unreachable receiver costs only an occasional attempt. */
    restsUntil: instant("rests_until"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [index("outgoing_subscriptions_tenant_idx").on(t.tenantId), tenantPolicy()],
);

/** The states of a delivery. */
export const outgoingStatuses = ["pending", "delivered", "dead"] as const;
export type OutgoingStatus = (typeof outgoingStatuses)[number];

/** An event to be sent to one subscription. Written in the event's own transaction. */
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
    /** When to try it next. While an attempt is in progress: when another process may take it over. */
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

/** The state of an incident that a chat channel last received. A channel receives a change at most once an hour. */
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
    /** When the last follow-up message was posted; null while there is only the first message. */
    updatePostedAt: instant("update_posted_at"),
  },
  (t) => [
    primaryKey({ columns: [t.subscriptionId, t.incidentId] }),
    index("channel_posts_incident_idx").on(t.incidentId),
    tenantPolicy(),
  ],
);
