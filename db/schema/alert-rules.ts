import { boolean, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";

import type { AlertConditions } from "../../domain/alert-conditions";
import type { RuleActions, RuleHours } from "../../domain/alert-rules";
import { automationStartStates } from "../../domain/rule-automations";
import { incidents } from "./incidents";
import { connectionId } from "./integrations";
import { createdAt, id, instant, tenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";

/** What happens automatically to incidents as they open; see `domain/alert-rules`. */
export const alertRules = pgTable(
  "alert_rules",
  {
    id: id(),
    tenantId: tenantId(),
    name: text("name").notNull(),
    position: integer("position").notNull(),
    conditions: jsonb("conditions").$type<AlertConditions>().notNull(),
    hours: jsonb("hours").$type<RuleHours>(),
    actions: jsonb("actions").$type<RuleActions>().notNull(),
    stops: boolean("stops").notNull(),
    isEnabled: boolean("is_enabled").notNull(),
    /** The rule ignores incidents that opened before this instant. */
    enabledAt: instant("enabled_at").notNull(),
    /** When the rule stopped itself because it matched too many incidents. */
    stoppedAt: instant("stopped_at"),
    hits: integer("hits").notNull().default(0),
    lastHitAt: instant("last_hit_at"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [index("alert_rules_order_idx").on(t.tenantId, t.position), tenantPolicy()],
);

/** Records that a rule has acted on an incident. A rule acts on an incident only once. */
export const alertRuleHits = pgTable(
  "alert_rule_hits",
  {
    tenantId: tenantId(),
    ruleId: uuid("rule_id")
      .notNull()
      .references(() => alertRules.id, { onDelete: "cascade" }),
    incidentId: uuid("incident_id")
      .notNull()
      .references(() => incidents.id, { onDelete: "cascade" }),
    at: instant("at").notNull(),
    /** Whether the ticket waits for the end of a maintenance that suppresses tickets. */
    ticketWaits: boolean("ticket_waits").notNull().default(false),
  },
  (t) => [
    primaryKey({ columns: [t.ruleId, t.incidentId] }),
    index("alert_rule_hits_incident_idx").on(t.incidentId),
    index("alert_rule_hits_time_idx").on(t.ruleId, t.at),
    tenantPolicy(),
  ],
);

/** An incident whose active alerts the product is to resolve in the RMM, and the person who asked for it. */
export const incidentResolutions = pgTable(
  "incident_resolutions",
  {
    incidentId: uuid("incident_id")
      .primaryKey()
      .references(() => incidents.id, { onDelete: "cascade" }),
    tenantId: tenantId(),
    actorUserId: uuid("actor_user_id"),
    actor: text("actor").notNull(),
    requestedAt: instant("requested_at").notNull(),
    attempts: integer("attempts").notNull().default(0),
    nextAttemptAt: instant("next_attempt_at").notNull(),
    lastError: text("last_error"),
  },
  (t) => [index("incident_resolutions_due_idx").on(t.nextAttemptAt), tenantPolicy()],
);

/**
 * An automation that a rule starts for an incident. A rule starts one only once, so the row stays. The state becomes
 * `attempted` before the call: if a later attempt finds that state, the process ended during the call, and nobody
 * repeats it. The automation's token is in `tenant_secrets`.
 */
export const automationStarts = pgTable(
  "automation_starts",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    ruleId: uuid("rule_id")
      .notNull()
      .references(() => alertRules.id, { onDelete: "cascade" }),
    incidentId: uuid("incident_id")
      .notNull()
      .references(() => incidents.id, { onDelete: "cascade" }),
    /** The RMM's ids of the devices that matched the rule. */
    deviceIds: text("device_ids").array().notNull(),
    state: text("state", { enum: automationStartStates }).notNull().default("pending"),
    requestedAt: instant("requested_at").notNull(),
    attempts: integer("attempts").notNull().default(0),
    /** Set while the state is `pending` or `attempted`. */
    nextAttemptAt: instant("next_attempt_at"),
  },
  (t) => [
    unique("automation_starts_once_key").on(t.ruleId, t.incidentId),
    index("automation_starts_incident_idx").on(t.incidentId),
    index("automation_starts_due_idx").on(t.nextAttemptAt),
    tenantPolicy(),
  ],
);
