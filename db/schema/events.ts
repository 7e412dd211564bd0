import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { rmmIntegrations } from "./integrations";
import { createdAt, id, instant, tenantPolicy } from "./shared";
import { tenants } from "./tenants";

/** The outbox: an event is written in the transaction that made it true, and relayed from here. */
export const rmmEvents = pgTable(
  "rmm_events",
  {
    id: id(),
    tenantId: uuid("tenant_id")
      .notNull()
      .references(() => tenants.id, { onDelete: "cascade" }),
    integrationId: uuid("integration_id").references(() => rmmIntegrations.id, { onDelete: "set null" }),
    name: text("name").notNull(),
    /** De-duplicates at the receiver; the run's key for a sync request, else the row's id. */
    eventKey: text("event_key").notNull(),
    /** Ids only, never credentials or records. */
    data: jsonb("data").$type<Record<string, unknown>>().notNull(),
    occurredAt: instant("occurred_at").notNull().defaultNow(),
    relayedAt: instant("relayed_at"),
    attempts: integer("attempts").notNull().default(0),
    lastError: text("last_error"),
  },
  (t) => [
    uniqueIndex("rmm_events_key").on(t.eventKey),
    index("rmm_events_unrelayed_idx")
      .on(t.id)
      .where(sql`${t.relayedAt} is null`),
    index("rmm_events_list_idx").on(t.tenantId, t.occurredAt),
    tenantPolicy(),
  ],
);

/** One delivery heard by the webhook endpoint. */
export const rmmWebhookDeliveries = pgTable(
  "rmm_webhook_deliveries",
  {
    id: id(),
    tenantId: uuid("tenant_id")
      .notNull()
      .references(() => tenants.id, { onDelete: "cascade" }),
    integrationId: uuid("integration_id").references(() => rmmIntegrations.id, { onDelete: "cascade" }),
    /** `signed` (Level's native webhooks) or `automation` (an HTTP action). */
    way: text("way").notNull(),
    eventType: text("event_type"),
    /** Level's `event_id`, or a digest of an automation's body that does not depend on the time of arrival. */
    eventKey: text("event_key"),
    outcome: text("outcome").notNull(),
    reason: text("reason"),
    responseStatus: integer("response_status").notNull(),
    durationMs: integer("duration_ms").notNull(),
    assetId: uuid("asset_id"),
    alertId: uuid("alert_id"),
    body: text("body"),
    receivedAt: instant("received_at").notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("rmm_webhook_deliveries_event_key").on(t.tenantId, t.integrationId, t.eventKey),
    index("rmm_webhook_deliveries_list_idx").on(t.tenantId, t.receivedAt, t.id),
    tenantPolicy(),
  ],
);

/** Who did what, when, from where. */
export const auditLog = pgTable(
  "audit_log",
  {
    id: id(),
    tenantId: uuid("tenant_id")
      .notNull()
      .references(() => tenants.id, { onDelete: "cascade" }),
    actorUserId: uuid("actor_user_id"),
    /** The name as it was: it outlives the user. */
    actor: text("actor").notNull(),
    action: text("action").notNull(),
    targetType: text("target_type"),
    targetId: text("target_id"),
    details: jsonb("details").$type<Record<string, unknown>>().notNull().default({}),
    ip: text("ip"),
    createdAt: createdAt(),
  },
  (t) => [index("audit_log_list_idx").on(t.tenantId, t.createdAt, t.id), tenantPolicy()],
);
