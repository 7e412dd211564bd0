import { index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { apiScopes, apiTokenKinds } from "../../domain/api-scopes";
import { createdAt, id, instant, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";
import { users } from "./users";

/** A key to the API. It may never do more than its owner may, and ends with its owner. */
export const apiTokens = pgTable(
  "api_tokens",
  {
    id: id(),
    tenantId: tenantId(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    kind: text("kind", { enum: apiTokenKinds }).notNull(),
    name: text("name").notNull(),
    scopes: text("scopes", { enum: apiScopes }).array().notNull(),
    /** SHA-256 of the token: a leaked table lets nobody in. */
    tokenHash: text("token_hash").notNull(),
    /** Its first letters, by which a person recognises it. */
    hint: text("hint").notNull(),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    revokedAt: instant("revoked_at"),
    lastUsedAt: instant("last_used_at"),
    /** The network it was last used from. */
    lastUsedIp: text("last_used_ip"),
  },
  (t) => [
    uniqueIndex("api_tokens_hash_key").on(t.tokenHash),
    index("api_tokens_user_idx").on(t.tenantId, t.userId),
    tenantPolicy(),
  ],
);

/** What a POST with an `Idempotency-Key` was answered, so that the same request again has no second effect. */
export const apiIdempotencyKeys = pgTable(
  "api_idempotency_keys",
  {
    id: id(),
    tenantId: tenantId(),
    tokenId: uuid("token_id")
      .notNull()
      .references(() => apiTokens.id, { onDelete: "cascade" }),
    /** SHA-256 of the key that the caller chose. */
    keyHash: text("key_hash").notNull(),
    /** SHA-256 of method, path and body: one key is good for one request. */
    requestHash: text("request_hash").notNull(),
    /** Null while the request is being answered. */
    status: integer("status"),
    /** JSON, as it was sent. */
    body: text("body"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("api_idempotency_keys_key").on(t.tenantId, t.tokenId, t.keyHash),
    index("api_idempotency_keys_age_idx").on(t.createdAt),
    tenantPolicy(),
  ],
);
