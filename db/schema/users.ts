import { sql } from "drizzle-orm";
import { index, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import type { NoticeChoice } from "../../domain/notice-choice";
import { roles } from "../../domain/permissions";
import { createdAt, id, instant, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

/**
 * A person's account with a tenant. An e-mail address may have an account with several, each with its own password,
 * because the link that sets a password comes from that tenant alone.
 */
export const users = pgTable(
  "users",
  {
    id: id(),
    tenantId: tenantId(),
    email: text("email").notNull(),
    name: text("name").notNull(),
    role: text("role", { enum: roles }).notNull(),
    /** An Argon2id hash; null until the person accepts the invitation. */
    passwordHash: text("password_hash"),
    /** The SHA-256 of the one-time token that sets the first password or a new one. */
    inviteTokenHash: text("invite_token_hash"),
    inviteExpiresAt: instant("invite_expires_at"),
    disabledAt: instant("disabled_at"),
    lastSignInAt: instant("last_sign_in_at"),
    /** Until when too many wrong passwords keep out browsers that have not signed in before. */
    signInLockedUntil: instant("sign_in_locked_until"),
    /** The notices that the person chose to get by e-mail; null if they never chose. */
    noticeChoice: jsonb("notice_choice").$type<NoticeChoice>(),
    signInUnlockedAt: instant("sign_in_unlocked_at"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("users_tenant_email_key").on(t.tenantId, sql`lower(${t.email})`),
    index("users_email_idx").on(sql`lower(${t.email})`),
    uniqueIndex("users_invite_token_key").on(t.inviteTokenHash),
    tenantPolicy(),
  ],
);

/** A signed-in browser. The id is the SHA-256 of the cookie's token, so that a leaked table signs nobody in. */
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
