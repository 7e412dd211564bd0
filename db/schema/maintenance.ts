import { boolean, index, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";

import type { AlertConditions } from "../../domain/alert-conditions";
import { createdAt, id, instant, tenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";

/** Which alerts send no notices, and when; see `domain/maintenance-windows`. */
export const maintenanceWindows = pgTable(
  "maintenance_windows",
  {
    id: id(),
    tenantId: tenantId(),
    name: text("name").notNull(),
    conditions: jsonb("conditions").$type<AlertConditions>().notNull(),
    /** The first start, on the clock of the tenant's time zone: `2026-11-28T22:00`. */
    startsAt: text("starts_at").notNull(),
    endsAt: text("ends_at").notNull(),
    /** The RRULE by which the window repeats; null for a single one. */
    rule: text("rule"),
    suppressesNotices: boolean("suppresses_notices").notNull(),
    suppressesTickets: boolean("suppresses_tickets").notNull(),
    pausedAt: instant("paused_at"),
    createdBy: uuid("created_by"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [index("maintenance_windows_tenant_idx").on(t.tenantId), tenantPolicy()],
);
