import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { assets } from "./assets";
import { incidents } from "./incidents";
import { connectionId } from "./integrations";
import { createdAt, id, instant, narrowTenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";
import { alertSeverities, alertStatuses } from "../../domain/alert-words";

export {
  alertSeverities,
  type AlertSeverity,
  alertStatuses,
  type AlertStatus,
} from "../../domain/alert-words";

/** An alert of the RMM. `observedAt` orders reports by sweep, poll and webhook: older never overwrites newer. */
export const rmmAlerts = pgTable(
  "rmm_alerts",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    externalAlertId: text("external_alert_id").notNull(),
    externalDeviceId: text("external_device_id"),
    deviceHostname: text("device_hostname"),
    assetId: uuid("asset_id").references(() => assets.id, { onDelete: "set null" }),
    /** The asset's name, which triggers keep like it: a search of alerts reads no other table. */
    assetName: text("asset_name"),
    name: text("name").notNull(),
    description: text("description"),
    payload: text("payload"),
    severity: text("severity", { enum: alertSeverities }).notNull(),
    /** The provider's own word. */
    providerSeverity: text("provider_severity"),
    status: text("status", { enum: alertStatuses }).notNull(),
    startedAt: instant("started_at"),
    resolvedAt: instant("resolved_at"),
    acknowledgedAt: instant("acknowledged_at"),
    acknowledgedBy: uuid("acknowledged_by"),
    contentHash: text("content_hash").notNull(),
    observedAt: instant("observed_at").notNull(),
    /** The last source: `sweep`, `webhook` or `automation`; `person` if somebody closed it only here. */
    observedVia: text("observed_via", { enum: ["sweep", "webhook", "automation", "person"] }).notNull(),
    /** The order of each text that comes from another message than the state; see `mergeAlert`. */
    wordOrders: jsonb("word_orders").$type<Record<string, string>>().notNull().default({}),
    incidentId: uuid("incident_id").references(() => incidents.id, { onDelete: "set null" }),
    /** When it began, as its incident was formed by it: a later correction regroups from there. */
    groupedFrom: instant("grouped_from"),
    /**
     * Greater than 0 while its incident must be formed again. A trigger counts up with each change that grouping looks
     * at, so that a change during the grouping is not lost.
     */
    groupingDue: integer("grouping_due").notNull().default(1),
    /** Folded, a line for each: what an alert is found by. */
    searchText: text("search_text").generatedAlwaysAs(
      sql`fold_text(name || E'\n' || coalesce(asset_name, '') || E'\n' || coalesce(device_hostname, '') || E'\n' || coalesce(description, ''))`,
    ),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("rmm_alerts_external_key").on(t.tenantId, t.connectionId, t.externalAlertId),
    // The inbox, newest first, and its total.
    index("rmm_alerts_newest_idx").on(
      t.tenantId,
      sql`coalesce(${t.startedAt}, ${t.observedAt})`,
      t.id,
      t.status,
    ),
    // The active ones alone, with all that they are counted by: a count reads no row.
    index("rmm_alerts_active_idx")
      .on(
        t.tenantId,
        sql`coalesce(${t.startedAt}, ${t.observedAt})`,
        t.id,
        t.assetId,
        t.severity,
        t.acknowledgedAt,
        t.startedAt,
        t.observedAt,
      )
      .where(sql`${t.status} = 'active'`),
    // Which assets have alerts of a severity that nobody has acknowledged.
    index("rmm_alerts_open_idx")
      .on(t.tenantId, t.severity, t.assetId)
      .where(sql`${t.status} = 'active' and ${t.acknowledgedAt} is null and ${t.assetId} is not null`),
    index("rmm_alerts_device_idx").on(t.tenantId, t.connectionId, t.externalDeviceId),
    index("rmm_alerts_hostname_idx").on(t.tenantId, t.connectionId, t.deviceHostname),
    index("rmm_alerts_asset_idx").on(t.tenantId, t.assetId),
    index("rmm_alerts_without_asset_idx")
      .on(t.tenantId, t.connectionId, t.externalDeviceId)
      .where(sql`${t.assetId} is null`),
    index("rmm_alerts_condition_idx").on(
      t.tenantId,
      t.connectionId,
      sql`md5(${t.name})`,
      sql`coalesce(${t.startedAt}, ${t.createdAt})`,
    ),
    // For pages that follow what changes.
    index("rmm_alerts_changed_idx").on(t.tenantId, t.updatedAt),
    index("rmm_alerts_incident_idx").on(t.incidentId),
    index("rmm_alerts_to_group_idx")
      .on(t.tenantId, t.connectionId)
      .where(sql`grouping_due > 0`),
    narrowTenantPolicy(),
  ],
);
