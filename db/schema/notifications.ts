import { sql } from "drizzle-orm";
import { index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";

import { noticeKinds } from "../../domain/notice-kinds";
import { rmmIntegrations } from "./integrations";
import { createdAt, id, instant, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";
import { users } from "./users";

/**
 * An e-mail to the people of a tenant about a connection or about alerts. The transaction that changed the state of
 * either writes it.
 */
export const notifications = pgTable(
  "notifications",
  {
    id: id(),
    tenantId: tenantId(),
    /** Null for an e-mail that is not about a connection. */
    connectionId: uuid("integration_id").references(() => rmmIntegrations.id, { onDelete: "cascade" }),
    /** The path within the app that its link leads to; null for the page of its connection. */
    path: text("path"),
    kind: text("kind", { enum: noticeKinds }).notNull(),
    /** The person it goes to; null for addresses that belong to no person. */
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    recipients: text("recipients").array().notNull(),
    subject: text("subject").notNull(),
    body: text("body").notNull(),
    /** `waiting`: becomes part of a joint e-mail with others at `nextAttemptAt`. */
    status: text("status", { enum: ["pending", "waiting", "sent", "dead"] })
      .notNull()
      .default("pending"),
    attempts: integer("attempts").notNull().default(0),
    /** When to try it next. While an attempt is in progress: when another process may take it over. */
    nextAttemptAt: instant("next_attempt_at").notNull(),
    lastError: text("last_error"),
    sentAt: instant("sent_at"),
    createdAt: createdAt(),
  },
  (t) => [
    index("notifications_due_idx")
      .on(t.nextAttemptAt)
      .where(sql`${t.status} = 'pending'`),
    index("notifications_waiting_idx")
      .on(t.nextAttemptAt)
      .where(sql`${t.status} = 'waiting'`),
    index("notifications_list_idx").on(t.tenantId, t.id),
    tenantPolicy(),
  ],
);
