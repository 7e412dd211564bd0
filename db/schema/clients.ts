import { sql } from "drizzle-orm";
import { index, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { createdAt, id, instant, sortedBy, tenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";

/** A customer of the MSP; owns assets. */
export const clients = pgTable(
  "clients",
  {
    id: id(),
    tenantId: tenantId(),
    name: text("name").notNull(),
    notes: text("notes"),
    archivedAt: instant("archived_at"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("clients_active_name_key")
      .on(t.tenantId, sql`fold_text(${t.name})`)
      .where(sql`${t.archivedAt} is null`),
    index("clients_tenant_name_idx").on(t.tenantId, sortedBy(t.name), t.id),
    tenantPolicy(),
  ],
);

/** What a merge of two clients moved, for undoing it. Ids, not references: a deleted row is not moved back. */
export const clientMerges = pgTable(
  "client_merges",
  {
    id: id(),
    tenantId: tenantId(),
    fromClientId: uuid("from_client_id")
      .notNull()
      .references(() => clients.id, { onDelete: "cascade" }),
    intoClientId: uuid("into_client_id")
      .notNull()
      .references(() => clients.id, { onDelete: "cascade" }),
    assetIds: uuid("asset_ids").array().notNull(),
    groupIds: uuid("group_ids").array().notNull(),
    /** Assets that a person keeps apart from the client that their RMM leads to. */
    dismissedValueIds: uuid("kept_over_ids").array().notNull(),
    /** Rows of devices whose group led to the client. */
    deviceRowIds: uuid("device_row_ids").array().notNull(),
    /** Pending moves from the client, and to it. */
    movesFromIds: uuid("moves_from_ids").array().notNull(),
    movesToIds: uuid("moves_to_ids").array().notNull(),
    /** Since when the merged client was archived before. */
    archivedBefore: instant("archived_before"),
    mergedBy: text("merged_by").notNull(),
    mergedAt: instant("merged_at").notNull(),
    undoneAt: instant("undone_at"),
  },
  (t) => [index("client_merges_tenant_idx").on(t.tenantId, t.mergedAt), tenantPolicy()],
);
