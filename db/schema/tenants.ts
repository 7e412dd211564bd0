import { boolean, pgTable, text, uuid } from "drizzle-orm/pg-core";

import { createdAt, id, ownTenantPolicy } from "./shared";

/** An MSP company that uses this installation. */
export const tenants = pgTable(
  "tenants",
  {
    id: id(),
    slug: text("slug").notNull().unique(),
    name: text("name").notNull(),
    /**
     * Who gets an e-mail if a connection fails, recovers, is paused or holds changes back; empty: every administrator.
     */
    notifyEmails: text("notify_emails").array().notNull().default([]),
    /** The time zone of its maintenance windows and rules. */
    timeZone: text("time_zone").notNull().default("UTC"),
    /** Whether API tokens may call tools over MCP. */
    mcpEnabled: boolean("mcp_enabled").notNull().default(false),
    createdAt: createdAt(),
  },
  () => [ownTenantPolicy()],
);

/** The column of the tenant that a row belongs to. */
export const tenantId = () =>
  uuid("tenant_id")
    .notNull()
    .references(() => tenants.id, { onDelete: "cascade" });
