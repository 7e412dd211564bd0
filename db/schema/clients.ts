import { sql } from "drizzle-orm";
import { index, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";

import { createdAt, id, instant, tenantPolicy, updatedAt } from "./shared";
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
    index("clients_tenant_name_idx").on(t.tenantId, t.name),
    tenantPolicy(),
  ],
);
