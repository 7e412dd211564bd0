import { integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";

import { connectionId } from "./integrations";
import { createdAt, id, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

/**
 * The matching rules of a connection, in every version; the highest version is valid. A sync uses the one that was
 * valid when it began. See `domain/matching-rules`.
 */
export const connectionMatchingRules = pgTable(
  "matching_rules",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    version: integer("version").notNull(),
    rules: jsonb("rules").notNull(),
    actor: text("actor").notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("matching_rules_version_key").on(t.tenantId, t.connectionId, t.version),
    tenantPolicy(),
  ],
);
