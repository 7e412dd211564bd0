import { sql } from "drizzle-orm";
import { boolean, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { rmmEvents } from "./events";
import { createdAt, id, instant, tenantPolicy, updatedAt } from "./shared";
import { tenants } from "./tenants";

/** Where a tenant wants its events sent. The signing secret is in `tenant_secrets` as `outgoing:<id>`. */
export const outgoingSubscriptions = pgTable(
  "outgoing_subscriptions",
  {
    id: id(),
    tenantId: uuid("tenant_id")
      .notNull()
      .references(() => tenants.id, { onDelete: "cascade" }),
    url: text("url").notNull(),
    eventNames: text("event_names").array().notNull(),
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
