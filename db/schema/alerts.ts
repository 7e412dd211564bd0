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

/**
 * An alert of the RMM. `observedAt` orders the reports of sweep, poll and webhook: an older one never overwrites a
 * newer.
 */
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
    /** A copy of the asset's name, which triggers keep current, so that a search of alerts reads no other table. */
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
    /**
     * The source of the last observation: `sweep`, `webhook` or `automation`; `person` if somebody closed the alert
     * only here.
     */
    observedVia: text("observed_via", { enum: ["sweep", "webhook", "automation", "person"] }).notNull(),
    /** By text: the order of the message that it came from, if that is not the state's message. See `mergeAlert`. */
    wordOrders: jsonb("word_orders").$type<Record<string, string>>().notNull().default({}),
    incidentId: uuid("incident_id").references(() => incidents.id, { onDelete: "set null" }),
    /**
     * The start of the alert when its incident was formed. If a later report corrects the start, regrouping begins
     * here.
     */
    groupedFrom: instant("grouped_from"),
    /**
     * Greater than 0 while its incident must be formed again. A trigger adds 1 for each change that affects grouping,
     * so that a change during the grouping is not lost.
     */
    groupingDue: integer("grouping_due").notNull().default(1),
    /** The folded texts that a search of alerts looks in, one on each line. */
    searchText: text("search_text").generatedAlwaysAs(
      sql`fold_text(name || E'\n' || coalesce(asset_name, '') || E'\n' || coalesce(device_hostname, '') || E'\n' || coalesce(description, ''))`,
    ),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("rmm_alerts_external_key").on(t.tenantId, t.connectionId, t.externalAlertId),
    // Serves the inbox, newest first, and its total.
    index("rmm_alerts_newest_idx").on(
      t.tenantId,
      sql`coalesce(${t.startedAt}, ${t.observedAt})`,
      t.id,
      t.status,
    ),
    // Covers active alerts with all columns that counts need, so that a count reads no row.
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
    // Finds the assets with unacknowledged alerts of a severity.
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
    // Serves live pages, which ask for what has changed.
    index("rmm_alerts_changed_idx").on(t.tenantId, t.updatedAt),
    index("rmm_alerts_incident_idx").on(t.incidentId),
    index("rmm_alerts_to_group_idx")
      .on(t.tenantId, t.connectionId)
      .where(sql`grouping_due > 0`),
    narrowTenantPolicy(),
  ],
);
