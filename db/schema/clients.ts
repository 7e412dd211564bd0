import { sql } from "drizzle-orm";
import { foreignKey, index, pgTable, text, uniqueIndex, unique, uuid } from "drizzle-orm/pg-core";

import { createdAt, id, instant, nameKey, tenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";

/** A customer of the MSP. Owns assets. */
export const clients = pgTable(
  "clients",
  {
    id: id(),
    tenantId: tenantId(),
    name: text("name").notNull(),
    /** Stored because almost every list sorts by it. */
    nameKey: nameKey(),
    notes: text("notes"),
    archivedAt: instant("archived_at"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("clients_active_name_key")
      .on(t.tenantId, sql`fold_text(${t.name})`)
      .where(sql`${t.archivedAt} is null`),
    unique("clients_tenant_key").on(t.tenantId, t.id),
    index("clients_name_key_idx").on(t.tenantId, sql`${t.nameKey} collate "C"`, t.id),
    tenantPolicy(),
  ],
);

/** A place of a client. The name is unique within the client, because files and mappings refer to a site by name. */
export const clientSites = pgTable(
  "client_sites",
  {
    id: id(),
    tenantId: tenantId(),
    clientId: uuid("client_id").notNull(),
    name: text("name").notNull(),
    address: text("address"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    foreignKey({
      columns: [t.tenantId, t.clientId],
      foreignColumns: [clients.tenantId, clients.id],
    }).onDelete("cascade"),
    unique("client_sites_tenant_key").on(t.tenantId, t.id),
    uniqueIndex("client_sites_name_key").on(t.tenantId, t.clientId, sql`fold_text(${t.name})`),
    tenantPolicy(),
  ],
);

/** A person to call at a client. The name is unique within the client, as for sites. */
export const clientContacts = pgTable(
  "client_contacts",
  {
    id: id(),
    tenantId: tenantId(),
    clientId: uuid("client_id").notNull(),
    name: text("name").notNull(),
    email: text("email"),
    phone: text("phone"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    foreignKey({
      columns: [t.tenantId, t.clientId],
      foreignColumns: [clients.tenantId, clients.id],
    }).onDelete("cascade"),
    unique("client_contacts_tenant_key").on(t.tenantId, t.id),
    uniqueIndex("client_contacts_name_key").on(t.tenantId, t.clientId, sql`fold_text(${t.name})`),
    tenantPolicy(),
  ],
);

/**
 * What a merge of two clients moved, so that it can be undone. Holds ids without foreign keys: an undo skips rows that
 * were deleted meanwhile.
 */
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
    /**
     * Assets whose dismissed value names this client: a person keeps them apart from the client that their RMM leads
     * to.
     */
    dismissedValueIds: uuid("kept_over_ids").array().notNull(),
    /** Rows of devices whose group led to the client. */
    deviceRowIds: uuid("device_row_ids").array().notNull(),
    /** Sites and contacts; null for merges from before clients had any. */
    siteIds: uuid("site_ids").array(),
    contactIds: uuid("contact_ids").array(),
    /** Pending moves away from the client, and to it. */
    movesFromIds: uuid("moves_from_ids").array().notNull(),
    movesToIds: uuid("moves_to_ids").array().notNull(),
    /** Since when the merged client had been archived before the merge; null if it was not. */
    archivedBefore: instant("archived_before"),
    mergedBy: text("merged_by").notNull(),
    mergedAt: instant("merged_at").notNull(),
    undoneAt: instant("undone_at"),
  },
  (t) => [index("client_merges_tenant_idx").on(t.tenantId, t.mergedAt), tenantPolicy()],
);
