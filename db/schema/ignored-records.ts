import { pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";

import { syncResources } from "../../domain/sync-words";
import { connectionId } from "./integrations";
import { createdAt, id, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

/** A record of the RMM that cannot be stored, and that a person ignores until it changes. */
export const rmmIgnoredRecords = pgTable(
  "rmm_ignored_records",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    resource: text("resource", { enum: syncResources }).notNull(),
    /** See `domain/record-fingerprint`. Identifies the record, which may have no id. */
    fingerprint: text("fingerprint").notNull(),
    externalId: text("external_id"),
    name: text("name"),
    reason: text("reason").notNull(),
    note: text("note").notNull(),
    actor: text("actor").notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("rmm_ignored_records_key").on(t.tenantId, t.connectionId, t.resource, t.fingerprint),
    tenantPolicy(),
  ],
);
