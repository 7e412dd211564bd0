import { sql } from "drizzle-orm";
import { index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";

import { noticeKinds } from "../../domain/notice-kinds";
import { rmmIntegrations } from "./integrations";
import { createdAt, id, instant, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";
import { users } from "./users";

/** One e-mail to the people of a tenant, about one connection or about alerts; written in the transaction that changed its state. */
export const notifications = pgTable(
  "notifications",
  {
    id: id(),
    tenantId: tenantId(),
    /** Null if it is not about a connection. */
    connectionId: uuid("integration_id").references(() => rmmIntegrations.id, { onDelete: "cascade" }),
    /** Where its link leads within the app; null for its connection's page. */
    path: text("path"),
    kind: text("kind", { enum: noticeKinds }).notNull(),
    /** The person that it is for; null for addresses of no person. */
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    recipients: text("recipients").array().notNull(),
    subject: text("subject").notNull(),
    body: text("body").notNull(),
    /** `waiting`: it becomes part of one e-mail with others at `nextAttemptAt`. */
    status: text("status", { enum: ["pending", "waiting", "sent", "dead"] })
      .notNull()
      .default("pending"),
    attempts: integer("attempts").notNull().default(0),
    /** When it is tried next; while it is being tried, when somebody else may take it over. */
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
