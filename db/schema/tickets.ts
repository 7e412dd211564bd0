import { sql } from "drizzle-orm";
import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

import { ticketActions, ticketResolutions, ticketStatuses, ticketSystemKinds } from "../../domain/tickets";
import { clients } from "./clients";
import { incidents } from "./incidents";
import { createdAt, id, instant, tenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";

const severities = ["critical", "major", "moderate", "minor", "none"] as const;

/** Where tickets are opened. What is secret of it is in `tenant_secrets` as `tickets:<id>`. */
export const ticketSystems = pgTable(
  "ticket_systems",
  {
    id: id(),
    tenantId: tenantId(),
    label: text("label").notNull(),
    kind: text("kind", { enum: ticketSystemKinds }).notNull(),
    /** Addresses and templates, by its kind. */
    config: jsonb("config").$type<Record<string, unknown>>().notNull(),
    /** Incidents of this severity and above get a ticket without being asked for; null: none do. */
    automaticFrom: text("automatic_from", { enum: severities }),
    /** Incidents that opened before this instant get none automatically. */
    automaticSince: instant("automatic_since").notNull(),
    /** How long an incident must last first: by then most of a storm is under its summary. */
    waitMinutes: integer("wait_minutes").notNull().default(2),
    onResolve: text("on_resolve", { enum: ticketResolutions }).notNull().default("comment"),
    isEnabled: boolean("is_enabled").notNull().default(true),
    lastError: text("last_error"),
    lastSucceededAt: instant("last_succeeded_at"),
    /** Attempts in a row to which it gave no answer, or one of trouble of its own, and until when it is left alone. */
    failures: integer("failures").notNull().default(0),
    restsUntil: instant("rests_until"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [index("ticket_systems_tenant_idx").on(t.tenantId), tenantPolicy()],
);

/** What a client is called in a ticket system: the id of its company or organization there. */
export const ticketCompanies = pgTable(
  "ticket_companies",
  {
    tenantId: tenantId(),
    systemId: uuid("system_id")
      .notNull()
      .references(() => ticketSystems.id, { onDelete: "cascade" }),
    clientId: uuid("client_id")
      .notNull()
      .references(() => clients.id, { onDelete: "cascade" }),
    companyId: text("company_id").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.systemId, t.clientId] }),
    index("ticket_companies_client_idx").on(t.clientId),
    tenantPolicy(),
  ],
);

/**
 * The ticket of an incident, at most one: its known state in the ticket system, what was last sent to it, and what to
 * do next.
 */
export const tickets = pgTable(
  "tickets",
  {
    id: id(),
    tenantId: tenantId(),
    incidentId: uuid("incident_id")
      .notNull()
      .references(() => incidents.id, { onDelete: "cascade" }),
    systemId: uuid("system_id").references(() => ticketSystems.id, { onDelete: "set null" }),
    status: text("status", { enum: ticketStatuses }).notNull().default("pending"),
    /** The ticket's id, number and page over there. */
    externalId: text("external_id"),
    number: text("number"),
    url: text("url"),
    /** Who asked for it; null when nobody had to. */
    requestedBy: text("requested_by"),
    /** What waits to be done; null: nothing. */
    action: text("action", { enum: ticketActions }),
    attempts: integer("attempts").notNull().default(0),
    /** When it is tried, or looked at, next; while it is being tried, when somebody else may take it over. */
    nextAttemptAt: instant("next_attempt_at").notNull(),
    /** An attempt to open it may have got through, and nobody knows: it is searched for before it is opened again. */
    isUnsettled: boolean("is_unsettled").notNull().default(false),
    isGivenUp: boolean("is_given_up").notNull().default(false),
    lastError: text("last_error"),
    /** What the ticket says. */
    saidState: text("said_state", { enum: ["open", "resolved"] }),
    saidSeverity: text("said_severity", { enum: severities }),
    saidDevices: integer("said_devices"),
    saidAt: instant("said_at"),
    openedAt: instant("opened_at"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("tickets_incident_key").on(t.incidentId),
    index("tickets_due_idx")
      .on(t.systemId, t.nextAttemptAt)
      .where(sql`action is not null and not is_given_up`),
    index("tickets_to_follow_idx")
      .on(t.tenantId)
      .where(sql`status = 'open' and action is null`),
    index("tickets_troubled_idx")
      .on(t.tenantId)
      .where(sql`status = 'unknown' or is_given_up`),
    tenantPolicy(),
  ],
);

/** Every attempt on a ticket and with what result. */
export const ticketAttempts = pgTable(
  "ticket_attempts",
  {
    id: id(),
    tenantId: tenantId(),
    ticketId: uuid("ticket_id")
      .notNull()
      .references(() => tickets.id, { onDelete: "cascade" }),
    action: text("action", { enum: ticketActions }).notNull(),
    outcome: text("outcome", { enum: ["done", "refused", "unknown"] }).notNull(),
    error: text("error"),
    at: instant("at").notNull(),
  },
  (t) => [
    index("ticket_attempts_ticket_idx").on(t.ticketId, t.id),
    index("ticket_attempts_list_idx").on(t.tenantId, t.id),
    tenantPolicy(),
  ],
);
