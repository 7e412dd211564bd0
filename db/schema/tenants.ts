import { pgTable, text, uuid } from "drizzle-orm/pg-core";

import { createdAt, id, ownTenantPolicy } from "./shared";

/** One MSP company using this installation. */
export const tenants = pgTable(
  "tenants",
  { id: id(), slug: text("slug").notNull().unique(), name: text("name").notNull(), createdAt: createdAt() },
  () => [ownTenantPolicy()],
);

/** The tenant that a row belongs to. */
export const tenantId = () =>
  uuid("tenant_id")
    .notNull()
    .references(() => tenants.id, { onDelete: "cascade" });
