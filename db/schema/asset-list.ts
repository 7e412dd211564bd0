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

import { assetFindings } from "../../domain/asset-findings";
import { agentStatuses, assets, assetStatuses, assetTypes } from "./assets";
import { instant, narrowTenantPolicy } from "./shared";

export const assetPlatforms = ["windows", "macos", "linux", "other"] as const;
export type AssetPlatform = (typeof assetPlatforms)[number];

/** The bits of `assetList.traits`: whether it is a server, two for the platform, and one for each finding. */
export const traitBits = {
  platform: 1,
  findings: 3,
  /** The first that is free. */
  end: 3 + assetFindings.length,
} as const;

const traits = [
  "(asset_type = 'server')::int",
  `case platform ${assetPlatforms.map((platform, i) => `when '${platform}' then ${i}`).join(" ")} end * ${1 << traitBits.platform}`,
  ...assetFindings.map(
    (finding, i) => `('${finding}' = any(findings))::int * ${1 << (traitBits.findings + i)}`,
  ),
].join(" + ");

/** Whether updates of a current asset are pending; in the words of the list of devices to be patched. */
const isWaiting = (t: Record<"status" | "pendingPatches" | "pendingSince", SQLWrapper>) =>
  sql`${t.status} = 'active' and ${t.pendingPatches} > 0 and ${t.pendingSince} is not null`;

/**
 * What lists of assets are filtered, searched, sorted and counted by: a narrow row for each asset, so that any of it
 * reads one small table. Triggers keep it like `assets`, `asset_details` and the linked devices, in the transaction
 * that changes those; nothing else writes it. No index is over what changes each minute, so that a quiet sync's
 * updates stay within their page.
 */
export const assetList = pgTable(
  "asset_list",
  {
    assetId: uuid("asset_id")
      .primaryKey()
      .references(() => assets.id, { onDelete: "cascade" }),
    tenantId: uuid("tenant_id").notNull(),
    clientId: uuid("client_id"),
    assetType: text("asset_type", { enum: assetTypes }).notNull(),
    status: text("status", { enum: assetStatuses }).notNull(),
    isOverridden: boolean("is_overridden").notNull(),
    needsNoAgent: boolean("needs_no_agent").notNull(),
    /** The name as a sort key, see `natural_key`. So are the other keys; null if there is no value. */
    nameKey: text("name_key").notNull(),
    systemKey: text("system_key"),
    modelKey: text("model_key"),
    userKey: text("user_key"),
    serialKey: text("serial_key"),
    platform: text("platform", { enum: assetPlatforms }).notNull(),
    addressKey: text("address_key"),
    pendingPatches: integer("pending_patches"),
    pendingSince: instant("pending_since"),
    findings: text("findings").array().notNull(),
    /** How full the fullest disk is. */
    diskPercent: smallint("disk_percent"),
    securityScore: smallint("security_score"),
    /** Always empty: `assetTexts` has it, so that whatever is no search reads rows of a third of the size. */
    searchText: text("search_text").notNull(),
    /** Of the device that represents the asset: a listed one before a gone one, then an online one, then the last seen. */
    hasDevice: boolean("has_device").notNull(),
    agentStatus: text("agent_status", { enum: agentStatuses }),
    lastSeenAt: instant("last_seen_at"),
    connectionId: uuid("integration_id"),
    externalGroupId: text("external_group_id"),
    siteId: uuid("site_id"),
    contactId: uuid("contact_id"),
    /** See `assetDetails`. */
    pendingCategories: jsonb("pending_categories").$type<Record<string, number>>(),
    /** What the overview counts by, in one number: to group by several columns takes twice as long. */
    traits: integer("traits").generatedAlwaysAs(sql.raw(traits)),
  },
  (t) => [
    index("asset_list_name_idx").on(t.tenantId, sql`${t.nameKey} collate "C"`, t.assetId),
    index("asset_list_client_idx").on(t.tenantId, t.clientId, sql`${t.nameKey} collate "C"`, t.assetId),
    // Answers the total of an unfiltered list without its rows.
    index("asset_list_status_idx").on(t.tenantId, t.status),
    // Leads from one operating system to the next, so that a choice of them reads no rows in between.
    index("asset_list_system_idx").on(t.tenantId, sql`${t.systemKey} collate "C"`, t.assetId),
    // What is to be patched, by age and by number: counts change at the end of a sweep, and not with its pages.
    index("asset_list_oldest_idx")
      .on(t.tenantId, t.pendingSince, sql`${t.pendingPatches} desc`, t.assetId)
      .where(isWaiting(t)),
    index("asset_list_patched_idx").on(t.tenantId, t.pendingPatches, t.assetId).where(isWaiting(t)),
    // The few that no RMM knows.
    index("asset_list_unmanaged_idx")
      .on(t.tenantId, t.assetId)
      .where(sql`${t.status} = 'active' and not ${t.hasDevice} and not ${t.needsNoAgent}`),
    narrowTenantPolicy(),
  ],
);

/** What a search of assets reads from end to end; kept with `assetList`. */
export const assetTexts = pgTable(
  "asset_texts",
  {
    assetId: uuid("asset_id")
      .primaryKey()
      .references(() => assets.id, { onDelete: "cascade" }),
    tenantId: uuid("tenant_id").notNull(),
    isCurrent: boolean("is_current").notNull(),
    /** As in `assetList`. */
    nameKey: text("name_key").notNull(),
    /**
     * Folded, a line for each: name, serial number, hostname, user, maker and model, system, tags, IP and MAC
     * addresses.
     */
    searchText: text("search_text").notNull(),
  },
  () => [narrowTenantPolicy()],
);

/** Which asset has which tag of the RMM; a trigger keeps it like `system_info`. */
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
