import { index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { apiScopes, apiTokenKinds } from "../../domain/api-scopes";
import { createdAt, id, instant, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";
import { users } from "./users";

/** A token for the API. It never allows more than its owner may do, and ends with its owner. */
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
    /** The SHA-256 of the token, so that a leaked table lets nobody in. */
    tokenHash: text("token_hash").notNull(),
    /** The token's first letters, by which a person recognises it. */
    hint: text("hint").notNull(),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    revokedAt: instant("revoked_at"),
    lastUsedAt: instant("last_used_at"),
    /** The network that last used it. */
    lastUsedIp: text("last_used_ip"),
  },
  (t) => [
    uniqueIndex("api_tokens_hash_key").on(t.tokenHash),
    index("api_tokens_user_idx").on(t.tenantId, t.userId),
    tenantPolicy(),
  ],
);

/** The answer to a POST with an `Idempotency-Key`, so that repeating the request has no second effect. */
export const apiIdempotencyKeys = pgTable(
  "api_idempotency_keys",
  {
    id: id(),
    tenantId: tenantId(),
    tokenId: uuid("token_id")
      .notNull()
      .references(() => apiTokens.id, { onDelete: "cascade" }),
    /** The SHA-256 of the key that the caller chose. */
    keyHash: text("key_hash").notNull(),
    /** The SHA-256 of method, path and body: a key is valid for one request only. */
    requestHash: text("request_hash").notNull(),
    /** Null while the server is still answering the request. */
    status: integer("status"),
    /** The JSON that was sent. */
    body: text("body"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("api_idempotency_keys_key").on(t.tenantId, t.tokenId, t.keyHash),
    index("api_idempotency_keys_age_idx").on(t.createdAt),
    tenantPolicy(),
  ],
);
