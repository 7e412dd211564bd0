import { sql, type SQLWrapper } from "drizzle-orm";
import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from "drizzle-orm/pg-core";

import { assetFindings, type AssetFinding } from "../../domain/asset-findings";
import { agentStatuses, assets, assetStatuses, assetTypes } from "./assets";
import { instant, narrowTenantPolicy } from "./shared";

/** The platforms that lists of assets distinguish. */
export const assetPlatforms = ["windows", "macos", "linux", "other"] as const;
export type AssetPlatform = (typeof assetPlatforms)[number];

/**
 * The positions of the bits in `assetList.traits`: bit 0 says whether the asset is a server, two bits give the
 * platform, and one bit stands for each finding. The function `asset_list_rows` in the database sets them.
 */
export const traitBits = {
  platform: 1,
  findings: 3,
  /** The first free bit. */
  end: 3 + assetFindings.length,
} as const;

/** The bit of `assetList.traits` that stands for a finding. */
export const findingBit = (finding: AssetFinding): number =>
  1 << (traitBits.findings + assetFindings.indexOf(finding));

/**
 * Whether an active asset has pending updates, worded exactly as the list of devices to be patched words it, so that
 * the planner uses the index.
 */
const isWaiting = (t: Record<"status" | "pendingPatches" | "pendingSince", SQLWrapper>) =>
  sql`${t.status} = 'active' and ${t.pendingPatches} > 0 and ${t.pendingSince} is not null`;

/**
 * A narrow row for each asset, by which lists filter, search, sort and count, so that each of them reads one small
 * table. Triggers keep it in step with `assets`, `asset_details` and the linked devices, in the transaction that
 * changes those; nothing else writes it. No index contains a column that changes each minute, so that a quiet sync's
 * updates stay within their page. The database reads a row up to the last column that a statement asks for, so that
 * those which most lists filter by come first in the table, and the text follows them: one pass of a search reads both.
 */
export const assetList = pgTable(
  "asset_list",
  {
    assetId: uuid("asset_id")
      .primaryKey()
      .references(() => assets.id, { onDelete: "cascade" }),
    tenantId: uuid("tenant_id").notNull(),
    status: text("status", { enum: assetStatuses }).notNull(),
    /**
     * This and the next two columns describe the device that represents the asset: a listed one before a gone one, then
     * an online one, then the one seen last. So do the connection and the group.
     */
    agentStatus: text("agent_status", { enum: agentStatuses }),
    lastSeenAt: instant("last_seen_at"),
    hasDevice: boolean("has_device").notNull(),
    isOverridden: boolean("is_overridden").notNull(),
    needsNoAgent: boolean("needs_no_agent").notNull(),
    clientId: uuid("client_id"),
    assetType: text("asset_type", { enum: assetTypes }).notNull(),
    pendingPatches: integer("pending_patches"),
    pendingSince: instant("pending_since"),
    /** How full the fullest disk is, in percent. */
    diskPercent: smallint("disk_percent"),
    securityScore: smallint("security_score"),
    /**
     * Type, platform and findings in one number, see `traitBits`: the overview groups by it, because grouping by several
     * columns takes twice as long, and lists filter by a finding.
     */
    traits: integer("traits").notNull(),
    platform: text("platform", { enum: assetPlatforms }).notNull(),
    /** The name's sort key, see `natural_key`. The other `…Key` columns are such keys too, null without a value. */
    nameKey: text("name_key").notNull(),
    /**
     * What a search finds, folded, one on each line: name, serial number, hostname, user, maker and model, system, tags,
     * IP and MAC addresses.
     */
    searchText: text("search_text").notNull(),
    connectionId: uuid("integration_id"),
    externalGroupId: text("external_group_id"),
    siteId: uuid("site_id"),
    contactId: uuid("contact_id"),
    systemKey: text("system_key"),
    modelKey: text("model_key"),
    userKey: text("user_key"),
    serialKey: text("serial_key"),
    addressKey: text("address_key"),
    /** As in `assetDetails`. */
    pendingCategories: jsonb("pending_categories").$type<Record<string, number>>(),
  },
  (t) => [
    index("asset_list_name_idx").on(t.tenantId, sql`${t.nameKey} collate "C"`, t.assetId),
    // Lists a client's assets by name, and counts the assets of all clients, and by connection, from the index alone.
    index("asset_list_client_idx").on(
      t.tenantId,
      t.clientId,
      t.status,
      sql`${t.nameKey} collate "C"`,
      t.assetId,
      t.connectionId,
    ),
    // Answers the total of an unfiltered list, and how many assets are online, from the index alone.
    index("asset_list_status_idx").on(t.tenantId, t.status, t.agentStatus),
    // Lets a query jump from one operating system to the next, so that listing the systems reads no rows in between.
    index("asset_list_system_idx").on(t.tenantId, sql`${t.systemKey} collate "C"`, t.assetId),
    // Serve the devices to be patched, by age and by number. The counts change at the end of a sweep, not with each
    // page.
    index("asset_list_oldest_idx")
      .on(t.tenantId, t.pendingSince, sql`${t.pendingPatches} desc`, t.assetId)
      .where(isWaiting(t)),
    index("asset_list_patched_idx").on(t.tenantId, t.pendingPatches, t.assetId).where(isWaiting(t)),
    // Holds the few assets that no RMM knows.
    index("asset_list_unmanaged_idx")
      .on(t.tenantId, t.assetId)
      .where(sql`${t.status} = 'active' and not ${t.hasDevice} and not ${t.needsNoAgent}`),
    narrowTenantPolicy(),
  ],
);

/**
 * The texts of `assetList` once more, with what orders them: a search of nothing but a text reads a third as much here.
 * Triggers keep it in step like `assetList`.
 */
export const assetTexts = pgTable(
  "asset_texts",
  {
    assetId: uuid("asset_id")
      .primaryKey()
      .references(() => assets.id, { onDelete: "cascade" }),
    tenantId: uuid("tenant_id").notNull(),
    isCurrent: boolean("is_current").notNull(),
    nameKey: text("name_key").notNull(),
    searchText: text("search_text").notNull(),
  },
  () => [narrowTenantPolicy()],
);

/** Which asset has which tag of the RMM. A trigger keeps it in step with `system_info`. */
export const assetTags = pgTable(
  "asset_tags",
  {
    tenantId: uuid("tenant_id").notNull(),
    tag: text("tag").notNull(),
    assetId: uuid("asset_id")
      .notNull()
      .references(() => assets.id, { onDelete: "cascade" }),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.tag, t.assetId] }),
    index("asset_tags_asset_idx").on(t.assetId),
    narrowTenantPolicy(),
  ],
);
