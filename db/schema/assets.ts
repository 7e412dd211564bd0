import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

import { skipReasons } from "../../domain/device-plan";
import type { DiskSnapshot } from "../../domain/snapshots";
import { clientContacts, clients, clientSites } from "./clients";
import { connectionId } from "./integrations";
import { createdAt, id, instant, sortedBy, narrowTenantPolicy, tenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";
import { assetStatuses, assetTypes, type AssetType } from "../../domain/asset-words";

export { assetTypes, type AssetType, assetStatuses, type AssetStatus } from "../../domain/asset-words";

/** A machine of a client: what a person manages. Facts that only the RMM knows are in `asset_details`. */
export const assets = pgTable(
  "assets",
  {
    id: id(),
    tenantId: tenantId(),
    clientId: uuid("client_id").references(() => clients.id, { onDelete: "restrict" }),
    /** Of its client: a trigger clears them when it moves to a client that they are not of. */
    siteId: uuid("site_id"),
    contactId: uuid("contact_id"),
    assetType: text("asset_type", { enum: assetTypes }).notNull(),
    name: text("name").notNull(),
    serialNumber: text("serial_number"),
    location: text("location"),
    notes: text("notes"),
    status: text("status", { enum: assetStatuses }).notNull().default("active"),
    goneAt: instant("gone_at"),
    goneReason: text("gone_reason"),
    retiredAt: instant("retired_at"),
    /** Normalized identity keys; null or empty if they identify nothing. See `domain/identity`. */
    serialKey: text("serial_key"),
    macKeys: text("mac_keys").array().notNull().default([]),
    hostnameKey: text("hostname_key"),
    /** Fields a person set: a sync leaves them alone. */
    overriddenFields: text("held_fields").array().notNull().default([]),
    /** By field, the RMM's value that a person dismissed: not shown again until it changes. */
    dismissedValues: jsonb("kept_over").$type<Record<string, string | null>>().notNull().default({}),
    /** By field, the RMM's value that an undone run wrote: not written again until it changes. See `UndoneValues`. */
    undone: jsonb("undone").$type<Record<string, unknown>>().notNull().default({}),
    /** Whether a person said that no RMM needs to know it, so that it is no gap in the coverage. */
    needsNoAgent: boolean("needs_no_agent").notNull().default(false),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    foreignKey({ columns: [t.tenantId, t.siteId], foreignColumns: [clientSites.tenantId, clientSites.id] }),
    foreignKey({
      columns: [t.tenantId, t.contactId],
      foreignColumns: [clientContacts.tenantId, clientContacts.id],
    }),
    index("assets_site_idx")
      .on(t.tenantId, t.siteId)
      .where(sql`${t.siteId} is not null`),
    index("assets_contact_idx")
      .on(t.tenantId, t.contactId)
      .where(sql`${t.contactId} is not null`),
    index("assets_list_idx").on(t.tenantId, sortedBy(t.name), t.id),
    index("assets_client_idx").on(t.tenantId, t.clientId, sortedBy(t.name)),
    index("assets_serial_key_idx").on(t.tenantId, t.serialKey),
    // Without a pending list, which each look-up would go through from end to end.
    index("assets_mac_keys_idx").using("gin", t.macKeys).with({ fastupdate: false }),
    index("assets_hostname_key_idx").on(t.tenantId, t.clientId, t.hostnameKey),
    index("assets_gone_idx")
      .on(t.tenantId, t.goneAt)
      .where(sql`${t.status} = 'gone'`),
    index("assets_held_fields_idx")
      .on(t.tenantId, t.name)
      .where(sql`cardinality(${t.overriddenFields}) > 0`),
    narrowTenantPolicy(),
  ],
);

/** Facts about an asset that rarely change. Facts that change each minute are on the entity mapping. */
export const assetDetails = pgTable(
  "asset_details",
  {
    assetId: uuid("asset_id")
      .primaryKey()
      .references(() => assets.id, { onDelete: "cascade" }),
    tenantId: uuid("tenant_id").notNull(),
    osType: text("os_type"),
    osVersion: text("os_version"),
    lanIp: text("lan_ip"),
    cpuModel: text("cpu_model"),
    cpuCores: integer("cpu_cores"),
    ramGb: integer("ram_gb"),
    disks: jsonb("disks").$type<DiskSnapshot[]>().notNull().default([]),
    lastLoggedInUser: text("last_logged_in_user"),
    pendingOsPatches: integer("pending_os_patches"),
    /** Since when the longest pending of them is available; null without any. */
    pendingSince: instant("pending_since"),
    /** The categories of the pending updates, each with since when one of it is pending, in ms since 1970; "" for none. */
    pendingCategories: jsonb("pending_categories").$type<Record<string, number>>(),
    /** Manufacturer, model, security score, tags, … see `domain/device-snapshot`. */
    systemInfo: jsonb("system_info").$type<Record<string, unknown>>().notNull().default({}),
    /** What is wrong with the machine, see `domain/asset-findings`. A trigger writes it from the columns above. */
    findings: text("findings").array().notNull().default([]),
    updatedAt: updatedAt(),
  },
  (t) => [
    index("asset_details_patches_idx").on(t.tenantId, t.assetId, t.pendingOsPatches),
    index("asset_details_findings_idx").using("gin", t.findings),
    tenantPolicy(),
  ],
);

/**
 * `ambiguous`: several assets could be this machine, a person decides. `waiting`: it looks like an asset whose device
 * is still listed; the end of the sweep decides. `superseded`: the dead record of a machine that was enrolled again.
 */

export const agentStatuses = ["online", "offline"] as const;
export type AgentStatus = (typeof agentStatuses)[number];

/** The RMM's own values of the fields that a person may override, and the client of its group. */
export interface ReportedFields {
  name: string | null;
  assetType: AssetType | null;
  location: string | null;
  /** Null: its group has none. */
  clientId: string | null;
  /** Fields that the RMM left blank; see `blankFields`. */
  blank?: string[];
}

export const linkReasons = ["created", "serial", "mac", "hostname", "hand"] as const;

/** Normalized identity keys of a machine; see `domain/identity`. */
export interface IdentityFields {
  serialKey: string | null;
  macKeys: string[];
  hostnameKey: string | null;
  /** What it is made of, in the RMM's words. */
  manufacturer?: string | null;
  model?: string | null;
  diskBytes?: number[] | null;
}

/** Why a device was tied to its asset. */
export interface DeviceLink {
  by: (typeof linkReasons)[number];
  /** The serial, MAC or hostname that they share. */
  key?: string;
  /** The run that joined it to an asset which was there; absent for `created` and `hand`. */
  runId?: string;
  /** Who did it, for `hand`. */
  actor?: string;
  /** ISO instant. */
  at: string;
}

/**
 * Links a record of the RMM to ours, and holds the facts that change each minute (agent status, last seen), so that a
 * sync without changes touches neither the asset nor its details. A device without a client has a row here and no
 * asset.
 */
export const tenantExternalEntityMappings = pgTable(
  "tenant_external_entity_mappings",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    integrationType: text("integration_type").notNull(),
    externalType: text("external_type").notNull().default("device"),
    externalId: text("external_id").notNull(),
    assetId: uuid("asset_id").references(() => assets.id, { onDelete: "set null" }),
    externalGroupId: text("external_group_id"),
    displayName: text("display_name").notNull(),
    reported: jsonb("reported").$type<ReportedFields>(),
    link: jsonb("link").$type<DeviceLink>(),
    /** For a device without a client, which may match an existing asset. With a client, the asset's own keys count. */
    identity: jsonb("identity").$type<IdentityFields>(),
    /** Why the device has no asset. Null when it has one. */
    skipReason: text("skip_reason", { enum: skipReasons }),
    /** SHA-256 of our own mapped record; equal means nothing to write. */
    contentHash: text("content_hash").notNull(),
    agentStatus: text("agent_status", { enum: agentStatuses }),
    /** `active` while the agent is online, else `inactive`. */
    lifecycleStatus: text("lifecycle_status"),
    lastSeenAt: instant("last_seen_at"),
    lastRebootAt: instant("last_reboot_at"),
    /** When the truth in this row was observed at the RMM; an older observation is refused. */
    observedAt: instant("observed_at").notNull(),
    /** For how long the machine had been up when it was observed; null while it is offline, or its last reboot not known. */
    uptimeSeconds: bigint("uptime_seconds", { mode: "number" }).generatedAlwaysAs(
      sql`case when agent_status = 'online' and last_reboot_at <= observed_at
        then extract(epoch from observed_at - last_reboot_at)::bigint end`,
    ),
    goneAt: instant("gone_at"),
    goneReason: text("gone_reason"),
    /** Since when the device could not be synced by its id, and why; null once it was. */
    syncFailedAt: instant("sync_failed_at"),
    syncError: text("sync_error"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("external_entity_external_key").on(t.tenantId, t.connectionId, t.externalType, t.externalId),
    index("external_entity_asset_idx").on(t.tenantId, t.assetId),
    index("external_entity_sync_failed_idx")
      .on(t.tenantId, t.connectionId)
      .where(sql`${t.syncFailedAt} is not null`),
    index("external_entity_skipped_idx").on(t.tenantId, t.connectionId, t.skipReason),
    index("external_entity_joined_idx")
      .on(t.tenantId, sql`(${t.link} ->> 'runId')`)
      .where(sql`${t.link} ->> 'runId' is not null`),
    index("external_entity_group_idx").on(t.tenantId, t.connectionId, t.externalGroupId),
    // The few listed devices without an asset.
    index("external_entity_without_asset_idx")
      .on(t.tenantId, t.id)
      .where(sql`${t.externalType} = 'device' and ${t.goneAt} is null and ${t.assetId} is null`),
    narrowTenantPolicy(),
  ],
);
