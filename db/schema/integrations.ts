import {
  boolean,
  foreignKey,
  index,
  integer,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
  type AnyPgColumn,
} from "drizzle-orm/pg-core";

import { connectionHealths } from "../../domain/connection-health";
import { promiseLimits } from "../../domain/freshness-promise";
import { mappingStates } from "../../domain/group-tree";
import { clientContacts, clients, clientSites } from "./clients";
import { createdAt, id, instant, tenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";
import { integrationStatuses, syncStatuses } from "../../domain/connection-words";

export {
  integrationStatuses,
  type IntegrationStatus,
  syncStatuses,
  type SyncStatus,
} from "../../domain/connection-words";

/** A connected RMM account of a tenant. */
export const rmmIntegrations = pgTable(
  "rmm_integrations",
  {
    id: id(),
    tenantId: tenantId(),
    provider: text("provider").notNull(),
    /** The provider's address that accepted the connection's key. */
    instanceUrl: text("instance_url").notNull(),
    label: text("label").notNull(),
    /** Another connection to the same account, as far as its key showed when a person saved it. */
    sameAccountAs: uuid("same_account_as").references((): AnyPgColumn => rmmIntegrations.id, {
      onDelete: "set null",
    }),
    status: text("status", { enum: integrationStatuses }).notNull().default("active"),
    /** What a person should do while the status is `needs_attention`. */
    statusReason: text("status_reason"),
    /** `failed` if the last sync of any kind failed, otherwise the status of the full sync. */
    syncStatus: text("sync_status", { enum: syncStatuses }).notNull().default("never"),
    // The result of the last sync of each kind. A complete full sync also counts as a sync of groups.
    fullSyncStatus: text("full_sync_status", { enum: syncStatuses }).notNull().default("never"),
    groupsSyncStatus: text("groups_sync_status", { enum: syncStatuses }).notNull().default("never"),
    alertsSyncStatus: text("alerts_sync_status", { enum: syncStatuses }).notNull().default("never"),
    lastSyncError: text("last_sync_error"),
    lastSyncHint: text("last_sync_hint"),
    lastFullSyncAt: instant("last_full_sync_at"),
    lastGroupsSyncAt: instant("last_groups_sync_at"),
    lastAlertsSyncAt: instant("last_alerts_sync_at"),
    lastDegraded: text("last_degraded").array().notNull().default([]),
    fullSyncEnabled: boolean("full_sync_enabled").notNull().default(true),
    fullSyncIntervalMinutes: integer("full_sync_interval_minutes").notNull().default(60),
    nextFullSyncAt: instant("next_full_sync_at"),
    alertsSyncIntervalMinutes: integer("alerts_sync_interval_minutes").notNull().default(15),
    nextAlertsSyncAt: instant("next_alerts_sync_at"),
    consecutiveFailures: integer("consecutive_failures").notNull().default(0),
    pausedAt: instant("paused_at"),
    pausedReason: text("paused_reason"),
    // Failures and pause of the comparison of alerts; the three columns above belong to the full sync.
    alertsFailures: integer("alerts_failures").notNull().default(0),
    alertsPausedAt: instant("alerts_paused_at"),
    alertsPausedReason: text("alerts_paused_reason"),
    /** How many days a device may be gone before its asset is retired. */
    goneGraceDays: integer("gone_grace_days").notNull().default(7),
    /** The percentage of devices that the connection promises to confirm in time; null promises nothing. */
    promisedPercent: integer("promised_percent").default(promiseLimits.percent.default),
    /** The promised number of hours; null derives it from the interval of the full sync. */
    promisedHours: integer("promised_hours"),
    /** Whether rules may start automations in the account. */
    rulesStartAutomations: boolean("rules_start_automations").notNull().default(false),
    /** The health of which people were last notified. A change sends a notification. */
    health: text("health", { enum: connectionHealths }).notNull().default("ok"),
    healthSince: instant("health_since"),
    /** Every change of the mapping raises it, so that saving from a stale tab is refused and overwrites nothing. */
    mappingVersion: integer("mapping_version").notNull().default(0),
    /** When the provider's webhook was first received. Written when that delivery is deleted from the log. */
    webhookFirstReceivedAt: instant("webhook_first_heard_at"),
    keyLastCharacters: text("key_last_characters"),
    keySavedAt: instant("key_saved_at"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    unique("rmm_integrations_label_key").on(t.tenantId, t.provider, t.label),
    index("rmm_integrations_due_idx").on(t.nextFullSyncAt),
    tenantPolicy(),
  ],
);

/** The column of the connection that a row belongs to. */
export const connectionId = () =>
  uuid("integration_id")
    .notNull()
    .references(() => rmmIntegrations.id, { onDelete: "cascade" });

/** Secrets of a tenant, sealed with AES-256-GCM. `keyId` names the key that sealed them. */
export const tenantSecrets = pgTable(
  "tenant_secrets",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: uuid("integration_id").references(() => rmmIntegrations.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    keyId: text("key_id").notNull(),
    /** The base64 of nonce ‖ tag ‖ ciphertext. */
    sealed: text("sealed").notNull(),
    revealedAt: instant("revealed_at"),
    expiresAt: instant("expires_at"),
    createdAt: createdAt(),
  },
  (t) => [
    unique("tenant_secrets_name_key").on(t.tenantId, t.connectionId, t.name).nullsNotDistinct(),
    tenantPolicy(),
  ],
);

/** A group of Level, and the client that we assign to it. Level owns the tree; the assignment is ours. */
export const rmmOrganizationMappings = pgTable(
  "rmm_organization_mappings",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    externalId: text("external_id").notNull(),
    parentExternalId: text("parent_external_id"),
    name: text("name").notNull(),
    /** The names from the root down, joined by " / ". The end of a groups sweep derives it from the tree. */
    path: text("path").notNull(),
    state: text("state", { enum: mappingStates }).notNull().default("inherit"),
    clientId: uuid("client_id").references(() => clients.id, { onDelete: "set null" }),
    /** A site and a contact of that client: where the group's devices are, and whom to call about them. */
    siteId: uuid("site_id"),
    contactId: uuid("contact_id"),
    /**
     * The mapping rule that assigned the client, if no person did. It may name a removed rule until the rules are
     * applied again.
     */
    ruleId: uuid("rule_id"),
    /** For a rule whose client depends on the path: the client's name that the path gave. */
    ruleClient: text("rule_client"),
    /** The site's and contact's names that the rule gave. */
    rulePlace: text("rule_place"),
    /** Level's own count of the devices directly in the group. */
    externalDeviceCount: integer("external_device_count"),
    /**
     * When a person last decided on this group. Moves that follow from a decision count as intended, however many there
     * are.
     */
    assignedAt: instant("assigned_at"),
    goneAt: instant("gone_at"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    foreignKey({
      name: "rmm_organization_mappings_site_fk",
      columns: [t.tenantId, t.siteId],
      foreignColumns: [clientSites.tenantId, clientSites.id],
    }),
    foreignKey({
      name: "rmm_organization_mappings_contact_fk",
      columns: [t.tenantId, t.contactId],
      foreignColumns: [clientContacts.tenantId, clientContacts.id],
    }),
    uniqueIndex("rmm_organization_mappings_external_key").on(t.tenantId, t.connectionId, t.externalId),
    // The path has no index: a B-tree refuses rows over 2,704 bytes, and a path has no limit. A connection has few
    // groups.
    index("rmm_organization_mappings_client_idx").on(t.tenantId, t.clientId),
    tenantPolicy(),
  ],
);
