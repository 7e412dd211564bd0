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

/** A machine of a client: the record that a person manages. Facts that only the RMM knows are in `asset_details`. */
export const assets = pgTable(
  "assets",
  {
    id: id(),
    tenantId: tenantId(),
    clientId: uuid("client_id").references(() => clients.id, { onDelete: "restrict" }),
    /** Site and contact belong to the asset's client: a trigger clears them when the asset moves to another client. */
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
    /** Fields that a person set. A sync does not change them. */
    overriddenFields: text("held_fields").array().notNull().default([]),
    /** By field: the RMM's value that a person dismissed. Pages do not show it again until it changes. */
    dismissedValues: jsonb("kept_over").$type<Record<string, string | null>>().notNull().default({}),
    /**
     * By field: the RMM's value that an undone run wrote. A sync does not write it again until it changes. See
     * `UndoneValues`.
     */
    undone: jsonb("undone").$type<Record<string, unknown>>().notNull().default({}),
    /** Whether a person said that this machine needs no agent. It is then no gap in the coverage. */
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
    // No pending list (fastupdate): each look-up would read that list from end to end.
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

/** Facts about an asset that rarely change. Facts that change each minute are in `tenantExternalEntityMappings`. */
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
    /** Since when the update that waits longest has been available; null if none is pending. */
    pendingSince: instant("pending_since"),
    /** By category of the pending updates ("" for none): since when its oldest is pending, in ms since 1970. */
    pendingCategories: jsonb("pending_categories").$type<Record<string, number>>(),
    /** Manufacturer, model, security score, tags and more; see `domain/device-snapshot`. */
    systemInfo: jsonb("system_info").$type<Record<string, unknown>>().notNull().default({}),
    /** What is wrong with the machine; see `domain/asset-findings`. A trigger derives it from the columns above. */
    findings: text("findings").array().notNull().default([]),
    updatedAt: updatedAt(),
  },
  (t) => [
    index("asset_details_patches_idx").on(t.tenantId, t.assetId, t.pendingOsPatches),
    index("asset_details_findings_idx").using("gin", t.findings),
    tenantPolicy(),
  ],
);

export const agentStatuses = ["online", "offline"] as const;
export type AgentStatus = (typeof agentStatuses)[number];

/** The RMM's own values of the fields that a person may override, and the client of the device's group. */
export interface ReportedFields {
  name: string | null;
  assetType: AssetType | null;
  location: string | null;
  /** Null if the group has no client. */
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
  /** The hardware in the RMM's words. */
  manufacturer?: string | null;
  model?: string | null;
  diskBytes?: number[] | null;
}

/** Why a device is linked to its asset. */
export interface DeviceLink {
  by: (typeof linkReasons)[number];
  /** The serial number, MAC address or hostname that device and asset share. */
  key?: string;
  /** The run that linked the device to an existing asset; absent for `created` and `hand`. */
  runId?: string;
  /** The person who linked it, for `hand`. */
  actor?: string;
  /** An ISO instant. */
  at: string;
}

/**
 * Links a record of the RMM to ours, and holds the facts that change each minute (agent status, last seen), so that a
 * sync without changes touches neither the asset nor its details. A device without a client has a row here but no
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
    /**
     * The keys of a device without a client, which may match an existing asset. For a device with an asset, the asset's
     * own keys count.
     */
    identity: jsonb("identity").$type<IdentityFields>(),
    /**
     * Why the device has no asset; null if it has one. `ambiguous`: it could be several assets, and a person decides.
     * `waiting`: it matches an asset whose device is still listed, and the end of the sweep decides. `superseded`: it
     * is the dead record of a machine that was enrolled again. `undone`: it has an asset, whose client a person
     * undid.
     */
    skipReason: text("skip_reason", { enum: skipReasons }),
    /**
     * The sort key of the name while the device has no client or no asset, because such devices are listed by name. To
     * compute it for all would cost a first sync 2 ms a page.
     */
    unassignedKey: text("unassigned_key").generatedAlwaysAs(
      sql`case when skip_reason is not null or asset_id is null then natural_key(display_name) end`,
    ),
    /** The SHA-256 of our own mapped record: if it is equal, there is nothing to write. */
    contentHash: text("content_hash").notNull(),
    agentStatus: text("agent_status", { enum: agentStatuses }),
    /** `active` while the agent is online, otherwise `inactive`. */
    lifecycleStatus: text("lifecycle_status"),
    lastSeenAt: instant("last_seen_at"),
    lastRebootAt: instant("last_reboot_at"),
    /** When this row's facts were observed at the RMM. A write with an older observation is refused. */
    observedAt: instant("observed_at").notNull(),
    /**
     * How long the machine had been up when it was observed; null while it is offline or its last reboot is unknown.
     */
    uptimeSeconds: bigint("uptime_seconds", { mode: "number" }).generatedAlwaysAs(
      sql`case when agent_status = 'online' and last_reboot_at <= observed_at
        then extract(epoch from observed_at - last_reboot_at)::bigint end`,
    ),
    goneAt: instant("gone_at"),
    goneReason: text("gone_reason"),
    /** Since when syncing this device by its id fails, and why; null after a success. */
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
    // The lists of devices without a client, and of those without an asset, by name.
    index("external_entity_unassigned_idx")
      .on(t.tenantId, sql`${t.unassignedKey} collate "C"`, t.id)
      .where(sql`${t.externalType} = 'device' and ${t.goneAt} is null and ${t.unassignedKey} is not null`),
    // Finds the few listed devices without an asset.
    index("external_entity_without_asset_idx")
      .on(t.tenantId, t.id)
      .where(sql`${t.externalType} = 'device' and ${t.goneAt} is null and ${t.assetId} is null`),
    narrowTenantPolicy(),
  ],
);
