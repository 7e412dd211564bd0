import { boolean, pgTable, text, uuid } from "drizzle-orm/pg-core";

import { createdAt, id, ownTenantPolicy } from "./shared";

/** One MSP company using this installation. */
export const tenants = pgTable(
  "tenants",
  {
    id: id(),
    slug: text("slug").notNull().unique(),
    name: text("name").notNull(),
    /** Who gets an e-mail when a connection fails, recovers, is paused or holds changes back; empty: every administrator. */
    notifyEmails: text("notify_emails").array().notNull().default([]),
    /** The clock by which its maintenance windows and rules go. */
    timeZone: text("time_zone").notNull().default("UTC"),
    /** Whether API tokens may call tools over MCP. */
    mcpEnabled: boolean("mcp_enabled").notNull().default(false),
    createdAt: createdAt(),
  },
  () => [ownTenantPolicy()],
);

/** The tenant that a row belongs to. */
export const tenantId = () =>
  uuid("tenant_id")
    .notNull()
    .references(() => tenants.id, { onDelete: "cascade" });
