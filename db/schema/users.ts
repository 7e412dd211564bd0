import { sql } from "drizzle-orm";
import { index, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import type { NoticeChoice } from "../../domain/notice-choice";
import { roles } from "../../domain/permissions";
import { createdAt, id, instant, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

/**
 * A person's account at a company. One e-mail may have an account at several; each has its own password, because the
 * link that sets it comes from that company alone.
 */
export const users = pgTable(
  "users",
  {
    id: id(),
    tenantId: tenantId(),
    email: text("email").notNull(),
    name: text("name").notNull(),
    role: text("role", { enum: roles }).notNull(),
    /** Argon2id; null until an invitation is accepted. */
    passwordHash: text("password_hash"),
    /** SHA-256 of the one-time token that sets the first (or a new) password. */
    inviteTokenHash: text("invite_token_hash"),
    inviteExpiresAt: instant("invite_expires_at"),
    disabledAt: instant("disabled_at"),
    lastSignInAt: instant("last_sign_in_at"),
    /** Until when too many wrong passwords keep new browsers out. */
    signInLockedUntil: instant("sign_in_locked_until"),
    /** Which notices they are sent by e-mail, as they chose; null while they never did. */
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
