import { sql } from "drizzle-orm";
import { index, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { createdAt, id, instant, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

export const userRoles = ["admin", "technician", "viewer"] as const;
export type UserRole = (typeof userRoles)[number];

/** A person. E-mail is unique in the installation, so sign-in needs no tenant. */
export const users = pgTable(
  "users",
  {
    id: id(),
    tenantId: tenantId(),
    email: text("email").notNull(),
    name: text("name").notNull(),
    role: text("role", { enum: userRoles }).notNull(),
    /** Argon2id; null until an invitation is accepted. */
    passwordHash: text("password_hash"),
    /** SHA-256 of the one-time token that sets the first (or a new) password. */
    inviteTokenHash: text("invite_token_hash"),
    inviteExpiresAt: instant("invite_expires_at"),
    disabledAt: instant("disabled_at"),
    lastSignInAt: instant("last_sign_in_at"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("users_email_key").on(sql`lower(${t.email})`),
    uniqueIndex("users_invite_token_key").on(t.inviteTokenHash),
    index("users_tenant_idx").on(t.tenantId),
    tenantPolicy(),
  ],
);

/** A signed-in browser. The id is the SHA-256 of the cookie's token: a leaked table signs nobody in. */
export const sessions = pgTable(
  "sessions",
  {
    id: text("id").primaryKey(),
    tenantId: tenantId(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
    lastSeenAt: instant("last_seen_at").notNull().defaultNow(),
    expiresAt: instant("expires_at").notNull(),
    ip: text("ip"),
    userAgent: text("user_agent"),
  },
  (t) => [
    index("sessions_user_idx").on(t.tenantId, t.userId),
    index("sessions_expiry_idx").on(t.expiresAt),
    tenantPolicy(),
  ],
);
