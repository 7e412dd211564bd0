import { sql } from "drizzle-orm";
import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

import { webhookAuthSchemes, deliveryOutcomes } from "../../domain/webhook-auth";
import { rmmIntegrations } from "./integrations";
import { createdAt, id, instant, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

/** The outbox. The transaction that makes an event true also writes it here; the relay sends it from here. */
export const rmmEvents = pgTable(
  "rmm_events",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: uuid("integration_id").references(() => rmmIntegrations.id, { onDelete: "set null" }),
    name: text("name").notNull(),
    /** By which the receiver recognises duplicates: the run's key for a sync request, otherwise the row's id. */
    eventKey: text("event_key").notNull(),
    /** Contains ids, never credentials or records. */
    data: jsonb("data").$type<Record<string, unknown>>().notNull(),
    occurredAt: instant("occurred_at").notNull().defaultNow(),
    relayedAt: instant("relayed_at"),
    attempts: integer("attempts").notNull().default(0),
    lastError: text("last_error"),
  },
  (t) => [
    uniqueIndex("rmm_events_key").on(t.eventKey),
    index("rmm_events_to_relay_idx")
      .on(t.attempts, t.id)
      .where(sql`${t.relayedAt} is null`),
    index("rmm_events_list_idx").on(t.tenantId, t.occurredAt),
    tenantPolicy(),
  ],
);

/** A delivery that the webhook endpoint received with a valid secret. Kept for 30 days. */
export const rmmWebhookDeliveries = pgTable(
  "rmm_webhook_deliveries",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: uuid("integration_id").references(() => rmmIntegrations.id, { onDelete: "cascade" }),
    /** `signed` (Level's native webhooks) or `automation` (an HTTP action). */
    scheme: text("way", { enum: webhookAuthSchemes }).notNull(),
    /** The secret that the sender used. `previous` stays valid for a day after a rotation. */
    secretUsed: text("secret_used", { enum: ["current", "previous"] }),
    eventType: text("event_type"),
    /** Level's `event_id`, or a digest of an automation's body that does not depend on the time of arrival. */
    eventKey: text("event_key"),
    /** When the event happened, according to the sender. */
    occurredAt: instant("occurred_at"),
    externalDeviceId: text("external_device_id"),
    outcome: text("outcome", { enum: deliveryOutcomes }).notNull(),
    reason: text("reason"),
    responseStatus: integer("response_status").notNull(),
    /** Milliseconds from the request to the last write for it. */
    durationMs: integer("duration_ms").notNull(),
    assetId: uuid("asset_id"),
    alertId: uuid("alert_id"),
    /** The body without secrets. A very long one is truncated, and then cannot be replayed. */
    body: text("body"),
    bodyIsCut: boolean("body_is_cut").notNull().default(false),
    /** Whether the body was broken and then repaired: its text may differ slightly from the original. */
    isRepaired: boolean("is_repaired").notNull().default(false),
    /** How many times the same event arrived again. A duplicate changes nothing else. */
    duplicates: integer("duplicates").notNull().default(0),
    lastDuplicateAt: instant("last_duplicate_at"),
    replays: integer("replays").notNull().default(0),
    replayedAt: instant("replayed_at"),
    receivedAt: instant("received_at").notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("rmm_webhook_deliveries_event_key").on(t.tenantId, t.connectionId, t.eventKey),
    index("rmm_webhook_deliveries_list_idx").on(t.tenantId, t.receivedAt, t.id),
    index("rmm_webhook_deliveries_alert_idx").on(t.tenantId, t.alertId),
    index("rmm_webhook_deliveries_way_idx").on(t.tenantId, t.connectionId, t.scheme, t.receivedAt),
    tenantPolicy(),
  ],
);

/**
 * Rejected deliveries, counted by hour, auth scheme and reason. Nothing else is written for a sender without a valid
 * secret, so the number of rows is bounded whatever arrives.
 */
export const rmmWebhookRejections = pgTable(
  "rmm_webhook_rejections",
  {
    tenantId: tenantId(),
    hour: instant("hour").notNull(),
    scheme: text("way", { enum: [...webhookAuthSchemes, "none"] }).notNull(),
    reason: text("reason").notNull(),
    count: integer("count").notNull().default(1),
    firstAt: instant("first_at").notNull(),
    lastAt: instant("last_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.hour, t.scheme, t.reason] }), tenantPolicy()],
);

/** Who did what, when, and from where. */
export const auditLog = pgTable(
  "audit_log",
  {
    id: id(),
    tenantId: tenantId(),
    actorUserId: uuid("actor_user_id"),
    /** The name at that time, because the entry outlives the user. */
    actor: text("actor").notNull(),
    action: text("action").notNull(),
    targetType: text("target_type"),
    targetId: text("target_id"),
    details: jsonb("details").$type<Record<string, unknown>>().notNull().default({}),
    ip: text("ip"),
    createdAt: createdAt(),
  },
  (t) => [
    // Serve the list, newest first, of all entries and of one action, and between two days.
    index("audit_log_list_idx").on(t.tenantId, t.id),
    index("audit_log_action_idx").on(t.tenantId, t.action, t.id),
    index("audit_log_time_idx").on(t.tenantId, t.createdAt),
    tenantPolicy(),
  ],
);
