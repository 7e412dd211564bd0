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

/** One connected RMM account of a tenant. */
export const rmmIntegrations = pgTable(
  "rmm_integrations",
  {
    id: id(),
    tenantId: tenantId(),
    provider: text("provider").notNull(),
    /** The provider's address that its key was accepted at. */
    instanceUrl: text("instance_url").notNull(),
    label: text("label").notNull(),
    /** Another connection of the same account, as its key showed when it was saved. */
    sameAccountAs: uuid("same_account_as").references((): AnyPgColumn => rmmIntegrations.id, {
      onDelete: "set null",
    }),
    status: text("status", { enum: integrationStatuses }).notNull().default("active"),
    /** What a person should do, when status is `needs_attention`. */
    statusReason: text("status_reason"),
    /** `failed` if the last sync of any kind failed, otherwise the full sync's. */
    syncStatus: text("sync_status", { enum: syncStatuses }).notNull().default("never"),
    // What the last sync of each kind came to. A full sync that completes has read the groups too.
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
    // The same three of the comparison of alerts; those above are the full sync's.
    alertsFailures: integer("alerts_failures").notNull().default(0),
    alertsPausedAt: instant("alerts_paused_at"),
    alertsPausedReason: text("alerts_paused_reason"),
    /** Days that a device may be gone before its asset is retired. */
    goneGraceDays: integer("gone_grace_days").notNull().default(7),
    /** The share of the devices that is to be confirmed in time, in percent; null promises nothing. */
    promisedPercent: integer("promised_percent").default(promiseLimits.percent.default),
    /** Within this many hours; null follows the interval of the full sync. */
    promisedHours: integer("promised_hours"),
    /** Whether rules may start automations of the account. */
    rulesStartAutomations: boolean("rules_start_automations").notNull().default(false),
    /** The health that people were last notified of; a change sends a notification. */
    health: text("health", { enum: connectionHealths }).notNull().default("ok"),
    healthSince: instant("health_since"),
    /** Raised by every change of the mapping, so that a stale tab is refused instead of overwriting. */
    mappingVersion: integer("mapping_version").notNull().default(0),
    /** When the provider's webhook was first received; written when that delivery is deleted from the log. */
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

/** The connection that a row belongs to. */
export const connectionId = () =>
  uuid("integration_id")
    .notNull()
    .references(() => rmmIntegrations.id, { onDelete: "cascade" });

/** Secrets of a tenant, sealed (AES-256-GCM); `keyId` names the key that sealed them. */
export const tenantSecrets = pgTable(
  "tenant_secrets",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: uuid("integration_id").references(() => rmmIntegrations.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    keyId: text("key_id").notNull(),
    /** base64 of nonce ‖ tag ‖ ciphertext */
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

/** Level's group and the client we assign it to. The tree is Level's, the assignment is ours. */
export const rmmOrganizationMappings = pgTable(
  "rmm_organization_mappings",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    externalId: text("external_id").notNull(),
    parentExternalId: text("parent_external_id"),
    name: text("name").notNull(),
    /** Names from the root, joined by " / ". Derived from the tree when a groups sweep ends. */
    path: text("path").notNull(),
    state: text("state", { enum: mappingStates }).notNull().default("inherit"),
    clientId: uuid("client_id").references(() => clients.id, { onDelete: "set null" }),
    /** Site and contact of that client: where the devices of the group are, and whom to call about them. */
    siteId: uuid("site_id"),
    contactId: uuid("contact_id"),
    /** The rule by path that decided, where no person did; of one that was removed until the rules are followed again. */
    ruleId: uuid("rule_id"),
    /** The name that the path gave the client, of a rule whose client depends on it. */
    ruleClient: text("rule_client"),
    /** The names that the rule gave site and contact. */
    rulePlace: text("rule_place"),
    /** Level's own count of devices directly in the group. */
    externalDeviceCount: integer("external_device_count"),
    /** When a person last decided on this group: moves that follow from it are wanted, whatever their number. */
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
    // None over the path: a B-tree refuses rows over 2,704 bytes, and a path has no bound. A connection's groups are few.
    index("rmm_organization_mappings_client_idx").on(t.tenantId, t.clientId),
    tenantPolicy(),
  ],
);
