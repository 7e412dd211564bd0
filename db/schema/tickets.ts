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

/** A system in which the product opens tickets. Its secrets are in `tenant_secrets` as `tickets:<id>`. */
export const ticketSystems = pgTable(
  "ticket_systems",
  {
    id: id(),
    tenantId: tenantId(),
    label: text("label").notNull(),
    kind: text("kind", { enum: ticketSystemKinds }).notNull(),
    /** Addresses and templates, in the form of its kind. */
    config: jsonb("config").$type<Record<string, unknown>>().notNull(),
    /** Incidents of at least this severity get a ticket automatically; null: none do. */
    automaticFrom: text("automatic_from", { enum: severities }),
    /** Incidents that opened before this instant get no automatic ticket. */
    automaticSince: instant("automatic_since").notNull(),
    /**
     * How many minutes an incident must last before its automatic ticket: by then a storm's summary covers most of a
     * storm.
     */
    waitMinutes: integer("wait_minutes").notNull().default(2),
    onResolve: text("on_resolve", { enum: ticketResolutions }).notNull().default("comment"),
    isEnabled: boolean("is_enabled").notNull().default(true),
    lastError: text("last_error"),
    lastSucceededAt: instant("last_succeeded_at"),
    /**
     * How many attempts in a row found no answer, or an answer that reports trouble of the system's own, and until when
     * the product leaves the system alone.
     */
    failures: integer("failures").notNull().default(0),
    restsUntil: instant("rests_until"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [index("ticket_systems_tenant_idx").on(t.tenantId), tenantPolicy()],
);

/** The id of a client's company or organization in a ticket system. */
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
 * The ticket of an incident, which has at most one: its known state in the ticket system, what was last sent to it, and
 * what to do next.
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
    /** The ticket's id, number and page in the ticket system. */
    externalId: text("external_id"),
    number: text("number"),
    url: text("url"),
    /** The person who asked for it; null for an automatic ticket. */
    requestedBy: text("requested_by"),
    /** What to do next; null if nothing. */
    action: text("action", { enum: ticketActions }),
    attempts: integer("attempts").notNull().default(0),
    /**
     * When to try that, or check the ticket, next. While an attempt is in progress: when another process may take it
     * over.
     */
    nextAttemptAt: instant("next_attempt_at").notNull(),
    /**
     * Whether it is unknown if an attempt opened the ticket. The next attempt searches for the ticket before opening
     * one.
     */
    isUnconfirmed: boolean("is_unsettled").notNull().default(false),
    isGivenUp: boolean("is_given_up").notNull().default(false),
    lastError: text("last_error"),
    /** The state, severity and number of devices that the ticket last stated, and when. */
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

/** Every attempt on a ticket, with its result. */
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
