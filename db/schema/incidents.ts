import { sql } from "drizzle-orm";
import { boolean, index, integer, jsonb, pgTable, text, uuid, type AnyPgColumn } from "drizzle-orm/pg-core";

import { incidentKinds } from "../../domain/incident-storms";
import { incidentStates } from "../../domain/incidents";
import { clients } from "./clients";
import { connectionId } from "./integrations";
import { maintenanceWindows } from "./maintenance";
import { createdAt, id, instant, narrowTenantPolicy, tenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";
import { users } from "./users";

/**
 * The alerts of one condition (connection, alert name and client), on one device or several. A storm is a summary of
 * incidents if too many open at once. Only `formIncidents` decides which alerts belong to which incident.
 */
export const incidents = pgTable(
  "incidents",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    clientId: uuid("client_id").references(() => clients.id, { onDelete: "set null" }),
    kind: text("kind", { enum: incidentKinds }).notNull().default("condition"),
    /** The name of its alerts. */
    name: text("name").notNull(),
    state: text("state", { enum: incidentStates }).notNull().default("open"),
    severity: text("severity", { enum: ["critical", "major", "moderate", "minor", "none"] }).notNull(),
    /** The rank of the severity, 0 for critical. The inbox is sorted by it. */
    severityRank: integer("severity_rank").notNull(),
    openedAt: instant("opened_at").notNull(),
    /** When its latest alert began. */
    lastAlertAt: instant("last_alert_at").notNull(),
    /** When its last alert ended; null while one is active. */
    quietSince: instant("quiet_since"),
    resolvedAt: instant("resolved_at"),
    /** When a person resolved the incident here, whether or not alerts were active. */
    closedByPersonAt: instant("closed_by_person_at"),
    snoozedUntil: instant("snoozed_until"),
    ownerId: uuid("owner_id").references(() => users.id, { onDelete: "set null" }),
    acknowledgedAt: instant("acknowledged_at"),
    acknowledgedBy: uuid("acknowledged_by").references(() => users.id, { onDelete: "set null" }),
    alertCount: integer("alert_count").notNull().default(0),
    activeCount: integer("active_count").notNull().default(0),
    deviceCount: integer("device_count").notNull().default(0),
    /** One of its devices, which pages name while there is only one. */
    device: text("device"),
    /** The storm that the incident is part of. Lists then show the storm in its place. */
    stormId: uuid("storm_id").references((): AnyPgColumn => incidents.id, { onDelete: "set null" }),
    /** The incident that took over its alerts after a late report showed that the two are one. */
    mergedIntoId: uuid("merged_into_id").references((): AnyPgColumn => incidents.id, { onDelete: "cascade" }),
    /** Whether maintenance suppresses its notices, and its tickets. */
    noticesSuppressed: boolean("notices_suppressed").notNull().default(false),
    ticketsSuppressed: boolean("tickets_suppressed").notNull().default(false),
    /** The window that suppresses them; null for the RMM's own maintenance mode. */
    maintenanceWindowId: uuid("maintenance_window_id").references(() => maintenanceWindows.id, {
      onDelete: "set null",
    }),
    /** When to look at the incident again; null while only the RMM knows when its maintenance ends. */
    maintenanceUntil: instant("maintenance_until"),
    /** The severity that a rule set, which overrides that of its alerts. */
    severitySet: text("severity_set", { enum: ["critical", "major", "moderate", "minor", "none"] }),
    /** Until when a rule suppresses its notices. */
    ignoredUntil: instant("ignored_until"),
    /** The folded texts that a search of incidents looks in, one on each line. */
    searchText: text("search_text").generatedAlwaysAs(sql`fold_text(name || E'\n' || coalesce(device, ''))`),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    // Serves the inbox: unresolved incidents, most severe and newest first.
    index("incidents_inbox_idx")
      .on(t.tenantId, t.severityRank, t.openedAt.desc().nullsFirst(), t.id.desc().nullsFirst())
      .where(sql`state <> 'resolved' and storm_id is null and merged_into_id is null`),
    // Serves the list of all states, newest first.
    index("incidents_list_idx").on(t.tenantId, t.openedAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    index("incidents_condition_idx").on(t.tenantId, t.connectionId, sql`md5(${t.name})`),
    index("incidents_client_idx").on(t.tenantId, t.clientId, t.openedAt),
    // Serves live pages, which ask for what has changed.
    index("incidents_changed_idx").on(t.tenantId, t.updatedAt),
    index("incidents_storm_idx").on(t.stormId),
    index("incidents_quiet_idx")
      .on(t.tenantId, t.quietSince)
      .where(sql`state <> 'resolved'`),
    index("incidents_snoozed_idx")
      .on(t.tenantId, t.snoozedUntil)
      .where(sql`state = 'snoozed'`),
    index("incidents_maintenance_idx")
      .on(t.tenantId, t.maintenanceUntil)
      .where(sql`state <> 'resolved' and (notices_suppressed or tickets_suppressed)`),
    index("incidents_window_idx")
      .on(t.maintenanceWindowId)
      .where(sql`maintenance_window_id is not null`),
    narrowTenantPolicy(),
  ],
);

/** What happened to an incident, and who did it: its timeline, including people's comments. */
export const incidentEntries = pgTable(
  "incident_entries",
  {
    id: id(),
    tenantId: tenantId(),
    incidentId: uuid("incident_id")
      .notNull()
      .references(() => incidents.id, { onDelete: "cascade" }),
    kind: text("kind").notNull(),
    actorUserId: uuid("actor_user_id"),
    /** The person's name at that time, because the entry outlives the user. Null if the product did it. */
    actor: text("actor"),
    /** The text of a comment. */
    text: text("text"),
    details: jsonb("details").$type<Record<string, unknown>>().notNull().default({}),
    at: instant("at").notNull(),
  },
  (t) => [index("incident_entries_timeline_idx").on(t.incidentId, t.at, t.id), tenantPolicy()],
);
